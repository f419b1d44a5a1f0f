"""What the administration's history says of the things that happen here."""

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry


@hooks.register("register_log_actions")
def log_actions(actions: LogActionRegistry) -> None:
    actions.register_action("reservations.generate", "枠を作成", "枠を作成しました")
    actions.register_action("reservations.copy", "枠を複写", "前の年の枠を写しました")
    actions.register_action("reservations.limits", "定員を変更", "定員か受付の可否を変えました")
