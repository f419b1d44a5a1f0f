"""定期出力 in the admin: made for each place, changed, run now, stopped, by who may export for the department."""

from typing import Any

import asyncssh
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from exports.models import ExportTemplate
from exports.schedules.models import PlaceKind, Run, RunState, Schedule
from tests.support.cast import Cast

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
SFTP = {"host": "sftp.example.jp", "port": "22", "user": "madoguchi", "path": "in", "host_key": HOST_KEY}
S3 = {"endpoint": "https://203.0.114.5", "region": "jp-1", "bucket": "mihon", "folder": "", "access_key": "AKIA"}
WHERE = {
    "mail": {},
    "folder": {"folder": "基幹"},
    "sftp": {**SFTP, "secret": "himitsu"},
    "s3": {**S3, "secret": "himitsu"},
}


@pytest.fixture(autouse=True)
def root(settings: Settings) -> None:
    settings.EXPORT_ROOT = "/nowhere"


@pytest.fixture
def template(cast: Cast) -> ExportTemplate:
    return ExportTemplate.objects.create(
        name="基幹へ", department=cast.children, user=cast.officer, forms=[cast.form.pk], shared=True
    )


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.officer)
    return client


def data(of: ExportTemplate, place: str, **more: Any) -> dict[str, Any]:
    when = {"span": "all", "every": "day", "at": "08:00", "weekday": "0", "day": "1"}
    return {"name": "毎朝", "template": of.pk, **when, **WHERE[place], **more}


def make(client: Client, template: ExportTemplate, place: str = "mail") -> Schedule:
    response = client.post(reverse("exports:new_schedule_to", args=[place]), data(template, place))
    assert response.status_code == 302, response.content.decode()
    return Schedule.objects.latest("pk")


@pytest.mark.parametrize("place", WHERE)
def test_one_is_made_for_each_place_and_shows_no_secret(
    cast: Cast, desk: Client, template: ExportTemplate, place: str
) -> None:
    assert (
        reverse("exports:new_schedule_to", args=[place]) in desk.get(reverse("exports:new_schedule")).content.decode()
    )
    assert desk.get(reverse("exports:new_schedule_to", args=[place])).status_code == 200
    schedule = make(desk, template, place)
    assert (schedule.user, schedule.department) == (cast.officer, cast.children)
    assert schedule.next_at > timezone.now()
    for name in ("exports:schedule", "exports:edit_schedule"):
        page = desk.get(reverse(name, args=[schedule.public_id])).content.decode()
        assert "毎朝" in page and "himitsu" not in page
    assert "毎日 08:00" in desk.get(reverse("exports:schedules")).content.decode()


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("mail", {"name": ""}),
        ("mail", {"at": "25:00"}),
        ("mail", {"every": "year"}),
        ("mail", {"day": "32"}),
        ("mail", {"template": 999}),
        ("folder", {"folder": "../x"}),
        ("folder", {"folder": "a\n"}),
        ("sftp", {"host_key": "ssh-ed25519 x"}),
        ("sftp", {"host": "a b"}),
        ("sftp", {"secret": "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----"}),
        ("sftp", {"secret": ""}),
        ("s3", {"endpoint": "http://203.0.114.5"}),
        ("s3", {"endpoint": "https://10.0.0.1"}),
        ("s3", {"bucket": "A/B"}),
    ],
)
def test_what_cannot_work_is_not_kept(desk: Client, template: ExportTemplate, place: str, more: dict[str, Any]) -> None:
    response = desk.post(reverse("exports:new_schedule_to", args=[place]), data(template, place, **more))
    assert response.status_code == 400 and not Schedule.objects.exists()


def test_a_private_key_is_taken(desk: Client, template: ExportTemplate) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    sent = data(template, "sftp", secret=key)
    assert desk.post(reverse("exports:new_schedule_to", args=["sftp"]), sent).status_code == 302


def test_a_folder_is_offered_only_where_the_operator_has_named_a_root(desk: Client, settings: Settings) -> None:
    settings.EXPORT_ROOT = ""
    address = reverse("exports:new_schedule_to", args=["folder"])
    assert address not in desk.get(reverse("exports:new_schedule")).content.decode()
    assert desk.get(address).status_code == 404
    assert desk.get(reverse("exports:new_schedule_to", args=["fax"])).status_code == 404


