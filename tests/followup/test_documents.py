"""交付文書: handed out at the desk, downloaded by number and code, taken back with a reason; all is recorded."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from applications.lifecycle import move
from applications.models import Application, Quarantined
from applications.status import Action, Status
from dialogue.documents import Gone, NotArrived, issue_document, open_document, take_back
from dialogue.models import IssuedDocument
from formbuilder.uploads.scanner import Verdict
from tests.applications.residents import Response, text_of
from tests.followup.following import arrived, enter, newest_mail, work
from tests.formbuilder.uploads.samples import pdf
from tests.support.cast import Cast, draft


@pytest.fixture
def case(cast: Cast) -> Application:
    return arrived(cast.form)


@pytest.fixture
def desk(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.approver)
    return client


def paper(name: str = "決定.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content, "application/pdf")


def act(desk: Client, case: Application, action: str, **data: Any) -> Response:
    case.refresh_from_db()
    address = reverse("casework:act", args=(case.public_id, action))
    return desk.post(address, {"revision": str(case.revision), **data})


def desk_page(desk: Client, case: Application) -> str:
    return desk.get(reverse("casework:case", args=(case.public_id,))).content.decode()


def address_of(document: IssuedDocument) -> str:
    return f"/status/documents/{document.public_id}/"


def kinds_of(case: Application) -> list[str]:
    return [kind for kind in case.events.values_list("kind", flat=True) if kind.startswith("document")]


# --- the whole way


def test_from_the_desk_to_the_resident(case: Application, desk: Client, client: Client) -> None:
    assert act(desk, case, "document", title="交付決定通知書", document=paper()).status_code == 302
    document = IssuedDocument.objects.get()
    letter = newest_mail()
    assert "文書のお知らせ" in letter.subject and "/status/" in str(letter.body)
    assert "交付決定通知書" not in f"{letter.subject}{letter.body}" and not letter.attachments
    assert "まだ見ていません" in desk_page(desk, case)
    page = text_of(enter(client, case))
    assert "交付決定通知書" in page and "文書をお渡ししました" in page
    assert "まだ保存していません" in desk_page(desk, case)
    response = client.get(address_of(document))
    assert b"".join(response) == pdf() and "attachment" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"] and response["X-Content-Type-Options"] == "nosniff"
    client.get("/status/application/")
    assert kinds_of(case) == ["document_issued", "document_seen", "document_opened"]
    officers = desk_page(desk, case)
    assert "申請者が文書「交付決定通知書」を開きました" in officers and "に保存しました" in officers


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("交付決定通知書", "交付決定通知書.pdf"),
        ("令和8/9年度\r\nX: y", "令和8＿9年度＿＿X＿ y.pdf"),
        (" ..", "文書.pdf"),
    ],
)
def test_a_document_is_saved_under_its_title(
    case: Application, cast: Cast, client: Client, desk: Client, title: str, name: str
) -> None:
    document = issue_document(case, cast.officer, title, pdf(), name="a.PDF")
    enter(client, case)
    of_desk = desk.get(reverse("casework:document", args=(case.public_id, document.public_id)))
    for response in (client.get(address_of(document)), of_desk):
        assert b"".join(response) == pdf()
        assert f"filename*=utf-8''{quote(name)}" in response["Content-Disposition"]


def test_with_the_decision_there_is_one_mail(case: Application, desk: Client, client: Client) -> None:
    move(case.pk, Action.REVIEW)
    work()
    before = len(mail.outbox)
    assert act(desk, case, "approve", message="", title="", document=paper()).status_code == 302
    work()
    assert ["申請の結果" in letter.subject for letter in mail.outbox[before:]] == [True]
    assert IssuedDocument.objects.get().title == "決定通知書"
    assert "決定通知書" in text_of(enter(client, case))


def test_a_decision_that_comes_too_late_hands_out_nothing(case: Application, desk: Client) -> None:
    move(case.pk, Action.REVIEW)
    case.refresh_from_db()
    address = reverse("casework:act", args=(case.public_id, "reject"))
    data = {"revision": str(case.revision + 1), "reason": "x", "document": paper()}
    assert desk.post(address, data).status_code == 400
    assert not IssuedDocument.objects.exists() and Application.objects.get().status == Status.IN_REVIEW


def test_pressing_twice_hands_out_once(case: Application, cast: Cast) -> None:
    first = issue_document(case, cast.officer, "通知", pdf())
    assert issue_document(case, cast.officer, "通知", pdf()) == first
    assert kinds_of(case) == ["document_issued"]
    take_back(case, first.public_id, actor=cast.officer, reason="まちがい")
    assert issue_document(case, cast.officer, "通知", pdf()) != first  # after all


# --- taken back


def test_what_was_a_mistake_is_taken_back_with_a_reason(case: Application, desk: Client, client: Client) -> None:
    act(desk, case, "document", title="通知", document=paper())
    document = IssuedDocument.objects.get()
    enter(client, case)
    assert act(desk, case, "take-back", document=document.public_id).status_code == 400
    assert act(desk, case, "take-back", document=document.public_id, reason="宛名の誤り").status_code == 302
    letter = newest_mail()
    assert "文書の取消し" in letter.subject and "宛名の誤り" not in str(letter.body)
    page = client.get("/status/application/").content.decode()
    assert "宛名の誤り" in page and address_of(document) not in page
    assert client.get(address_of(document)).status_code == 404
    assert "宛名の誤り" in desk_page(desk, case) and "/act/take-back/" not in desk_page(desk, case)
    opened = desk.get(reverse("casework:document", args=(case.public_id, document.public_id)))
    assert b"".join(opened) == pdf()  # part of the record
    assert act(desk, case, "take-back", document=document.public_id, reason="二度目").status_code == 302
    assert IssuedDocument.objects.get().taken_back_reason == "宛名の誤り"


def test_nobody_is_told_of_what_was_taken_back_at_once(case: Application, cast: Cast) -> None:
    work()
    before = len(mail.outbox)
    document = issue_document(case, cast.officer, "通知", pdf())
    take_back(case, document.public_id, actor=cast.officer, reason="まちがい")
    work()
    assert ["取消し" in letter.subject for letter in mail.outbox[before:]] == [True]


# --- who may


def test_nobody_downloads_without_the_code_or_anothers(cast: Cast, case: Application, client: Client) -> None:
    document = issue_document(case, cast.officer, "通知", pdf())
    assert client.get(address_of(document))["Location"] == "/status/?over=1"
    enter(client, arrived(cast.form))
    assert client.get(address_of(document)).status_code == 404
    assert client.get("/status/documents/x/").status_code == 404
    assert kinds_of(case) == ["document_issued"]


def test_at_the_desk_only_the_department_and_no_auditor(cast: Cast, case: Application) -> None:
    document = issue_document(case, cast.officer, "通知", pdf())
    address = reverse("casework:document", args=(case.public_id, document.public_id))
    for user, status in ((cast.officer, 200), (cast.auditor, 404), (cast.other_officer, 404)):
        client = Client()
        client.force_login(user)
        response = client.get(address)
        assert response.status_code == status
        assert status != 200 or b"".join(response) == pdf()
        acted = act(client, case, "document", title="偽", document=paper())
        assert (acted.status_code, user.username) in [(302, "officer"), (302, "auditor"), (404, "other_officer")]
    assert list(IssuedDocument.objects.filter(title="偽").values_list("issued_by__username", flat=True)) == ["officer"]
    assert kinds_of(case).count("document_opened") == 1


def test_nothing_is_issued_to_a_draft(cast: Cast) -> None:
    with pytest.raises(NotArrived):
        issue_document(draft(cast.form), cast.officer, "通知", pdf())


def test_another_case_has_no_part_in_it(cast: Cast, case: Application) -> None:
    document = issue_document(case, None, "通知", pdf())
    other = arrived(cast.form)
    calls: list[Callable[[], object]] = [
        lambda: open_document(other, document.public_id),
        lambda: open_document(case, "\x00"),
        lambda: take_back(other, document.public_id, actor=cast.officer, reason="x"),
    ]
    for call in calls:
        with pytest.raises(Gone):
            call()


# --- what is no document


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"%PDF-1.4 /JavaScript", b"\xff\xd8\xff\xe0jpeg"])
def test_what_is_no_pdf_is_refused(case: Application, desk: Client, content: bytes) -> None:
    response = act(desk, case, "document", title="通知", document=paper(content=content))
    assert response.status_code == 400 and "通知" in response.content.decode()
    assert not IssuedDocument.objects.exists()


def test_a_virus_is_put_aside(case: Application, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finds:
        def scan(self, _: Any) -> Verdict:
            return Verdict("infected", "Eicar")

    monkeypatch.setattr("applications.uploads._scanner", lambda _: Finds())
    assert act(desk, case, "document", title="通知", document=paper()).status_code == 400
    assert Quarantined.objects.get().application == case and not IssuedDocument.objects.exists()


def test_downloads_are_limited(cast: Cast, case: Application, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = issue_document(case, cast.officer, "通知", pdf())
    enter(client, case)
    monkeypatch.setattr("applications.limits.Limit.take", lambda *_: False)
    response = client.get(address_of(document))
    assert response.status_code == 429 and "1時間ほど" in text_of(response)


def test_the_pages_cost_as_many_queries_with_many_documents(
    cast: Cast,
    case: Application,
    desk: Client,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(6):
        issue_document(case, cast.officer, f"通知{number}", pdf())
    enter(client, case)  # which records that they were seen
    with django_assert_max_num_queries(10):
        client.get("/status/application/")
    desk_page(desk, case)
    with django_assert_max_num_queries(23):
        desk_page(desk, case)
