"""続きの番号: from one device to the other without a mail."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from applications.lifecycle import move
from applications.status import Action
from followup import carrying, limits
from followup.expiring import _reachable_at
from followup.models import ResumeCode
from tests.applications.residents import Resident, leads_to, text_of
from tests.followup.following import ADDRESS
from tests.support.cast import Cast

TYPED = {"氏名": {"family": "見本", "given": "花子"}, "メールアドレス": ADDRESS}


@pytest.fixture
def resident(cast: Cast) -> Resident:
    resident = Resident(cast.form)
    resident.fill("1", TYPED)
    return resident


def shown_code(resident: Resident) -> str:
    page = resident.post("carry")
    assert page.status_code == 200 and page["Cache-Control"] == "private, no-store"
    return str(page.context["made"])


def typed(client: Client, code: str) -> str:
    """Where it leads; "" when it was refused."""
    response = client.post("/continue/", {"number": code})
    return str(response.headers.get("Location", ""))


def test_the_code_opens_the_draft_on_another_device_after_it_was_asked(cast: Cast, resident: Resident) -> None:
    other = Resident(cast.form, Client())
    link = typed(other.client, shown_code(resident))
    assert not other.key
    assert "続きから入力する" in text_of(other.client.get(link))
    assert leads_to(other.client.post(link, {"action": "open"})) == resident.code
    assert other.draft == resident.draft and other.key != resident.key


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), lambda code: f"　{code} "])
def test_it_may_be_typed_in_any_way(resident: Resident, change: object) -> None:
    assert callable(change)
    assert typed(Client(), change(shown_code(resident)))


def test_full_width_is_read_too(resident: Resident) -> None:
    code = shown_code(resident)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert typed(Client(), wide)


def test_it_works_once_and_a_newer_one_ends_an_older(resident: Resident) -> None:
    first, second = shown_code(resident), shown_code(resident)
    assert not typed(Client(), first)
    assert typed(Client(), second) and not typed(Client(), second)


def test_a_used_link_of_a_code_says_where_to_get_another(resident: Resident) -> None:
    link = typed(Client(), shown_code(resident))
    Client().post(link, {"action": "open"})
    page = text_of(Client().get(link))
    assert "新しい番号を出してください" in page and "新しいリンクを送る" not in page
    assert Client().post(link, {"action": "again"}).status_code == 200


def test_after_a_day_it_opens_nothing_and_is_forgotten(resident: Resident, time_machine: TimeMachineFixture) -> None:
    code = shown_code(resident)
    time_machine.move_to(timezone.now() + timedelta(hours=24, minutes=1))
    assert not typed(Client(), code)
    assert carrying.forget_old() == 1


def test_what_was_withdrawn_cannot_be_opened(resident: Resident) -> None:
    code = shown_code(resident)
    move(resident.draft.pk, Action.EXPIRE)
    assert not typed(Client(), code)


def test_wrong_codes_are_told_alike_and_soon_not_looked_at(resident: Resident) -> None:
    code = shown_code(resident)
    guess = "2" * 5 + "-" + "3" * 5
    assert "この番号では開けませんでした" in text_of(Client().post("/continue/", {"number": guess}))
    assert "英字と数字10文字" in text_of(Client().post("/continue/", {"number": "あ\x00" * 90}))
    for _ in range(limits.GUESSES_OF_NETWORK.most):
        typed(Client(), guess)
    response = Client().post("/continue/", {"number": code})
    assert response.status_code == 429 and ResumeCode.objects.get().used_at is None


def test_the_database_does_not_know_the_code(resident: Resident) -> None:
    code = shown_code(resident).replace("-", "")
    assert code not in str(ResumeCode.objects.values().get())


def test_without_a_draft_there_is_no_code(cast: Cast) -> None:
    assert leads_to(Resident(cast.form).post("carry")) == cast.form.code
    assert not ResumeCode.objects.exists()


def test_the_notice_before_a_draft_expires_goes_to_an_address_all_the_same(resident: Resident) -> None:
    typed(Client(), shown_code(resident))
    assert _reachable_at(resident.draft) == ADDRESS
