"""Compares payments and refunds with Stripe's, and tells every difference."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments.providers import Rejected, Unreachable
from payments.reconcile import differences
from payments.stripe_provider import asking, listed_intents, listed_refunds

DAYS = 90


class Command(BaseCommand):
    help = "Compares payments and refunds with Stripe's. Ends with 1 when something differs; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"how far to look back ({DAYS})")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now() - timedelta(days=max(1, options["days"]))
        compare = asking(lambda: list(differences(since, listed_intents(since), listed_refunds(since))))
        try:
            found = compare()
        except (Unreachable, Rejected) as problem:
            raise CommandError(
                f"Stripeに確かめられませんでした（{problem}）。設定とネットワークを確かめてください。"
            ) from None
        for line in found:
            self.stdout.write(line)
        if found:
            raise SystemExit(1)
        self.stdout.write("違いはありません。")
