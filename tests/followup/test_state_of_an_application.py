"""申請状況の確認: what is shown of an application, taking it back, and what the resident thought."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from applications import gates as gates_module
from applications.lifecycle import move
from applications.models import Application, Event
from applications.status import Action, Status
from followup.models import Rating
from followup.words import HIDDEN, STATES, expected_on, may_withdraw
from formbuilder.models import FormPage
from outreach.models import Message
from tests.applications.residents import ACCOUNT, Resident, leads_to, text_of
from tests.followup.following import ANSWERS, arrived, enter, form_with_check, newest_mail, work
from tests.formbuilder.uploads.samples import pdf
from tests.support.cast import Cast, item, make_form, make_staff, submit
from tests.support.seam import CompletionStampGate

COURSES = {
    Status.SUBMITTED: [],
    Status.IN_REVIEW: [Action.REVIEW],
    Status.RETURNED: [Action.RETURN],
    Status.APPROVED: [Action.REVIEW, Action.APPROVE],
    Status.REJECTED: [Action.REVIEW, Action.REJECT],
    Status.COMPLETED: [Action.REVIEW, Action.APPROVE, Action.COMPLETE],
    Status.WITHDRAWN: [Action.WITHDRAW],
    Status.EXPIRED: [Action.RETURN, Action.EXPIRE],
}


@pytest.mark.parametrize("status", COURSES)
def test_every_state_is_told_in_plain_words(cast: Cast, client: Client, status: Status) -> None:
    application = arrived(cast.form)
    for action in COURSES[status]:
        move(application.pk, action)
    page = text_of(enter(client, application))
    assert all(text in page for text in STATES[status])
    application.refresh_from_db()
    assert application.status == status
    assert ("申請を取り下げる" in page) is may_withdraw(application)


def test_the_history_names_no_staff_and_no_note(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    clerk = make_staff("himitsu")
    move(application.pk, Action.REVIEW, actor=clerk, data={"reason": "内部のメモ"})
    html = enter(client, application).content.decode()
    assert "審査を始めました" in html and "申請を受け付けました" in html
    assert "himitsu" not in html and "内部のメモ" not in html
    assert "確認コードをメールで送りました" not in html  # nor what only the program did


def test_the_answers_are_shown_as_declared_but_the_sensitive_ones(cast: Cast, client: Client) -> None:
    application = arrived(cast.form, 振込先=ACCOUNT, 備考="<b>太字</b>")
    html = enter(client, application).content.decode()
    assert "見本 花子" in html and "&lt;b&gt;太字&lt;/b&gt;" in html
    assert HIDDEN in html and ACCOUNT["number"] not in html and "みほん銀行" not in html


def test_a_lost_key_hides_an_answer_and_not_the_page(cast: Cast, client: Client, settings: Settings) -> None:
    application = arrived(cast.form, 振込先=ACCOUNT)
    settings.VAULT_KEYS = ["another"]
    assert HIDDEN in text_of(enter(client, application))


def test_files_are_named(cast: Cast, client: Client) -> None:
    form = make_form(
        cast.children,
        code="files",
        steps={"1": [item("full_name", "氏名"), item("email", "メールアドレス"), item("file", "書類", max_files=1)]},
    )
    resident, paper = Resident(form), SimpleUploadedFile("証明書.pdf", pdf(), "application/pdf")
    resident.fill("1", {"氏名": ANSWERS["氏名"], "メールアドレス": ANSWERS["メールアドレス"], "書類": [paper]})
    resident.declare()
    assert "証明書.pdf" in text_of(enter(client, resident.draft))


def test_another_application_is_never_shown(cast: Cast, client: Client) -> None:
    mine, other = arrived(cast.form), arrived(cast.form, 氏名={"family": "別", "given": "人"})
    html = enter(client, mine).content.decode()
    assert str(other.reference) not in html and "別 人" not in html
    for extra in (f"?application={other.public_id}", f"?reference={other.reference}"):
        assert str(other.reference) not in client.get(f"/status/application/{extra}").content.decode()


def test_the_page_costs_few_queries(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    enter(client, arrived(cast.form))
    with django_assert_max_num_queries(9):
        client.get("/status/application/")


def test_what_waits_for_the_resident_after_the_decision_is_linked(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = arrived(cast.form)
    monkeypatch.setattr(CompletionStampGate, "applies", lambda *_: True)
    monkeypatch.setattr(gates_module, "gates", lambda: (CompletionStampGate(),))
    for action in (Action.REVIEW, Action.APPROVE):
        move(application.pk, action)
    assert f'href="/stamp/{application.public_id}/"' in enter(client, application).content.decode()


# --- the standard period


def at(application: Application, received: datetime, *events: tuple[Action, datetime]) -> Application:
    """An application whose events happened then."""
    Application.objects.filter(pk=application.pk).update(received_at=received)
    for action, moment in events:
        move(application.pk, action)
        Event.objects.filter(pk=Event.objects.latest("pk").pk).update(at=moment)
    application.refresh_from_db()
    return application


def test_the_expected_day_is_so_many_working_days_after_arrival(cast: Cast, client: Client) -> None:
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=3)
    application = at(arrived(cast.form), datetime(2026, 11, 19, 1, tzinfo=UTC))
    assert "2026年11月25日" in text_of(enter(client, application))


def test_an_arrival_after_midnight_arrived_on_that_day_in_japan(cast: Cast) -> None:
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=1)
    application = at(arrived(cast.form), datetime(2026, 11, 24, 16, tzinfo=UTC))  # 1:00 on the 25th
    assert expected_on(application) == date(2026, 11, 26)


def test_the_days_of_mending_do_not_count(cast: Cast) -> None:
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=3)
    arrival = datetime(2026, 11, 9, 1, tzinfo=UTC)
    application = at(arrived(cast.form), arrival, (Action.RETURN, arrival))
    assert expected_on(application) is None
    at(application, arrival, (Action.RESUBMIT, datetime(2026, 11, 16, 1, tzinfo=UTC)))  # five working days later
    application.refresh_from_db()
    assert expected_on(application) == date(2026, 11, 19)


def test_what_was_promised_on_arrival_stays_promised(cast: Cast) -> None:
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=3)
    application = at(arrived(cast.form), datetime(2026, 11, 9, 1, tzinfo=UTC))
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=30)
    application.refresh_from_db()
    assert expected_on(application) == date(2026, 11, 12)


def test_without_a_period_or_after_the_decision_no_day_is_promised(cast: Cast) -> None:
    assert expected_on(arrived(cast.form)) is None
    FormPage.objects.filter(pk=cast.form.pk).update(standard_days=3)
    application = arrived(cast.form)
    assert expected_on(application) is not None
    for action in (Action.REVIEW, Action.REJECT):
        application = move(application.pk, action)
    assert expected_on(application) is None


# --- taking back


def test_an_application_is_taken_back_after_one_more_question(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    enter(client, application)
    assert "元に戻せません" in text_of(client.get("/status/withdraw/"))
    assert Application.objects.get().status == Status.SUBMITTED
    assert client.post("/status/withdraw/")["Location"] == "/status/application/"
    assert Application.objects.get().status == Status.WITHDRAWN
    letter = newest_mail()
    assert "申請を取り下げました" in letter.subject and letter.to == [application.email]
    assert client.post("/status/withdraw/")["Location"] == "/status/application/"  # the second tap
    work()
    assert Message.objects.filter(template="followup_withdrawn").count() == 1


def test_what_was_decided_meanwhile_is_not_taken_back(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    enter(client, application)
    for action in (Action.REVIEW, Action.APPROVE):
        move(application.pk, action)
    for response in (client.get("/status/withdraw/"), client.post("/status/withdraw/")):
        assert response.status_code == 409
        assert "いまは取り下げられません" in text_of(response)
    assert Application.objects.get().status == Status.APPROVED


def test_nobody_takes_back_without_a_visit(cast: Cast, client: Client) -> None:
    arrived(cast.form)
    assert client.post("/status/withdraw/")["Location"] == "/status/?over=1"
    assert Application.objects.get().status == Status.SUBMITTED


def test_a_foreign_page_cannot_take_back(cast: Cast, client: Client) -> None:
    enter(client, arrived(cast.form))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/status/withdraw/").status_code == 403
    assert strict.post("/status/leave/").status_code == 403


@pytest.mark.parametrize("decision", [Action.APPROVE, Action.REJECT])
def test_the_mail_of_a_decision_says_where_it_is_read_and_not_which_it_is(cast: Cast, decision: Action) -> None:
    application = arrived(cast.form)
    move(application.pk, Action.REVIEW)
    work()
    before = len(mail.outbox)
    move(application.pk, decision, data={"message": "秘密の知らせ", "reason": "秘密の理由"})
    letter = newest_mail()
    assert len(mail.outbox) == before + 1 and letter.to == [application.email]
    assert "申請の結果のお知らせ" in letter.subject and "/status/" in str(letter.body)
    assert "秘密" not in str(letter.body) and "不承認" not in f"{letter.subject}{letter.body}"


def test_who_gave_no_address_gets_no_mail(cast: Cast) -> None:
    application = submit(cast.form)
    move(application.pk, Action.WITHDRAW)
    work()
    assert not mail.outbox


# --- satisfaction


@pytest.fixture
def declared(cast: Cast) -> Resident:
    """On the page after declaring."""
    resident = Resident(cast.form)
    resident.fill("1", {**ANSWERS})
    resident.fill("2", {})
    resident.declare()
    return resident


def test_the_page_after_declaring_leads_to_the_state_and_to_the_question(declared: Resident) -> None:
    html = declared.get("done").content.decode()
    link = f'href="/status/?reference={Application.objects.get().reference}"'
    assert link in html and f'href="/apply/{declared.code}/rating/"' in html


def test_satisfaction_is_said_once(declared: Resident) -> None:
    assert "とても満足" in text_of(declared.get("rating"))
    declared.post("rating", {"score": "5", "comment": "助かりました 𠮷"})
    assert "ありがとうございました" in text_of(declared.get("rating"))
    declared.post("rating", {"score": "1", "comment": "もう一度"})
    rating = Rating.objects.get()
    assert (rating.score, rating.comment) == (5, "助かりました 𠮷")
    assert "使いやすさについて答える" not in text_of(declared.get("done"))


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "1.5", "５", "\x00", "x" * 10_000, "1 OR 1=1"])
def test_a_score_is_one_of_five(declared: Resident, score: str) -> None:
    response = declared.post("rating", {"score": score, "comment": "残る言葉"})
    assert "満足度を選んでください" in text_of(response) and "残る言葉" in response.content.decode()
    assert not Rating.objects.exists()


@pytest.mark.parametrize("comment", ["あ" * 1001, "あ" + "\u3099" * 10_000, "😀" * 5_000])
def test_a_comment_has_an_end(declared: Resident, comment: str) -> None:
    response = declared.post("rating", {"score": "3", "comment": comment})
    assert "1,000文字以内" in text_of(response)
    assert not Rating.objects.exists()


@pytest.mark.parametrize("comment", ["\x00\x00", "a\x00b", "<script>alert(1)</script>", "", "あ" * 1000])
def test_any_other_comment_is_taken(declared: Resident, comment: str) -> None:
    declared.post("rating", {"score": "3", "comment": comment})
    assert Rating.objects.get().comment == comment.replace("\x00", "")


def test_nobody_rates_what_has_not_arrived(cast: Cast) -> None:
    resident = Resident(cast.form)
    assert leads_to(resident.post("rating", {"score": "5"})) == cast.form.code
    resident.fill("1", {**ANSWERS})
    assert leads_to(resident.post("rating", {"score": "5"})) == cast.form.code
    assert not Rating.objects.exists()


def test_another_language_keeps_what_was_thought_and_sends_nothing(declared: Resident) -> None:
    typed = {"score": "2", "comment": "書きかけ <b>"}
    page = declared.post("rating", {**typed, "action": "language:en"})
    html = page.content.decode()
    assert '<html lang="en">' in html and "書きかけ &lt;b&gt;" in html and 'value="2" checked' in html
    assert page.cookies["mg-language"].value == "en" and not Rating.objects.exists()
    assert html.index('form="mg-rating" tabindex') < html.index('value="language:en"')  # what the Enter key presses


def test_satisfaction_can_be_said_with_a_code_too(cast: Cast, client: Client) -> None:
    assert client.get("/status/rating/")["Location"] == "/status/"
    enter(client, arrived(cast.form))
    assert "使いやすさについて答える" in text_of(client.get("/status/application/"))
    client.post("/status/rating/", {"score": "4"})
    assert Rating.objects.get().score == 4
    assert "使いやすさについて答える" not in text_of(client.get("/status/application/"))


def test_every_page_and_the_mail_lead_to_the_state(cast: Cast, client: Client, settings: Settings) -> None:
    form: FormPage = form_with_check(cast.children)
    arrived(cast.form)
    assert f"{settings.BASE_URL}/status/" in str(newest_mail().body)
    for address in ("/", form.url, f"/apply/{form.code}/1/", "/status/"):
        footer = client.get(address).content.decode().partition("<footer")[2]
        assert 'href="/status/"' in footer
    main = client.get("/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert 'href="/status/"' in main and 'href="/continue/"' in main
    assert 'href="/continue/"' in client.get("/status/").content.decode()
