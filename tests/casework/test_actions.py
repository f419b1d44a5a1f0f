"""What officers and approvers do with a case: each thing by one POST, with the roles, reasons and words it needs."""

import pytest
from django.test import Client
from django.urls import reverse

from applications import gates as gates_module
from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action, Status
from casework.actions import services
from casework.actions.forms import usual_instruction
from casework.actions.table import ACTIONS
from casework.models import Assignment, Note
from cms.models import Role
from staff.models import User
from tests.applications.residents import Response
from tests.support.cast import Cast, make_staff, submit
from tests.support.seam import CompletionStampGate


def act(client: Client, case: Application, action: str, **data: str) -> Response:
    """Opens the page, and presses its button."""
    address = reverse("casework:act", args=(case.public_id, action))
    return client.post(address, {"revision": str(case.revision), **data})


def case_at(cast: Cast, *actions: Action) -> Application:
    case = submit(cast.form)
    for action in actions:
        move(case.pk, action)
    case.refresh_from_db()
    return case


def status_of(case: Application) -> str:
    return Application.objects.get(pk=case.pk).status


def page(client: Client, case: Application) -> str:
    return client.get(reverse("casework:case", args=(case.public_id,))).content.decode()


def test_from_arrival_to_the_end_by_officer_and_approver(cast: Cast, client: Client) -> None:
    case = submit(cast.form)
    client.force_login(cast.officer)
    assert act(client, case, "review").status_code == 302
    assert status_of(case) == Status.IN_REVIEW
    client.force_login(cast.approver)
    act(client, case, "approve", message="金曜日に振り込みます。")
    assert status_of(case) == Status.APPROVED
    client.force_login(cast.officer)
    act(client, case, "complete")
    assert status_of(case) == Status.COMPLETED
    html = page(client, case)
    assert "officerが審査を始めました。" in html and "approverが決定しました。" in html
    assert case.events.get(kind="approved").data == {"message": "金曜日に振り込みます。"}


def test_a_rejection_has_a_reason_and_says_how_to_contest_it(cast: Cast, client: Client) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(cast.approver)
    blank = client.get(reverse("casework:act", args=(case.public_id, "reject"))).content.decode()
    assert "審査請求をすることができます" in blank and "みほん市長" in blank
    response = act(client, case, "reject", reason=" \u3000\n", instruction=usual_instruction())
    assert response.status_code == 400 and "理由を入力してください" in response.content.decode()
    assert status_of(case) == Status.IN_REVIEW
    act(client, case, "reject", reason="所得が基準を超えています。", instruction=usual_instruction())
    assert status_of(case) == Status.REJECTED
    event = case.events.get(kind="rejected")
    assert event.actor == cast.approver and event.data["reason"] == "所得が基準を超えています。"
    assert event.data["instruction"] == usual_instruction().strip()


def test_a_decision_is_undone_only_with_a_reason(cast: Cast, client: Client) -> None:
    case = case_at(cast, Action.REVIEW, Action.REJECT)
    client.force_login(cast.approver)
    assert act(client, case, "reopen").status_code == 400
    act(client, case, "reopen", reason="計算がまちがっていました。")
    assert status_of(case) == Status.IN_REVIEW
    assert "計算がまちがっていました。" in page(client, case)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.EXPORTER, Role.AUDITOR, Role.EDITOR, Role.PUBLISHER])
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_nobody_but_an_approver_decides(cast: Cast, client: Client, role: Role, action: str) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(make_staff("somebody", (cast.children, role)))
    assert act(client, case, action, reason="x").status_code in (302, 404)
    assert status_of(case) == Status.IN_REVIEW
    assert f"/act/{action}/" not in page(client, case)


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_of_another_department_does_anything(cast: Cast, client: Client, action: str) -> None:
    """An approver of one department has no more to say in another than anybody else."""
    case = case_at(cast, Action.REVIEW)
    client.force_login(make_staff("other", (cast.waste, Role.APPROVER), (cast.waste, Role.OFFICER)))
    address = reverse("casework:act", args=(case.public_id, action))
    assert client.get(address).status_code == 404
    assert act(client, case, action, reason="x", text="x").status_code == 404
    assert status_of(case) == Status.IN_REVIEW and not Note.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_an_auditor_looks_and_does_nothing(cast: Cast, client: Client, action: str) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(cast.auditor)
    assert "/act/" not in page(client, case)
    before = Event.objects.count()
    assert act(client, case, action, reason="x", text="x").status_code == 302
    assert (status_of(case), Event.objects.count()) == (Status.IN_REVIEW, before)


