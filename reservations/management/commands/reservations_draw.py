"""Draws lotteries whose time has come, or repeats a draw to see whether it was so."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reservations.lottery.draw import differences, draw, draw_due
from reservations.models import Lottery
from reservations.refusals import Refused


class Command(BaseCommand):
    help = "抽選します。番号を付けなければ、自動で抽選する日時を過ぎたものすべて。--verify で、済んだ抽選を検算します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lottery", nargs="?", type=int, help="抽選の番号")
        parser.add_argument("--verify", action="store_true", help="種と申込みからやり直し、記録と合うかを確かめます")

    def handle(self, *args: Any, **options: Any) -> None:
        number: int | None = options["lottery"]
        if options["verify"]:
            self._verify(number)
        elif number is None:
            self.stdout.write(f"{draw_due()}件の抽選を行いました。")
        else:
            self._draw(number)

    def _draw(self, number: int) -> None:
        try:
            lottery = draw(lottery_id=number)
        except Lottery.DoesNotExist as missing:
            raise CommandError(f"抽選 {number} はありません。") from missing
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"抽選しました: {lottery} （種 {lottery.seed}）")

    def _verify(self, number: int | None) -> None:
        drawn = Lottery.objects.filter(state="drawn").order_by("pk")
        if number is not None:
            drawn = drawn.filter(pk=number)
            if not drawn.exists():
                raise CommandError(f"抽選 {number} は、ないか、まだ抽選していません。")
        found = 0
        for lottery in drawn:
            wrong = list(differences(lottery))
            found += len(wrong)
            self.stdout.write(f"{lottery.pk} {lottery}: {'合っています。' if not wrong else '合いません。'}")
            for sentence in wrong:
                self.stdout.write(f"  {sentence}")
        if found:
            raise CommandError(f"{found}件の食い違いがあります。", returncode=1)
