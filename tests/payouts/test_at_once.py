"""Two clerks in the same moment: nobody is in two batches, and one person is not paid by both."""

from functools import partial

import pytest

from formbuilder.models import FormPage
from payouts import lifecycle
from payouts import results as results_of_the_bank
from payouts.lifecycle import NotPossible
from payouts.models import Batch, Row, Source
from payouts.settling import settle
from payouts.status import CLAIMING, RowState
from tests.payouts.scene import approved, fresh, lines, make_batch, make_payout_form, person
from tests.payouts.test_paying_out import at_pay_day
from tests.reservations.scene import at_once
from tests.support.cast import Cast

MANY = 4


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> None:
    """Everybody has a connection of their own."""


def test_batches_made_at_once_share_nobody(cast: Cast, form: FormPage, source: Source) -> None:
    people = [approved(form, person(number)) for number in range(6)]
    results = at_once([partial(make_batch, source, cast.officer)] * MANY)
    made = [each for each in results if isinstance(each, Batch)]
    assert len(made) == 1 and all(isinstance(each, Batch | NotPossible) for each in results)
    claimed = Row.objects.filter(state__in=CLAIMING).values_list("application", flat=True)
    assert sorted(claimed) == sorted(each.pk for each in people)


def test_one_person_in_two_forms_is_seen_by_whoever_is_second(cast: Cast, form: FormPage, source: Source) -> None:
    other = make_payout_form(cast.children, "gift-2")
    approved(form, person(1))
    first = make_batch(source, cast.officer)
    approved(other, person(1))
    second = make_batch(source, cast.officer)
    assert first.rows.get().state == RowState.LISTED and second.rows.get().state == RowState.HELD


def test_a_file_is_approved_once_and_results_are_told_once(cast: Cast, form: FormPage, source: Source) -> None:
    application = approved(form)
    batch = make_batch(source, cast.officer)
    lifecycle.freeze(batch.pk, actor=cast.officer)
    approve = partial(lifecycle.approve, batch.pk, actor=cast.approver, digest=fresh(batch).digest)
    results = at_once([approve] * MANY)
    assert sum(each is None for each in results) == 1
    lifecycle.take(batch.pk, actor=cast.officer)
    lifecycle.mark_sent(batch.pk, actor=cast.officer)
    with at_pay_day(batch):
        results_of_the_bank.apply(batch.pk, lines((application, "振込済", "")), actor=cast.officer)
        at_once([settle] * MANY)
    assert [event.kind for event in application.events.all()].count("payout_paid") == 1
    assert [event.kind for event in application.events.all()].count("completed") == 1
