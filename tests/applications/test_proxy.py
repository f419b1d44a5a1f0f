"""代行入力: what staff type for a resident is kept, judged and declared like a resident's own."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory

from applications import proxy
from applications.answers import opened
from applications.lifecycle import NotReady, declare
from applications.models import Application, Channel, Event
from applications.proxy_page import proxy_context
from applications.services import NotEditable
from applications.status import Status
from formbuilder.models import FormVersion
from formbuilder.steps import input_id
from tests.formbuilder.uploads.samples import corners, jpeg
from tests.support.cast import SOMEBODY, Cast, current_version, draft, item, key_of, make_form, when

STEPS = {
    "申請者": [
        item("full_name", "氏名"),
        item("kana_name", "フリガナ"),
        item("email", "メール"),
        item("yes_no", "代理"),
    ],
    "内容": [
        item("text", "続柄", condition=when("代理", "eq", "はい")),
        item("photo", "写真", required=False, max_files=2, max_mb=5),
    ],
}
TYPED = {
    "氏名-family": "見本",
    "氏名-given": "花子",
    "フリガナ-family": "ミホン",
    "フリガナ-given": "ハナコ",
    "メール": "",
    "代理": "no",
}


@pytest.fixture
def version(cast: Cast) -> FormVersion:
    return current_version(make_form(cast.children, steps=STEPS))


def post(cast: Cast, files: dict[str, Any] | None = None, /, **typed: Any) -> HttpRequest:
    sent: dict[str, Any] = {}
    for name, text in {**TYPED, **typed}.items():
        label, _, part = name.partition("-")
        sent[input_id(key_of(label)) + (f"-{part}" if part else "")] = text
    request = RequestFactory().post("/", {**sent, **(files or {}), "whole": "1"})
    request.user = cast.officer
    return request


def receive(cast: Cast, version: FormVersion, request: HttpRequest, ticket: str = "", **more: Any) -> proxy.Entry:
    options = {"channel": Channel.PHONE, "actor": cast.officer, **more}
    return proxy.receive(request, version=version, ticket=ticket or proxy.new_ticket(version, cast.officer), **options)


def test_all_steps_on_one_page_become_an_application_of_the_officer(cast: Cast, version: FormVersion) -> None:
    entry = receive(cast, version, post(cast))
    assert entry.is_complete
    application = proxy.submit(entry.application, actor=cast.officer)
    assert (application.status, application.channel, application.email) == (Status.SUBMITTED, Channel.PHONE, "")
    events = Event.objects.filter(application=application).order_by("pk")
    assert [(event.kind, event.actor) for event in events] == [
        ("entered", cast.officer),
        ("declared", cast.officer),
        ("arrived", cast.officer),
    ]
    assert proxy.submit(application, actor=cast.officer).reference == application.reference
    assert Event.objects.filter(kind="entered").count() == 1


def test_a_condition_looks_at_the_step_above_on_the_same_page(cast: Cast, version: FormVersion) -> None:
    entry = receive(cast, version, post(cast, 代理="yes"))
    assert not entry.is_complete
    assert [key for form in entry.forms for key in form.errors] == [key_of("続柄")]
    entry = receive(cast, version, post(cast, 代理="yes", 続柄="長女"))
    assert entry.is_complete and opened(entry.application)[key_of("続柄")] == "長女"
    entry = receive(cast, version, post(cast, 代理="no", 続柄="長女"))
    assert entry.is_complete and key_of("続柄") not in opened(entry.application)


def test_a_resident_still_has_to_give_an_address_for_mail(cast: Cast, version: FormVersion) -> None:
    answers = {**SOMEBODY, "代理": False}
    own = draft(version.form, answers)
    with pytest.raises(NotReady):
        declare(own.pk, revision=own.revision)
    phoned = draft(version.form, answers, channel=Channel.PHONE)
    assert declare(phoned.pk, revision=phoned.revision).status == Status.SUBMITTED


def test_a_wrong_address_for_mail_is_refused_all_the_same(cast: Cast, version: FormVersion) -> None:
    entry = receive(cast, version, post(cast, メール="hanako@"))
    assert not entry.is_complete
    assert proxy_context(version, ticket="x", entry=entry)["errors"][0][0] == input_id(key_of("メール"))


def test_the_same_ticket_is_the_same_application_until_it_is_declared(cast: Cast, version: FormVersion) -> None:
    ticket = proxy.new_ticket(version, cast.officer)
    receive(cast, version, post(cast, **{"氏名-given": ""}), ticket)
    entry = receive(cast, version, post(cast), ticket, channel=Channel.COUNTER)
    assert Application.objects.get() == entry.application
    assert proxy.declared(ticket, version, cast.officer) is None
    declared = proxy.submit(entry.application, actor=cast.officer)
    assert declared.channel == Channel.COUNTER
    with pytest.raises(NotEditable):
        receive(cast, version, post(cast), ticket)
    assert proxy.declared(ticket, version, cast.officer) == declared
    assert proxy.declared("x", version, cast.officer) is None


def test_a_ticket_is_good_for_one_person_and_one_form(cast: Cast, version: FormVersion) -> None:
    ticket = proxy.new_ticket(version, cast.approver)
    receive(cast, version, post(cast), proxy.new_ticket(current_version(cast.form), cast.officer))
    receive(cast, version, post(cast), ticket)
    receive(cast, version, post(cast), ticket)
    assert Application.objects.count() == 3  # nobody's ticket: a new application each time
    entry = receive(cast, version, post(cast), "x")
    again = receive(cast, version, post(cast), proxy.ticket_of(entry.application, cast.officer))
    assert again.application == entry.application


def test_files_are_kept_and_those_that_cannot_be_taken_are_said(cast: Cast, version: FormVersion) -> None:
    name, ticket = input_id(key_of("写真")), proxy.new_ticket(version, cast.officer)
    good = SimpleUploadedFile("表.jpg", jpeg(corners(64, 64)), "image/jpeg")
    bad = SimpleUploadedFile("x.jpg", b"<html>", "image/jpeg")
    entry = receive(cast, version, post(cast, {name: [good, bad]}), ticket)
    assert not entry.is_complete
    context = proxy_context(version, ticket=ticket, entry=entry)
    assert context["takes_files"] and context["errors"]
    assert "表.jpg" in context["steps"][1]["body"]
    attachment = entry.application.attachments.get()
    entry = receive(cast, version, post(cast, {"remove": attachment.public_id}), ticket)
    assert entry.is_complete and not entry.application.attachments.exists()


def test_the_page_pairs_names_with_their_kana_and_says_what_may_stay_empty(version: FormVersion) -> None:
    typing = proxy_context(version, ticket="x", entry=None)["typing"]
    name, kana = input_id(key_of("氏名")), input_id(key_of("フリガナ"))
    assert typing == {
        "kana": [(f"{name}-family", f"{kana}-family"), (f"{name}-given", f"{kana}-given")],
        "postcode": "/apply/postcode/",
        "optional": [key_of("メール")],
    }


def test_items_of_all_steps_follow_one_another_on_the_page(version: FormVersion) -> None:
    rules = version.engine.whole_rules
    assert rules["order"].index(key_of("代理")) < rules["order"].index(key_of("続柄"))
    assert list(rules["visible"]) == [key_of("続柄")] and rules["kinds"] == {}


def test_an_empty_post_asks_for_what_is_missing(cast: Cast, version: FormVersion) -> None:
    request = RequestFactory().post("/", {})
    request.user = cast.officer
    assert isinstance(request.POST, QueryDict)
    entry = receive(cast, version, request)
    assert not entry.is_complete and entry.stop is None
    missing = {key for form in entry.forms for key in form.errors}
    assert missing == {key_of("氏名"), key_of("フリガナ"), key_of("代理")}


def test_rows_are_added_and_removed_on_the_page_of_staff(cast: Cast) -> None:
    group = item("repeat", "家族", key="g", required=False, max=2, fields=[item("text", "名前", key="name")])
    version = current_version(make_form(cast.children, steps={"申請者": STEPS["申請者"], "家族": [group]}))

    def page(rows: list[str], **typed: str) -> tuple[proxy.Entry, str]:
        entry = receive(cast, version, post(cast, {"f-g": rows, **typed}), ticket)
        return entry, proxy_context(version, ticket=ticket, entry=entry, tell=False)["steps"][1]["body"]

    ticket = proxy.new_ticket(version, cast.officer)
    entry, body = page(["0"], **{"f-g.0.name": "太郎", "add": "g"})
    assert 'name="f-g.0.name" value="太郎"' in body
    assert 'name="f-g.1.name" value=""' in body
    entry, body = page(["0", "1"], **{"f-g.0.name": "太郎", "f-g.1.name": "次郎", "drop": "g.0"})
    assert opened(entry.application)["g"] == [{"name": "次郎"}]
    assert 'name="f-g.0.name" value="次郎"' in body
    assert "f-g.1.name" not in body