def test_a_change_keeps_the_secret_and_makes_the_changer_responsible(
    cast: Cast, desk: Client, template: ExportTemplate
) -> None:
    schedule = make(desk, template, "sftp")
    desk.force_login(cast.exporter)
    sent = data(template, "sftp", secret="", name="夕方", at="17:30")
    assert desk.post(reverse("exports:edit_schedule", args=[schedule.public_id]), sent).status_code == 302
    after = Schedule.objects.get()
    assert (after.name, after.user, after.secret) == ("夕方", cast.exporter, schedule.secret)


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("sftp", {"host": "other.example.jp"}),
        ("sftp", {"port": "2222"}),
        ("sftp", {"user": "somebody"}),
        ("sftp", {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q"}),
        ("s3", {"endpoint": "https://203.0.114.6"}),
        ("s3", {"bucket": "other"}),
        ("s3", {"access_key": "AKIB"}),
    ],
)
def test_a_secret_goes_to_no_other_receiver_than_the_one_it_was_typed_for(
    desk: Client, template: ExportTemplate, place: str, more: dict[str, str]
) -> None:
    schedule = make(desk, template, place)
    address = reverse("exports:edit_schedule", args=[schedule.public_id])
    response = desk.post(address, data(template, place, **{"secret": "", **more}))
    assert response.status_code == 400 and "もう一度入力してください。" in response.content.decode()
    assert Schedule.objects.get().where == schedule.where
    assert desk.post(address, data(template, place, **more)).status_code == 302  # with the secret
    after = Schedule.objects.get()
    assert after.where == schedule.where | more and after.secret != schedule.secret


def test_it_is_run_now_stopped_started_and_deleted(cast: Cast, desk: Client, template: ExportTemplate) -> None:
    schedule = make(desk, template)
    page = reverse("exports:schedule", args=[schedule.public_id])
    desk.post(page, {"do": "now"})
    assert Schedule.objects.get().next_at <= timezone.now()
    desk.post(page, {"do": "stop"})
    assert Schedule.objects.get().stopped_at is not None
    assert "再開する" in desk.get(page).content.decode()
    desk.post(page, {"do": "start"})
    assert Schedule.objects.get().next_at > timezone.now()
    Run.objects.create(
        schedule=schedule, due=timezone.now(), due_at=timezone.now(), state=RunState.FAILED, problem="届きません"
    )
    assert "届きません" in desk.get(page).content.decode()
    desk.post(reverse("exports:template_about", args=[template.pk]), {"delete": ""})
    assert ExportTemplate.objects.exists()  # in use
    desk.post(page, {"do": "delete"})
    assert Schedule.objects.exists()  # it runs
    desk.post(page, {"do": "stop"})
    desk.post(page, {"do": "delete"})
    assert not Schedule.objects.exists() and not Run.objects.exists()


PEOPLE = ["officer", "exporter", "approver", "auditor", "editor", "publisher", "other_officer", "admin"]


@pytest.mark.parametrize("role", PEOPLE)
def test_who_may_open_which_page(cast: Cast, client: Client, template: ExportTemplate, role: str) -> None:
    client.force_login(cast.officer)
    schedule = make(client, template)
    client.force_login(getattr(cast, role))
    may, own = role in {"officer", "exporter", "other_officer"}, role in {"officer", "exporter"}
    for name, args in (("schedules", []), ("new_schedule", []), ("new_schedule_to", [PlaceKind.MAIL])):
        assert (client.get(reverse(f"exports:{name}", args=args)).status_code == 200) is may
    for name in ("schedule", "edit_schedule"):
        assert (client.get(reverse(f"exports:{name}", args=[schedule.public_id])).status_code == 200) is own
    client.post(reverse("exports:schedule", args=[schedule.public_id]), {"do": "stop"})
    assert (Schedule.objects.get().stopped_at is not None) is own


def test_another_departments_template_cannot_be_chosen(cast: Cast, client: Client, template: ExportTemplate) -> None:
    client.force_login(cast.other_officer)
    response = client.post(reverse("exports:new_schedule_to", args=["mail"]), data(template, "mail"))
    assert response.status_code == 400 and not Schedule.objects.exists()
