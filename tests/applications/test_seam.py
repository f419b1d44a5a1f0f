"""A gate, a requirement and a subscriber plug in through the three settings lists, without an edit in the core."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from applications import gates, outbox, subscribers
from applications.answers import opened
from applications.lifecycle import NotAllowed, advance, declare, move
from applications.listing import day_of
from applications.models import Application, Delivery, DeliveryState, Event
from applications.status import Action, Status
from formbuilder import requirements
from formbuilder.blocks import requirements_block
from formbuilder.models import FormPage
from formbuilder.package import PackageRefused
from tests.support.cast import SOMEBODY, USUAL_STEPS, Cast, draft, item, key_of, load_form, when
from tests.support.seam import CompletionStampGate, NotingSubscriber, StampGate


@pytest.fixture
def seam(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test's own gate, requirement and subscriber, listed as any app's would be."""
    settings.APPLICATION_GATES = ["tests.support.seam.StampGate", "tests.support.seam.CompletionStampGate"]
    settings.FORM_REQUIREMENTS = ["tests.support.seam.StampRequirement"]
    settings.APPLICATION_SUBSCRIBERS = ["tests.support.seam.NotingSubscriber"]
    _forget()
    # the editor's blocks are made when the models are loaded; here the list changed later
    monkeypatch.setattr(FormPage._meta.get_field("requires"), "stream_block", requirements_block())
    yield
    _forget()


def _forget() -> None:
    for registry in (gates.gates, subscribers.subscribers, requirements.requirements):
        registry.cache_clear()
    StampGate.stamped.clear()
    CompletionStampGate.stamped.clear()
    NotingSubscriber.heard.clear()
    NotingSubscriber.failures = 0


def stamped_form(cast: Cast, stamps: int = 1) -> FormPage:
    """A form whose editor asks for stamps."""
    data = {
        "format": "madoguchi-form",
        "version": 1,
        "form": {"title": "押印の要る手続", "code": "stamped"},
        "steps": [{"id": key_of(title), "title": title, "fields": items} for title, items in USUAL_STEPS.items()],
        "requires": [{"id": "stamp1", "type": "stamp", "settings": {"stamps": stamps}}],
    }
    return load_form(data, cast.children)


def test_a_requirement_is_pinned_with_the_version(seam: None, cast: Cast) -> None:
    form = stamped_form(cast, stamps=2)
    assert draft(form).version.engine.definition.requires == {"stamp": {"stamps": 2}}


def test_a_requirement_that_makes_no_sense_is_refused_at_publish(seam: None, cast: Cast) -> None:
    with pytest.raises(PackageRefused, match="1以上"):
        stamped_form(cast, stamps=0)
    assert not FormPage.objects.filter(code="stamped").exists()


def test_a_closed_gate_keeps_the_application_from_arriving(seam: None, cast: Cast) -> None:
    application = draft(stamped_form(cast))
    application = declare(application.pk, revision=application.revision)
    assert application.status == Status.PENDING
    assert application.reference is None
    assert application.received_at is None


def test_an_application_arrives_once_its_gate_opens_however_often_it_is_asked(seam: None, cast: Cast) -> None:
    application = draft(stamped_form(cast, stamps=2))
    declare(application.pk, revision=application.revision)
    for stamps in (1, 2, 3):
        StampGate.stamped[application.pk] = stamps
        application = advance(application.pk)
        assert (application.status == Status.SUBMITTED) is (stamps >= 2)
    first = application.reference
    assert advance(application.pk).reference == first
    assert Event.objects.filter(application=application, kind=Action.ARRIVE).count() == 1


