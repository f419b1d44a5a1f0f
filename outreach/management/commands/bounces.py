"""Takes mails that came back: from stdin, as a mail server hands them over, or from a Maildir folder."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from outreach.bounces import LABELS, LARGEST, Outcome, read_maildir, take
from outreach.models import BounceTally

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and comes back


class Command(BaseCommand):
    help = "届かなかったメールの知らせを読み込みます（標準入力から1通、または Maildir から全部）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--recipient", default="", help="封筒の宛先（Postfix の ${original_recipient} など）")
        parser.add_argument("--maildir", default="", help="Maildir のフォルダー。読んだものは消します")
        parser.add_argument("--show", action="store_true", help="これまでの件数を表示します")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show"]:
            counts = dict(BounceTally.objects.values_list("outcome", "count"))
            for outcome in Outcome:
                self.stdout.write(f"{LABELS[outcome]}: {counts.get(outcome, 0):,}")
            return
        try:
            if options["maildir"]:
                self.stdout.write(f"{read_maildir(options['maildir'])}通を読み込みました。")
            else:
                take(sys.stdin.buffer.read(LARGEST), options["recipient"])
        except Error as problem:
            raise CommandError("データベースに書けません。", returncode=TRY_AGAIN) from problem
