"""Takes over Japan Post's table of postcodes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from formbuilder.japanese import Refused
from formbuilder.japanese.ken_all import read_offices, read_towns, text_of
from formbuilder.japanese.postcode import bundled_offices
from formbuilder.japanese.postcode_table import Entry, replace


class Command(BaseCommand):
    help = (
        "Takes over the table of postcodes from a file that was downloaded from Japan Post: KEN_ALL.CSV or "
        "utf_ken_all.csv, as it is or still as ZIP. What is wrong leaves the old table as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--offices", type=Path, help="JIGYOSYO.CSV; without it, the offices of the package stay")

    def handle(self, *args: Any, **options: Any) -> None:
        entries = self._read(options["file"], read_towns)
        given = options["offices"]
        offices = self._read(given, read_offices) if given else list(bundled_offices())
        replace([*entries, *offices])
        codes = len({entry.code for entry in [*entries, *offices]})
        self.stdout.write(f"郵便番号{codes:,}件を取り込みました（町域{len(entries):,}件、事業所{len(offices):,}件）。")

    def _read(self, path: Path, read: Callable[[str], list[Entry]]) -> list[Entry]:
        try:
            return read(text_of(path.read_bytes()))
        except OSError as problem:
            raise CommandError(f"ファイルを読めません: {problem}") from problem
        except Refused as refused:
            raise CommandError(f"{path.name} を取り込めませんでした。{refused.message}") from refused
