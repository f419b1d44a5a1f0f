"""Takes a form from a JSON file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.models import DepartmentPage
from formbuilder.importing import import_form
from formbuilder.package import PackageRefused, parse_package


class Command(BaseCommand):
    help = "Takes a form from a JSON file as a new draft of the form with its code; makes the form if there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--department", required=True, help="code of the department (所管課の識別名)")
        parser.add_argument("--publish", action="store_true", help="publish at once")

    def handle(self, *args: Any, **options: Any) -> None:
        section = DepartmentPage.objects.filter(department__code=options["department"]).first()
        if section is None:
            raise CommandError(f"識別名「{options['department']}」の所管課のページがありません。")
        try:
            data = parse_package(options["file"].read_bytes())
            page = import_form(data, section=section, publish=options["publish"])
        except OSError as problem:
            raise CommandError(f"ファイルを読めません: {problem}") from problem
        except PackageRefused as refused:
            raise CommandError("\n".join(["取り込めませんでした。", *refused.problems])) from refused
        done = "公開" if options["publish"] else "下書きとして保存"
        self.stdout.write(f"{page.title}（{page.start_url}）を{done}しました。")
