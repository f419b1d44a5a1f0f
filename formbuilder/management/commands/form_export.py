"""Writes a form as a JSON file."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from formbuilder.exporting import export_form
from formbuilder.models import FormPage


class Command(BaseCommand):
    help = "Writes the form with this code (its latest draft, or --live) as JSON to a file, or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--live", action="store_true", help="the published form, not its latest draft")

    def handle(self, *args: Any, **options: Any) -> None:
        page = FormPage.objects.filter(code=options["code"]).first()
        if page is None:
            raise CommandError(f"申請フォーム「{options['code']}」がありません。")
        page = page if options["live"] else page.get_latest_revision_as_object()
        text = json.dumps(export_form(page), ensure_ascii=False, indent=2) + "\n"
        if options["file"]:
            options["file"].write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
