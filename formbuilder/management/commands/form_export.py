"""Writes a form as a JSON file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from formbuilder.exporting import export_form
from formbuilder.models import FormPage
from formbuilder.package import SCHEMA


class Command(BaseCommand):
    help = "Writes the form with this code (its latest draft, or --live) as JSON to a file, or to standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", default="")
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--schema", action="store_true", help="the JSON schema of such a file, in place of a form")
        parser.add_argument("--live", action="store_true", help="the published form, not its latest draft")

    def handle(self, *args: Any, **options: Any) -> None:
        content = SCHEMA if options["schema"] else export_form(_page(options["code"], live=options["live"]))
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        if not options["file"]:
            self.stdout.write(text, ending="")
            return
        try:
            options["file"].write_text(text, encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"ファイルに書けません: {problem}") from problem


def _page(code: str, *, live: bool) -> FormPage:
    page = FormPage.objects.filter(code=code).first()
    if page is None:
        raise CommandError(f"申請フォーム「{code}」がありません。")
    if live and not page.live:
        raise CommandError(f"申請フォーム「{code}」は公開されていません。")
    return page if live else page.get_latest_revision_as_object()
