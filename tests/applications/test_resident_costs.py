"""What the resident's pages cost the database: budgets of design §12, and no page that is looked at writes anything."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from formbuilder import engine
from formbuilder.models import FormPage
from tests.applications.residents import ACCOUNT, APPLICANT, ELSEWHERE, STEPS, Resident, leads_to, photo
from tests.support.cast import Cast, make_cast, make_form

STEP_GET, STEP_POST = 4, 8
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
BEGINS = re.compile(r"^\s*(BEGIN|START TRANSACTION)\b", re.IGNORECASE)
TRANSACTION = re.compile(r"^\s*(BEGIN|START|COMMIT|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


class Cost:
    def __init__(self) -> None:
        self.statements: list[str] = []

    @property
    def queries(self) -> list[str]:
        return [sql for sql in self.statements if not TRANSACTION.match(sql)]

    @property
    def writes(self) -> list[str]:
        return [sql for sql in self.queries if WRITES.match(sql)]

    @property
    def transactions(self) -> int:
        return sum(bool(BEGINS.match(sql)) for sql in self.statements)


@contextmanager
def counted() -> Iterator[Cost]:
    cost = Cost()
    with CaptureQueriesContext(connection) as context:
        yield cost
    cost.statements = [query["sql"] for query in context.captured_queries]


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.get("1")  # the process has met the version
    return resident


def drafted(resident: Resident) -> None:
    resident.fill("1", APPLICANT)


def halted(resident: Resident) -> None:
    resident.fill("1", {**APPLICANT, "住所": ELSEWHERE})


def complete(resident: Resident) -> None:
    resident.reaches_check()


def declared(resident: Resident) -> None:
    resident.reaches_check()
    resident.declare()


def closed(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    resident.form.unpublish()


def nothing(_: Resident) -> None:
    return None


@pytest.mark.parametrize("before", [nothing, drafted, halted, complete, declared, closed])
def test_looking_at_a_page_writes_nothing(resident: Resident, before: Callable[[Resident], None]) -> None:
    before(resident)
    for place in ("", "1", "2", "3", "check", "stop", "done", "new", "update"):
        with counted() as cost:
            response = resident.get(place)
        assert response.status_code in (200, 302, 410), place
        assert cost.writes == [], place


@pytest.mark.parametrize("before", [nothing, complete])
@pytest.mark.parametrize("step", ["1", "2", "3"])
def test_a_step_page_stays_within_its_budget(resident: Resident, before: Callable[[Resident], None], step: str) -> None:
    before(resident)
    with counted() as cost:
        resident.get(step)
    assert len(cost.queries) <= STEP_GET, cost.queries


def test_a_first_visit_stays_within_the_budget_even_for_a_process_that_never_met_the_form(form: FormPage) -> None:
    engine._engines.clear()
    with counted() as cost:
        assert Resident(form).get("1").status_code == 200
    assert len(cost.queries) <= STEP_GET, cost.queries


@pytest.mark.django_db(transaction=True)
def test_sending_a_step_stays_within_its_budget_and_writes_in_one_transaction() -> None:
    resident = Resident(make_form(make_cast().children, steps=STEPS))
    resident.get("1")
    sent: list[Callable[[], object]] = [
        lambda: resident.fill("1", APPLICANT),  # begins the draft
        lambda: resident.fill("1", {**APPLICANT, "メール": "other@example.jp"}),
        lambda: resident.fill("1", {**APPLICANT, "メール": "まちがい"}),
        lambda: resident.fill("1", APPLICANT, action="back"),
        lambda: resident.fill("2", {"多胎": False}, action="goto:1"),
        lambda: resident.fill("3", {"受取方法": "koukin"}),
    ]
    for send in sent:
        with counted() as cost:
            send()
        assert len(cost.queries) <= STEP_POST, cost.queries
        assert len(cost.writes) == 1, cost.statements
        assert cost.transactions <= 1, cost.statements


@pytest.mark.django_db(transaction=True)
def test_sending_what_is_there_already_writes_nothing() -> None:
    resident = Resident(make_form(make_cast().children, steps=STEPS))
    resident.fill("1", APPLICANT)
    with counted() as cost:
        resident.fill("1", APPLICANT)
    assert cost.writes == []


def test_a_step_with_files_costs_no_more_for_more_files(resident: Resident) -> None:
    resident.fill("1", APPLICANT)
    costs = []
    for colors in (["red"], ["blue"]):
        resident.fill("2", {"多胎": False, "表紙": [photo(f"{color}.jpg", color) for color in colors]})
        with counted() as cost:
            resident.get("2")
        costs.append(len(cost.queries))
    assert costs[0] == costs[1] <= STEP_GET


def test_the_check_page_asks_the_same_number_of_questions_however_much_there_is(resident: Resident) -> None:
    resident.reaches_check()
    with counted() as short:
        resident.get("check")
    resident.fill("2", {"多胎": True, "胎児の数": "2", "表紙": [photo("二.jpg", "blue")]})
    resident.fill("3", {"受取方法": "shitei", "口座": ACCOUNT, "通帳": [photo("三.jpg", "green")], "備考": "x"})
    with counted() as long:
        assert leads_to(resident.get()) == "check"
        resident.get("check")
    assert len(long.queries) == len(short.queries) + 1  # the redirect's own look at the draft


def test_declaring_costs_the_same_whatever_was_answered(resident: Resident) -> None:
    resident.reaches_check()
    with counted() as cost:
        resident.declare()
    assert len(cost.queries) <= 6, cost.queries  # row, files that were not shown (2), row, events, deliveries
