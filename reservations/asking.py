"""What the answers of an application ask for: which reception, and for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.answers import opened
from applications.facts import facts_of
from applications.models import Application
from formbuilder.expressions.evaluate import evaluate
from formbuilder.expressions.kinds import Scalar
from formbuilder.expressions.nodes import from_json
from formbuilder.runtime import State
from reservations.models import Calendar, Item
from reservations.party import Party, Person, person_key
from reservations.refusals import Refused
from reservations.requirement import NAME


class Unclear(Refused):
    """The answers do not tell (yet) what has to be reserved."""

    message = "予約に必要な項目が、まだ入力されていません。前の画面に戻って入力してください。"


@dataclass(frozen=True, slots=True)
class Asked:
    calendar: Calendar
    party: Party


def requirement_of(application: Application) -> Mapping[str, Any] | None:
    """What the editor set, None where the form asks for no place."""
    found: Mapping[str, Any] | None = application.version.engine.definition.requires.get(NAME)
    return found


def asked(application: Application) -> Asked:
    """Raises Unclear."""
    required = requirement_of(application)
    calendar = Calendar.objects.filter(code=required["calendar"]).first() if required else None
    if required is None or calendar is None:
        raise Unclear("予約の受付が、いまありません。担当課へ電話で連絡してください。")
    engine = application.version.engine
    state = engine.state(opened(application), timezone.localdate())
    person = Person(
        name=facts_of(engine, state.answers).applicant,
        places=_places(_value(required["places"], state)),
        person=_person(required["person"], state),
        items=_items(calendar, _value(required["items"], state)),
    )
    return Asked(calendar, (person,))


def _value(formula: Any | None, state: State) -> Scalar:
    return None if formula is None else evaluate(from_json(formula), state.scope, today=timezone.localdate())


def _places(number: Scalar) -> int:
    if not isinstance(number, Decimal) or number != int(number) or number < 1:
        raise Unclear
    return int(number)


def _person(formula: Any | None, state: State) -> str:
    """Where nobody may book twice, nobody may go unrecognised."""
    if formula is None:
        return ""
    text = _value(formula, state)
    if not isinstance(text, str) or not text:
        raise Unclear
    return person_key(text)


def _items(calendar: Calendar, chosen: Scalar) -> frozenset[int]:
    """A choice without an item of the same code needs no place of its own."""
    codes = chosen if isinstance(chosen, tuple) else (chosen,)
    wanted = [code for code in codes if isinstance(code, str)]
    found = Item.objects.filter(calendar=calendar, code__in=wanted) if wanted else Item.objects.none()
    return frozenset(found.values_list("pk", flat=True))
