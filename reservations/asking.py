"""What the answers of an application ask for: which reception, and for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.answers import opened
from applications.facts import facts_of
from applications.models import Application
from formbuilder.expressions.evaluate import Scope, evaluate
from formbuilder.expressions.kinds import Scalar
from formbuilder.expressions.nodes import from_json
from reservations.models import Calendar, Item
from reservations.party import Party, Person, person_key
from reservations.refusals import Refused
from reservations.requirement import NAME


class Unclear(Refused):
    """The answers do not tell (yet) what has to be reserved."""

    message = gettext_noop("予約に必要な項目が、まだ入力されていません。前の画面に戻って入力してください。")


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
    calendar = _calendar(application, required["calendar"]) if required else None
    if required is None or calendar is None:
        raise Unclear(_("予約の受付が、いまありません。担当課へ電話で連絡してください。"))
    engine = application.version.engine
    state = engine.state(opened(application), timezone.localdate())
    items = {item.code: item.pk for item in Item.objects.filter(calendar=calendar)}
    applicant = Person(
        name=facts_of(engine, state.answers).applicant,
        places=_places(_value(required["places"], state.scope)),
        person=_person(required["person"], state.scope),
        items=_items(items, required["items"], state.scope),
    )
    rows = required["rows"]
    others = [_other(rows, row.scope, items) for row in state.rows.get(rows["key"], ())] if rows else []
    party = (applicant, *others)
    known = [person.person for person in party if person.person]
    if len(set(known)) < len(known):
        raise Unclear(_("同じ方が2回入力されています。前の画面に戻って、1人につき1回だけ入力してください。"))
    return Asked(calendar, party)


def _calendar(application: Application, code: str) -> Calendar | None:
    """Of the application's own department: what is booked there is seen by the staff of one and the other."""
    return Calendar.objects.filter(code=code, department=application.department_id).first()


def _other(rows: Mapping[str, Any], scope: Scope, items: Mapping[str, int]) -> Person:
    """Who comes along: a row of the repeated group."""
    name = _value(rows["name"], scope)
    return Person(
        name=name[:200] if isinstance(name, str) else "",
        person=_person(rows["person"], scope),
        items=_items(items, rows["items"], scope),
    )


def _value(formula: Any | None, scope: Scope) -> Scalar:
    return None if formula is None else evaluate(from_json(formula), scope, today=timezone.localdate())


def _places(number: Scalar) -> int:
    if not isinstance(number, Decimal) or number != int(number) or number < 1:
        raise Unclear
    return int(number)


def _person(formula: Any | None, scope: Scope) -> str:
    """Where nobody may book twice, nobody may go unrecognised."""
    if formula is None:
        return ""
    text = _value(formula, scope)
    if not isinstance(text, str) or not text:
        raise Unclear
    return person_key(text)


def _items(items: Mapping[str, int], formulas: Sequence[Any], scope: Scope) -> frozenset[int]:
    """A choice without an item of the same code needs no place of its own."""
    found: set[int] = set()
    for formula in formulas:
        chosen = _value(formula, scope)
        codes = chosen if isinstance(chosen, tuple) else (chosen,)
        found |= {items[code] for code in codes if isinstance(code, str) and code in items}
    return frozenset(found)
