"""メッセージ: the desk and the resident write to each other, with files; the mail says only that there is one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from applications.lifecycle import move
from applications.models import Application, Event, Quarantined
from applications.status import Action
from casework.access import HIDDEN
from casework.case import UNREADABLE
from dialogue import messages
from dialogue.messages import MOST_FILES, may_answer
from dialogue.models import Letter, LetterFile
from followup.models import Code
from formbuilder.uploads.inspect import CheckedFile, inspect_upload
from formbuilder.uploads.scanner import Verdict
from tests.applications.residents import Response, photo, text_of
from tests.followup.following import arrived, enter, newest_mail, work
from tests.formbuilder.uploads.samples import heic, pdf
from tests.support.cast import Cast, submit

PAGE = "/status/messages/"
TOKEN, OTHER = "a" * 22, "b" * 22


@pytest.fixture
def case(cast: Cast) -> Application:
    return arrived(cast.form)


@pytest.fixture
def desk(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.officer)
    return client


def act(desk: Client, case: Application, action: str, **data: Any) -> Response:
    return desk.post(reverse("casework:act", args=(case.public_id, action)), {"revision": str(case.revision), **data})


def desk_page(desk: Client, case: Application) -> str:
    return desk.get(reverse("casework:case", args=(case.public_id,))).content.decode()


def inbox(desk: Client, query: str = "?message=unread") -> str:
    return desk.get(f"{reverse('casework:list')}{query}").content.decode()


def post(client: Client, text: str = "", token: str = TOKEN, action: str = "send", **others: Any) -> Response:
    return client.post(PAGE, {"text": text, "token": token, "action": action, **others})


def paper(name: str = "証明.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content, "application/pdf")


def from_desk(case: Application, cast: Cast, text: str = "確認です", token: str = OTHER) -> Letter:
    return messages.write(case, actor=cast.officer, text=text, token=token)


# --- the whole way


def test_from_the_desk_to_the_resident_and_back(case: Application, desk: Client, client: Client) -> None:
    response = act(
        desk, case, "letter", text="口座の写しを\n送ってください。", token=OTHER, enclosed=[paper("見本.pdf")]
    )
    assert response.status_code == 302
    letter = newest_mail()
    assert (
        "メッセージがあります" in letter.subject and "口座" not in str(letter.body) and "/status/" in str(letter.body)
    )
    assert "まだ読んでいません" in desk_page(desk, case)
    assert "まだ読んでいないメッセージが1通" in text_of(enter(client, case))
    assert "まだ読んでいません" in desk_page(desk, case)  # the page of the application shows none of it
    page = client.get(PAGE)
    assert "口座の写しを" in text_of(page) and "新着" in text_of(page) and "officer" not in page.content.decode()
    assert "新着" not in text_of(client.get(PAGE)) and "に読みました" in desk_page(desk, case)
    enclosed = client.get(f"{PAGE}{LetterFile.objects.get().public_id}/")
    assert b"".join(enclosed) == pdf()
    assert post(client, "送ります。", files=[paper(), photo("写真.jpg")])["Location"] == f"{PAGE}?sent=1"
    assert "メッセージを送りました" in text_of(client.get(f"{PAGE}?sent=1"))
    assert str(case.reference) in inbox(desk) and "未読" in inbox(desk, "")
    officers = desk_page(desk, case)
    assert "送ります。" in officers and "証明.pdf" in officers and "写真.jpg" in officers and "未読" in officers
    received = LetterFile.objects.get(name="証明.pdf")
    opened = desk.get(reverse("casework:letter-file", args=(case.public_id, received.public_id)))
    assert b"".join(opened) == pdf()
    act(desk, case, "letter", text="受け取りました。", token="c" * 22)
    assert str(case.reference) not in inbox(desk)
    assert [event.kind for event in case.events.filter(kind__startswith="letter")] == [
        "letter_sent",
        "letter_received",
        "letter_sent",
    ]
    assert "口座" not in str(list(Event.objects.values_list("data", flat=True)))


def test_what_needs_no_answer_is_marked_as_read(case: Application, desk: Client, client: Client) -> None:
    enter(client, case)
    post(client, "ありがとうございました。")
    desk_page(desk, case)
    assert str(case.reference) in inbox(desk)  # to look is not to have done with it
    assert act(desk, case, "read").status_code == 302
    assert str(case.reference) not in inbox(desk) and "/act/read/" not in desk_page(desk, case)
    assert case.events.filter(kind="letter_read").count() == 1


def test_the_page_to_write_on_shows_what_was_written_and_no_machinery(
    case: Application, desk: Client, client: Client
) -> None:
    enter(client, case)
    post(client, "前の質問です。")
    page = text_of(desk.get(reverse("casework:act", args=(case.public_id, "letter"))))
    assert "前の質問です。" in page and "Token" not in page


def test_pressing_twice_sends_once(case: Application, cast: Cast, desk: Client, client: Client) -> None:
    enter(client, case)
    for _ in range(2):
        assert post(client, "一度だけ", files=[paper()])["Location"] == f"{PAGE}?sent=1"
        act(desk, case, "letter", text="こちらも", token=OTHER)
    assert Letter.objects.filter(is_from_office=False).count() == 1
    assert Letter.objects.filter(is_from_office=True).count() == 1
    assert messages.answer(case, text="x", token=TOKEN) == Letter.objects.get(is_from_office=False)


def test_pressing_twice_with_nothing_but_a_file_sends_once(case: Application, client: Client) -> None:
    enter(client, case)
    post(client, action="keep", files=[paper()])
    assert post(client, files=[paper()])["Location"] == f"{PAGE}?sent=1"
    assert post(client)["Location"] == f"{PAGE}?sent=1"
    assert Letter.objects.count() == LetterFile.objects.count() == 1


@pytest.mark.parametrize("text", ["一度だけ", ""])
def test_two_taps_in_the_same_moment_are_both_told_that_it_was_sent(
    case: Application, client: Client, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    enter(client, case)
    post(client, action="keep", files=[paper()])

    def meanwhile(*_: Any) -> CheckedFile:
        messages.answer(case, text=text, token=TOKEN)
        return _checked()

    monkeypatch.setattr("followup.views.messages.check_file", meanwhile)
    assert post(client, text, files=[paper()])["Location"] == f"{PAGE}?sent=1"
    assert Letter.objects.count() == LetterFile.objects.count() == 1


def test_an_answer_to_what_was_read_at_once_needs_no_mail(case: Application, cast: Cast, client: Client) -> None:
    enter(client, case)
    before = len(mail.outbox)
    from_desk(case, cast)
    client.get(PAGE)
    work()
    assert len(mail.outbox) == before


def test_the_words_are_sealed(case: Application, cast: Cast, client: Client, desk: Client, settings: Settings) -> None:
    letter = from_desk(case, cast, "口座番号は0123456です")
    assert "0123456" not in str(Letter.objects.values_list("text", flat=True).get())
    assert messages.text_of(letter, case) == "口座番号は0123456です"
    enter(client, case)
    settings.VAULT_KEYS = ["another"]
    assert "いまは表示できません" in text_of(client.get(PAGE)) and UNREADABLE in desk_page(desk, case)


# --- nothing is lost


def test_a_refused_file_keeps_the_text_and_the_good_files(case: Application, client: Client) -> None:
    enter(client, case)
    hostile = SimpleUploadedFile("悪.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    response = post(client, "残る文", files=[paper("良い.pdf"), hostile])
    page = text_of(response)
    assert response.status_code == 200 and "悪.jpg" in page and "良い.pdf" in page
    assert "残る文" in response.content.decode() and not Letter.objects.exists()
    assert post(client, "残る文").status_code == 302
    assert [file.name for file in Letter.objects.get().files.all()] == ["良い.pdf"]


def test_another_language_keeps_what_was_written_and_sends_nothing(case: Application, client: Client) -> None:
    enter(client, case)
    page = post(client, "書きかけ <b>", action="language:vi", files=paper())
    html = page.content.decode()
    assert '<html lang="vi">' in html and "書きかけ &lt;b&gt;</textarea>" in html and "証明.pdf" in html
    assert page.cookies["mg-language"].value == "vi" and not Letter.objects.exists()
    assert html.index('form="mg-letter" name="action" value="send"') < html.index('value="language:')


def test_a_file_is_taken_out_again(case: Application, client: Client) -> None:
    enter(client, case)
    post(client, "文", files=[paper()], action="keep")
    kept = LetterFile.objects.get()
    response = post(client, "文", action="", remove=kept.public_id)
    assert response.status_code == 200 and "文" in response.content.decode() and not LetterFile.objects.exists()
    assert post(client, "文", action="", remove="\x00").status_code == 200


@pytest.mark.parametrize(
    ("text", "told"), [("", "入力してください"), (" \n", "入力してください"), ("あ" * 2001, "2000文字以内")]
)
def test_what_cannot_be_sent_says_why(case: Application, client: Client, text: str, told: str) -> None:
    enter(client, case)
    response = post(client, text)
    assert response.status_code == 200 and told in text_of(response) and not Letter.objects.exists()


def test_files_alone_are_a_message(case: Application, client: Client) -> None:
    enter(client, case)
    assert post(client, "", files=[SimpleUploadedFile("写真.heic", heic(), "image/heic")]).status_code == 302
    assert LetterFile.objects.get().content_type == "image/jpeg"


def test_more_files_than_a_message_takes(case: Application, client: Client) -> None:
    enter(client, case)
    several = [
        photo(f"{number}.jpg", colour)
        for number, colour in enumerate(["red", "green", "blue", "black", "white", "gray"])
    ]
    response = post(client, "文", files=several)
    assert response.status_code == 200 and f"{MOST_FILES}個まで" in text_of(response)
    assert LetterFile.objects.count() == MOST_FILES


def test_files_of_a_message_that_was_never_sent_are_forgotten(
    case: Application, client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    enter(client, case)
    post(client, "", token=OTHER, files=[paper("送った.pdf")])
    post(client, "文", files=[photo("送らない.jpg")], action="keep")
    unsent = LetterFile.objects.get(letter=None)
    assert messages.forget_unsent() == 0
    LetterFile.objects.update(created_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        assert messages.forget_unsent() == 1
    assert [file.name for file in LetterFile.objects.all()] == ["送った.pdf"]
    assert not unsent.file.storage.exists(str(unsent.file.name))


def test_a_visit_that_ended_meanwhile_sends_and_shows_nothing(case: Application, cast: Cast, client: Client) -> None:
    from_desk(case, cast, "秘密の返事")
    enter(client, case)
    seal = client.get(PAGE).content.decode().partition('name="visit" value="')[2].partition('"')[0]
    Code.objects.update(used_at=timezone.now() - timedelta(hours=1))
    assert client.get(PAGE)["Location"] == "/status/?over=1"
    assert post(client, "あとから").headers["Location"] == "/status/?over=1"  # without the seal
    wrong = post(client, "", visit=seal)
    assert wrong.status_code == 200 and "秘密の返事" not in wrong.content.decode()
    assert post(client, "あとから", visit=seal)["Location"] == "/status/?sent=1"
    assert "メッセージを送りました" in text_of(client.get("/status/?sent=1"))
    assert Letter.objects.filter(is_from_office=False).count() == 1


# --- what is no message


def test_a_virus_is_put_aside(case: Application, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finds:
        def scan(self, _: Any) -> Verdict:
            return Verdict("infected", "Eicar")

    enter(client, case)
    monkeypatch.setattr("applications.uploads._scanner", lambda _: Finds())
    assert "ウイルスの疑い" in text_of(post(client, "文", files=[paper()]))
    assert Quarantined.objects.get().application == case and not LetterFile.objects.exists()


def test_a_hostile_file_of_the_desk_is_refused_too(case: Application, desk: Client) -> None:
    response = act(desk, case, "letter", text="残る文", token=OTHER, enclosed=[paper(), paper("x.pdf", b"<html>")])
    assert response.status_code == 400 and "残る文" in response.content.decode()
    assert not Letter.objects.exists() and not LetterFile.objects.exists()


def test_messages_are_limited(case: Application, client: Client) -> None:
    enter(client, case)
    answers = [post(client, f"{number}", token=f"{number:022d}") for number in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [200]
    assert "入力した文は残っています" in text_of(answers[-1]) and Letter.objects.count() == 10


# --- who may


def test_nobody_reads_another_application(cast: Cast, case: Application, client: Client) -> None:
    messages.write(case, actor=cast.officer, text="秘密", token=OTHER)
    messages.stage(case, token=TOKEN, checked=_checked())
    other = arrived(cast.form)
    enter(client, other)
    assert "秘密" not in client.get(PAGE).content.decode()
    assert client.get(f"{PAGE}{LetterFile.objects.get().public_id}/").status_code == 404
    assert post(client, "文", token=OTHER).status_code == 302  # whose token that is nobody can tell
    assert post(client, "文", token=TOKEN).status_code == 302
    assert other.letters.count() == 2 and not LetterFile.objects.filter(letter__application=other).exists()


def _checked() -> CheckedFile:
    return inspect_upload(paper(), messages.POLICY)


def test_nobody_without_the_code(case: Application, client: Client) -> None:
    for response in (client.get(PAGE), post(client, "文"), client.get(f"{PAGE}{TOKEN}/")):
        assert response["Location"] == "/status/?over=1"
    assert not Letter.objects.exists()


def test_an_auditor_sees_that_there_is_one_and_another_department_nothing(cast: Cast, case: Application) -> None:
    letter = messages.write(case, actor=cast.officer, text="口座の話", token=OTHER)
    file = LetterFile(application=case, letter=letter, token=OTHER)
    checked = _checked()
    file.name, file.content_type, file.size, file.sha256 = checked.name, "application/pdf", 1, checked.sha256
    file.save()
    address = reverse("casework:letter-file", args=(case.public_id, file.public_id))
    auditor, other = Client(), Client()
    auditor.force_login(cast.auditor)
    other.force_login(cast.other_officer)
    html = desk_page(auditor, case)
    assert HIDDEN in html and "口座の話" not in html and "/act/letter/" not in html
    assert auditor.get(address).status_code == 404
    assert act(auditor, case, "letter", text="偽", token=TOKEN).status_code == 302
    assert act(other, case, "letter", text="偽", token=TOKEN).status_code == 404
    assert other.get(address).status_code == 404 and str(case.reference) not in inbox(other, "")
    assert Letter.objects.count() == 1


def test_who_gave_no_address_cannot_be_written_to(cast: Cast, desk: Client) -> None:
    html = desk_page(desk, submit(cast.form))
    assert "/act/letter/" not in html and "/act/document/" not in html and "/act/note/" in html


# --- after the end


def test_after_the_end_only_who_was_asked_answers(cast: Cast, case: Application, client: Client) -> None:
    enter(client, case)
    move(case.pk, Action.WITHDRAW)
    case.refresh_from_db()
    assert not may_answer(case)
    assert "メッセージを送れません" in text_of(post(client, "文")) and not Letter.objects.exists()
    assert "担当の課とのメッセージ" not in text_of(client.get("/status/application/"))
    letter = from_desk(case, cast)
    assert may_answer(case) and post(client, "返事").status_code == 302
    Letter.objects.filter(pk=letter.pk).update(at=timezone.now() - timedelta(days=31))
    assert not may_answer(case) and "メッセージを送れません" in text_of(client.get(PAGE))


# --- costs


def test_the_pages_cost_as_many_queries_with_many_messages(
    cast: Cast, case: Application, desk: Client, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    enter(client, case)
    for number in range(4):
        post(client, f"{number}", token=f"{number:022d}", files=[paper()])
        messages.write(case, actor=cast.officer, text="返事", token=f"{number + 9:022d}")
    client.get(PAGE)
    with django_assert_max_num_queries(6):
        client.get(PAGE)
    with django_assert_max_num_queries(11):
        client.get("/status/application/")
    desk_page(desk, case)
    with django_assert_max_num_queries(24):
        desk_page(desk, case)
    inbox(desk)
    with django_assert_max_num_queries(16):
        inbox(desk)
