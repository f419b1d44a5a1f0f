"""支給 in the admin: each role its step, each department its own, and nothing lost on bad input."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.models import ExportRecord
from cms.models import Role
from formbuilder.models import FormPage
from payouts.desk import urls
from payouts.models import Batch, Source
from payouts.status import BatchState, RowState
from tests.payouts.scene import SCHEME, approved, bank_day, fresh, make_batch, person, send
from tests.support.cast import Cast, make_staff

Login = Callable[[Any], Client]
# name -> roles that may open it, method; "*" stands for who may read
ADDRESSES = {
    "redate": {Role.OFFICER},
    "freeze": {Role.OFFICER},
    "open_again": {Role.OFFICER, Role.APPROVER},
    "approve": {Role.APPROVER},
    "send": {Role.OFFICER, Role.APPROVER},
    "cancel": {Role.OFFICER},
    "results": {Role.OFFICER},
    "include": {Role.OFFICER},
    "exclude": {Role.OFFICER},
    "batch": {Role.OFFICER, Role.APPROVER, Role.AUDITOR},
    "file": {Role.OFFICER, Role.APPROVER},
    "lists": {Role.OFFICER},
}
ONLY_POST = {"file", "lists"}
WITHOUT_A_BATCH = {"list", "list_results", "new"}


@pytest.fixture
def login() -> Login:
    def login_(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return login_


@pytest.fixture
def batch(cast: Cast, form: FormPage, source: Source) -> Batch:
    approved(form)
    return make_batch(source, cast.officer)


def address(batch: Batch, name: str) -> str:
    more = {"include": (1,), "exclude": (1,), "lists": ("accounts",)}
    kwargs: dict[str, Any] = {"number": batch.number}
    if name == "lists":
        kwargs["what"] = more[name][0]
    elif name in more:
        kwargs["row"] = more[name][0]
    return reverse(f"payouts:{name}", kwargs=kwargs)


def test_every_address_is_in_the_table() -> None:
    assert {each.name for each in urls.urlpatterns} == set(ADDRESSES) | WITHOUT_A_BATCH


@pytest.mark.parametrize("role", list(Role))
def test_each_address_is_open_to_its_roles_alone(cast: Cast, batch: Batch, login: Login, role: Role) -> None:
    mine = login(make_staff("mine", (cast.children, role)))
    others = login(make_staff("others", (cast.waste, role)))
    for name, roles in ADDRESSES.items():
        for method in ("get", "post"):
            status = getattr(mine, method)(address(batch, name), follow=False).status_code
            if role not in roles:
                assert status in (302, 403, 404, 405), (name, method)
                assert Batch.objects.get(pk=batch.pk).state == BatchState.OPEN
            elif method == "get":
                assert status == (405 if name in ONLY_POST else 200), name
            elsewhere = getattr(others, method)(address(batch, name), follow=False)
            assert elsewhere.status_code in (302, 403, 404, 405), (name, method)
            assert b"0140" not in elsewhere.content
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.OPEN, digest="", frozen_by=None)
        batch.rows.update(state=RowState.LISTED)


def test_a_payout_from_the_first_button_to_the_last(cast: Cast, form: FormPage, source: Source, login: Login) -> None:
    first, second = approved(form), approved(form, person(1))
    clerk, boss = login(cast.officer), login(cast.approver)
    page = clerk.get(reverse("payouts:new"))
    assert "対象 2件" in page.content.decode()
    sent = {"what": f"{cast.children.pk}/{SCHEME}", "name": "第1回", "source": source.pk, "pay_on": bank_day()}
    made = clerk.post(reverse("payouts:new"), sent, follow=True)
    batch = Batch.objects.get()
    text = made.content.decode()
    assert "100,000円" in text and "…456" in text and "0123456" not in text
    clerk.post(address(batch, "freeze"))
    shown = boss.get(address(batch, "approve"))
    digest = shown.context["form"]["digest"].initial
    assert boss.post(address(batch, "approve"), {"digest": digest}).status_code == 302
    file = clerk.post(address(batch, "file"))
    assert len(file.content) == 5 * 122 and "sofuri_" in file["Content-Disposition"]
    clerk.post(address(batch, "send"))
    assert clerk.post(address(batch, "file")).status_code == 302
    listed = reverse("payouts:lists", kwargs={"number": batch.number, "what": "results"})
    template = clerk.post(listed).content.decode("utf-8-sig")
    filled = template.replace(f"{first.reference},,", f"{first.reference},振込済,").replace(
        f"{second.reference},,", f"{second.reference},組戻,口座なし"
    )
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        clerk = login(cast.officer)
        upload = {"file": SimpleUploadedFile("kekka.csv", filled.encode("cp932"))}
        looked = clerk.post(address(batch, "results"), upload)
        assert "2件が変わります" in looked.content.decode()
        assert set(batch.rows.values_list("state", flat=True)) == {RowState.LISTED}
        lines = ["\t".join(str(cell) for cell in cells) for cells in looked.context["lines"]]
        clerk.post(address(batch, "results"), {"lines": lines})
    assert set(batch.rows.values_list("state", flat=True)) == {RowState.PAID, RowState.BOUNCED}
    assert ExportRecord.objects.get().form_title == "結果の記入用　第1回"


def test_what_cannot_be_done_is_said_on_the_page(cast: Cast, batch: Batch, login: Login) -> None:
    clerk = login(cast.officer)
    for name, sent, told in (
        ("send", {}, "いまの状態"),
        ("include", {"reason": "x"}, "確認を待っていません"),
        ("exclude", {"reason": " "}, "理由を入力してください"),
        ("redate", {"pay_on": "2027-01-02"}, "振込指定日は"),
        ("redate", {"pay_on": "きのう"}, "2027-04-15"),
        ("results", {}, "CSVファイルを選んでください"),
    ):
        page = clerk.post(address(batch, name), sent)
        assert page.status_code == 400 and told in page.content.decode(), name
    damaged = clerk.post(address(batch, "results"), {"lines": ["1\t2", "x"]}, follow=True)
    assert "もう一度送ってください" in damaged.content.decode()
    assert fresh(batch).state == BatchState.OPEN


@pytest.mark.parametrize("sent", [{}, {"what": "9/x"}, {"what": "../..", "pay_on": "2027-13-41", "source": "a"}])
def test_a_payout_of_nothing_is_refused(cast: Cast, batch: Batch, login: Login, sent: dict[str, str]) -> None:
    assert login(cast.officer).post(reverse("payouts:new"), sent).status_code == 400


def test_the_page_of_a_payout_asks_as_much_for_many_as_for_one(
    cast: Cast, form: FormPage, source: Source, login: Login, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        approved(form, person(number))
    batch = make_batch(source, cast.officer)
    send(batch, cast.officer, cast.approver)
    clerk = login(cast.officer)
    clerk.get(address(batch, "batch"))
    with django_assert_max_num_queries(22):
        assert clerk.get(address(batch, "batch")).content.decode().count("振込する") >= 12


def test_a_source_takes_kana_of_any_width(cast: Cast) -> None:
    source = Source(
        name="一般会計",
        department=cast.children,
        client_code="1234567890",
        client_name="ミホンシ　カイケイカンリシャ",
        bank_code="0140",
        branch_code="001",
        number="1234567",
    )
    source.full_clean()
    assert source.client_name == "ﾐﾎﾝｼ ｶｲｹｲｶﾝﾘｼﾔ"
