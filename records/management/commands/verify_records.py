"""Says whether every record is where it was and as it was."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from records.chain import seal, verify

SHOWN = 100


class Command(BaseCommand):
    help = "Checks the chain of history, looks and exports. Exit status 1 when one was changed, removed or added."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--expect", default="", metavar="SEQ:DIGEST", help="the head that an earlier run printed")

    def handle(self, *args: Any, **options: Any) -> None:
        while seal():
            pass
        verdict = verify(options["expect"])
        for problem in verdict.problems[:SHOWN]:
            self.stderr.write(str(problem))
        self.stdout.write(f"{verdict.links:,}件の記録を確かめました。")
        self.stdout.write(f"控え: {verdict.head}")
        if verdict.problems:
            raise CommandError(f"{len(verdict.problems):,}件が合いません。")
