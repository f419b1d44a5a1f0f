"""Compares every counter of the reservations with the bookings."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reservations.invariant import problems


class Command(BaseCommand):
    help = "予約の定員の数が予約の合計と合っているかを確かめます。合わなければ、内容を示して 1 で終わります。"

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for sentence in problems():
            found += 1
            self.stdout.write(sentence)
        if found:
            raise CommandError(f"{found}件の食い違いがあります。", returncode=1)
        self.stdout.write("食い違いはありません。")