def test_a_gate_is_not_asked_where_the_editor_did_not_ask_for_it(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    assert declare(application.pk, revision=application.revision).status == Status.SUBMITTED


def test_the_resident_is_sent_to_the_closed_gate_and_comes_back_to_the_receipt(
    seam: None, cast: Cast, client: Client
) -> None:
    stamped_form(cast)
    first, second = (list(items) for items in USUAL_STEPS.values())
    boxes = {
        f"f-{first[0]['id']}-family": "見本",
        f"f-{first[0]['id']}-given": "花子",
        f"f-{first[1]['id']}-family": "ミホン",
        f"f-{first[1]['id']}-given": "ハナコ",
    }
    client.post("/apply/stamped/1/", boxes)
    client.post("/apply/stamped/2/", {f"f-{second[0]['id']}": "とくになし"})
    application = Application.objects.get()
    client.post("/apply/stamped/check/", {"revision": application.revision})
    assert client.get("/apply/stamped/done/").headers["Location"] == f"/stamp/{application.public_id}/"
    StampGate.stamped[application.pk] = 1
    page = client.get("/apply/stamped/done/")
    application.refresh_from_db()
    assert application.reference
    assert application.reference in page.content.decode()


def test_a_gate_at_completion_holds_up_the_end_and_nothing_before(seam: None, cast: Cast) -> None:
    application = draft(stamped_form(cast))
    StampGate.stamped[application.pk] = 1
    declare(application.pk, revision=application.revision)
    move(application.pk, Action.REVIEW)
    move(application.pk, Action.APPROVE)
    with pytest.raises(NotAllowed, match="completion"):
        move(application.pk, Action.COMPLETE)
    assert advance(application.pk).status == Status.APPROVED
    CompletionStampGate.stamped[application.pk] = 1
    assert advance(application.pk).status == Status.COMPLETED


def test_a_subscriber_hears_what_it_wants_after_it_is_committed(seam: None, cast: Cast) -> None:
    application = draft(cast.form, SOMEBODY)
    declare(application.pk, revision=application.revision)
    assert NotingSubscriber.heard == []
    outbox.deliver_due()
    assert NotingSubscriber.heard == [(application.pk, "declared"), (application.pk, "arrived")]
    assert outbox.deliver_due() == 0


def test_a_delivery_that_fails_is_tried_again_later_and_stops_no_other(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    NotingSubscriber.failures = 1
    outbox.deliver_due()
    assert NotingSubscriber.heard == [(application.pk, "arrived")]
    waiting = Delivery.objects.get(state=DeliveryState.WAITING)
    assert waiting.last_error == "ConnectionError"  # not its text: it may hold an address or an answer
    assert waiting.due_at > timezone.now() + timedelta(seconds=30)
    Delivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
    outbox.deliver_due()
    assert (application.pk, "declared") in NotingSubscriber.heard


def test_a_delivery_that_always_fails_ends_on_the_list_of_the_dead_and_can_be_revived(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    Delivery.objects.exclude(event__kind="arrived").delete()
    NotingSubscriber.failures = 100
    for _ in range(len(outbox.BACKOFF) + 1):
        Delivery.objects.update(due_at=timezone.now())
        outbox.deliver_due()
    dead = Delivery.objects.get()
    assert dead.state == DeliveryState.DEAD
    assert outbox.deliver_due() == 0
    NotingSubscriber.failures = 0
    assert outbox.retry(dead.pk)
    assert not outbox.retry(dead.pk)
    outbox.deliver_due()
    assert NotingSubscriber.heard == [(application.pk, "arrived")]


def test_a_worker_that_dies_holds_its_delivery_no_longer_than_the_lease(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    claimed = outbox._claim()
    assert claimed is not None  # and here the worker is killed
    assert outbox.deliver_due() == 1  # the other event only
    Delivery.objects.filter(pk=claimed.pk).update(due_at=timezone.now())  # five minutes later
    outbox.deliver_due()
    assert sorted(NotingSubscriber.heard) == [(application.pk, "arrived"), (application.pk, "declared")]


def test_a_subscriber_that_is_no_longer_listed_leaves_its_deliveries_visible(
    seam: None, cast: Cast, settings: Settings
) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    settings.APPLICATION_SUBSCRIBERS = []
    subscribers.subscribers.cache_clear()
    outbox.deliver_due()
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.WAITING}
    assert Delivery.objects.earliest("pk").last_error == "LookupError"


def test_a_worker_that_comes_back_late_does_not_undo_what_another_did(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    Delivery.objects.exclude(event__kind="arrived").delete()
    late = outbox._claim()
    assert late is not None
    Delivery.objects.update(due_at=timezone.now())  # its lease is over
    outbox.deliver_due()
    outbox._failed(late, ConnectionError("late"))
    assert Delivery.objects.get().state == DeliveryState.DELIVERED
    assert outbox.deliver_due() == 0
    assert NotingSubscriber.heard == [(application.pk, "arrived")]


def test_a_delivery_that_takes_its_worker_down_every_time_ends_among_the_dead(seam: None, cast: Cast) -> None:
    application = draft(cast.form)
    declare(application.pk, revision=application.revision)
    for _ in range(len(outbox.BACKOFF) + 1):
        Delivery.objects.update(due_at=timezone.now())
        while outbox._claim():  # and never a word again
            pass
    Delivery.objects.update(due_at=timezone.now())
    assert outbox.deliver_due() == 0
    assert {delivery.state for delivery in Delivery.objects.all()} == {DeliveryState.DEAD}


def test_a_form_is_read_as_it_was_on_the_day_of_the_declaration(seam: None, cast: Cast) -> None:
    """However many days a gate stayed closed: 17 when declared stays 17."""
    birth = timezone.localdate().replace(year=timezone.localdate().year - 18) + timedelta(days=1)
    steps = [
        item("date", "生年月日"),
        item("computed", "年齢", formula="=年齢(［生年月日］)"),
        item("text", "保護者", condition=when("年齢", "lt", "18")),
    ]
    data = {
        "format": "madoguchi-form",
        "version": 1,
        "form": {"title": "年齢で変わる手続", "code": "age"},
        "steps": [{"id": "one", "title": "申請者", "fields": steps}],
        "requires": [{"id": "stamp1", "type": "stamp", "settings": {"stamps": 1}}],
    }
    form = load_form(data, cast.children)
    application = draft(form, {"生年月日": birth.isoformat(), "保護者": "親の名前"})
    declare(application.pk, revision=application.revision)
    StampGate.stamped[application.pk] = 1
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        application = advance(application.pk)
        state = application.version.engine.state(opened(application), day_of(application))
    assert state.answers[key_of("年齢")] == "17"
    assert state.answers[key_of("保護者")] == "親の名前"
