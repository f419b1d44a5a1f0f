"""How a change of a reception's rules reads in Wagtail's history."""

from typing import Any

from wagtail.log_actions import LogFormatter


class RulesFormatter(LogFormatter):
    label = "予約の設定を変更"
    message = "予約の設定を変えました"

    def format_message(self, log_entry: Any) -> str:
        return log_entry.data.get("what") or self.message
