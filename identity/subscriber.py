"""Hears how an application ended: the same person may apply again, and what nobody came back to is forgotten."""

from typing import ClassVar

from applications.models import Event
from applications.status import Action
from identity.services import forget, give_up_turn


class IdentitySubscriber:
    name = "identity"
    kinds: ClassVar = frozenset({str(Action.WITHDRAW), str(Action.REJECT), str(Action.EXPIRE)})

    def deliver(self, event: Event) -> None:
        if event.kind == Action.EXPIRE:
            forget(event.application_id)
        else:
            give_up_turn(event.application_id)
