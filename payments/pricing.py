"""What the answers cost. Pure: the editor's settings, a state of the form and a day; nothing is asked or written."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from formbuilder.engine import Engine
from formbuilder.expressions.evaluate import Scope, evaluate
from formbuilder.expressions.nodes import from_json, references
from formbuilder.runtime import State

MOST = 99_999_999  # yen, the most that Stripe takes; a fee that comes to more is a slip, which an officer corrects


@dataclass(frozen=True, slots=True)
class Line:
    """Whole yen, and a whole number of them: price times quantity is exactly the amount."""

    label: str
    price: int
    quantity: int

    @property
    def amount(self) -> int:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Price:
    """lines: without those of nothing; exemption: why none of it is claimed, "" when it is."""

    lines: tuple[Line, ...]
    exemption: str
    inputs: Mapping[str, str]

    @property
    def total(self) -> int:
        return 0 if self.exemption else total_of(self.lines)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """As they are kept."""
        return [asdict(line) for line in self.lines]


def total_of(lines: tuple[Line, ...]) -> int:
    return min(MOST, sum(line.amount for line in lines))


def lines_of(rows: list[dict[str, Any]]) -> tuple[Line, ...]:
    """As they were kept."""
    return tuple(Line(row["label"], row["price"], row["quantity"]) for row in rows)


def price(wanted: Mapping[str, Any], engine: Engine, state: State, today: date) -> Price:
    """wanted: what PaymentRequirement compiled."""
    lines = (_line(row, state.scope, today) for row in wanted["lines"])
    holding = (row["reason"] for row in wanted["exemptions"] if _value(row["holds"], state.scope, today) is True)
    return Price(tuple(line for line in lines if line.amount), next(holding, ""), dict(_inputs(wanted, engine, state)))


def _line(row: Mapping[str, Any], scope: Scope, today: date) -> Line:
    """A part of a yen is dropped; what is blank or less than nothing is nothing."""
    each, number = _number(row["price"], scope, today), _number(row["quantity"], scope, today)
    if each == int(each) and number == int(number):
        return Line(row["label"], int(each), int(number))
    return Line(row["label"], _whole(each * number), 1)


def _number(formula: Any, scope: Scope, today: date) -> Decimal:
    value = _value(formula, scope, today)
    return min(Decimal(MOST), max(Decimal(0), value)) if isinstance(value, Decimal) else Decimal(0)


def _whole(number: Decimal) -> int:
    return min(MOST, int(number.to_integral_value(rounding=ROUND_FLOOR)))


def _value(formula: Any, scope: Scope, today: date) -> Any:
    return evaluate(from_json(formula), scope, today=today)


def _inputs(wanted: Mapping[str, Any], engine: Engine, state: State) -> Iterator[tuple[str, str]]:
    """The items that the formulas look at, in words; of a sensitive one, nothing."""
    formulas = [row[part] for row in wanted["lines"] for part in ("price", "quantity")]
    formulas += [row["holds"] for row in wanted["exemptions"]]
    looked_at = {key for formula in formulas for key, _ in references(from_json(formula))}
    for key, field in engine.fields.items():
        if key in looked_at and key in state.answers and not field.definition.holds_sensitive:
            yield field.definition.name, field.type.display(field.definition, state.answers[key])
