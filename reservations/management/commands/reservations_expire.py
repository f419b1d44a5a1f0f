"""Ends holds whose time is over; for cron, once a minute."""

from typing import Any

from django.core.management.base import BaseCommand

from reservations.expiry import expire_holds


class Command(BaseCommand):
    help = "期限の過ぎた仮押さえを手放します。1分ごとに動かしてください。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{expire_holds()}件の仮押さえを手放しました。")