def test_looking_at_a_page_does_nothing(cast: Cast, client: Client) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(cast.approver)
    for action in ACTIONS:
        client.get(reverse("casework:act", args=(case.public_id, action)))
    assert status_of(case) == Status.IN_REVIEW


def test_a_foreign_page_can_do_nothing(cast: Cast) -> None:
    case = case_at(cast, Action.REVIEW)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.approver)
    assert act(strict, case, "approve").status_code == 403
    assert status_of(case) == Status.IN_REVIEW


def test_who_comes_second_is_told_and_nothing_happens_twice(cast: Cast, client: Client) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(cast.approver)
    act(client, case, "approve")
    response = client.post(
        reverse("casework:act", args=(case.public_id, "approve")), {"revision": str(case.revision)}, follow=True
    )
    assert "先に手続をしました" in response.content.decode()
    assert case.events.filter(kind="approved").count() == 1


def test_what_has_changed_since_it_was_read_is_not_decided(cast: Cast, client: Client) -> None:
    case = case_at(cast, Action.REVIEW)
    client.force_login(cast.approver)
    Application.objects.filter(pk=case.pk).update(revision=case.revision + 1)
    response = act(client, case, "approve")
    assert response.status_code == 400 and "変わりました" in response.content.decode()
    for revision in ("", "x", "-1", "9" * 40):
        response = act(client, case, "approve", revision=revision)
        assert response.status_code == 400
    assert status_of(case) == Status.IN_REVIEW


def test_a_step_that_the_table_does_not_have_is_refused_by_the_function_too(cast: Cast) -> None:
    case = submit(cast.form)
    with pytest.raises(services.Overtaken):
        services.approve(case.pk, actor=cast.approver, revision=case.revision)
    assert status_of(case) == Status.SUBMITTED


def test_what_the_resident_still_owes_keeps_a_case_open(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_at(cast, Action.REVIEW, Action.APPROVE)
    monkeypatch.setattr(CompletionStampGate, "applies", lambda *_: True)
    monkeypatch.setattr(gates_module, "gates", lambda: (CompletionStampGate(),))
    client.force_login(cast.officer)
    response = act(client, case, "complete")
    assert response.status_code == 400 and "終わっていないため" in response.content.decode()
    assert status_of(case) == Status.APPROVED


# --- who is at work on it, and what they tell each other


def test_a_case_is_given_to_an_officer_and_taken_back(cast: Cast, client: Client) -> None:
    case = submit(cast.form)
    colleague = make_staff("dogura", (cast.children, Role.OFFICER))
    User.objects.filter(pk=colleague.pk).update(last_name="土倉", first_name="直子")
    client.force_login(cast.officer)
    act(client, case, "assign", officer=str(colleague.pk))
    assert Assignment.objects.get().officer == colleague
    html = page(client, case)
    assert "土倉 直子" in html and "担当者を土倉 直子にしました" in html
    act(client, case, "assign", officer=str(colleague.pk))  # once more is no news
    assert case.events.filter(kind="assigned").count() == 1
    act(client, case, "assign", officer="")
    assert not Assignment.objects.exists() and "担当者をなしにしました" in page(client, case)


def test_a_case_is_given_to_nobody_from_elsewhere(cast: Cast, client: Client) -> None:
    case = submit(cast.form)
    client.force_login(cast.officer)
    gone = make_staff("gone", (cast.children, Role.OFFICER))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for stranger in (cast.other_officer, cast.auditor, gone):
        response = act(client, case, "assign", officer=str(stranger.pk))
        assert response.status_code == 400
        with pytest.raises(services.NotOfHere):
            services.assign(case.pk, actor=cast.officer, officer=User.objects.get(pk=stranger.pk))
    assert not Assignment.objects.exists()


def test_notes_are_read_by_staff_as_they_were_typed(cast: Cast, client: Client) -> None:
    case = submit(cast.form)
    client.force_login(cast.officer)
    assert act(client, case, "note", text="").status_code == 400
    act(client, case, "note", text="<b>電話</b>で確認\x00\n二行目")
    html = page(client, case)
    assert "&lt;b&gt;電話&lt;/b&gt;で確認<br>二行目" in html
    assert Note.objects.get().author == cast.officer


def test_an_unknown_action_or_case_does_not_exist(cast: Cast, client: Client) -> None:
    case = submit(cast.form)
    client.force_login(cast.officer)
    assert client.get(f"/admin/cases/{case.public_id}/act/pay/").status_code == 404
    assert client.get("/admin/cases/AAAAAAAAAAAAAAAAAAAAAA/act/note/").status_code == 404
