"""配信: what administrators see of the outbox."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Delivery, DeliveryState
from outreach.subscriber import ResidentMail
from tests.support.cast import Cast, submit


@pytest.fixture
def delivery(cast: Cast, client: Client) -> Delivery:
    """A dead one, of the confirmation mail to a resident."""
    application = submit(
        cast.form,
        {
            "氏名": {"family": "見本", "given": "花子"},
            "フリガナ": {"family": "ミホン", "given": "ハナコ"},
            "メールアドレス": "hanako@example.jp",
        },
    )
    client.force_login(cast.admin)
    dead = Delivery.objects.get(event__application=application, subscriber=ResidentMail.name)
    dead.state, dead.attempts = DeliveryState.DEAD, 8
    dead.last_error = "SMTPRecipientsRefused: {'hanako@example.jp': (550, b'unknown')}"
    dead.save()
    return dead


def test_what_could_not_be_delivered_is_listed_with_its_cause(delivery: Delivery, client: Client) -> None:
    html = client.get(reverse("deliveries:list")).content.decode()
    for shown in ("配信できなかったものが1件あります", "受付", delivery.subscriber, "8回", "SMTPRecipientsRefused"):
        assert shown in html


def test_nobodys_personal_data_is_in_the_list(delivery: Delivery, client: Client) -> None:
    html = client.get(reverse("deliveries:list")).content.decode()
    application = delivery.event.application
    for hidden in ("hanako@example.jp", "見本 花子", str(application.reference), application.public_id):
        assert hidden not in html


def test_a_dead_delivery_is_put_back_into_the_queue(delivery: Delivery, client: Client) -> None:
    address = reverse("deliveries:retry", args=(delivery.pk,))
    assert address in client.get(reverse("deliveries:list")).content.decode()
    assert "もう一度、配信します。" in client.post(address, follow=True).content.decode()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 0)
    assert "すでに再送待ちか配信済です" in client.post(address, follow=True).content.decode()


def test_all_dead_deliveries_are_put_back_at_once(delivery: Delivery, client: Client) -> None:
    assert "1件を、もう一度配信します。" in client.post(reverse("deliveries:retry_all"), follow=True).content.decode()
    assert not Delivery.objects.filter(state=DeliveryState.DEAD).exists()


def test_an_empty_outbox_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.admin)
    assert (
        "配信待ちのものも、配信できなかったものもありません" in client.get(reverse("deliveries:list")).content.decode()
    )


def test_looking_changes_nothing(delivery: Delivery, client: Client) -> None:
    for address in (reverse("deliveries:retry_all"), reverse("deliveries:retry", args=(delivery.pk,))):
        assert client.get(address).status_code == 405
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.DEAD


def test_only_administrators_may_look_or_retry(delivery: Delivery, cast: Cast, client: Client) -> None:
    for user in (cast.officer, cast.auditor, cast.publisher):
        client.force_login(user)
        assert client.get(reverse("deliveries:list")).status_code == 302
        assert client.post(reverse("deliveries:retry", args=(delivery.pk,))).status_code == 302
        assert client.post(reverse("deliveries:retry_all")).status_code == 302
        assert reverse("deliveries:list") not in client.get(reverse("wagtailadmin_home")).content.decode()
    assert Delivery.objects.get(pk=delivery.pk).state == DeliveryState.DEAD
