"""控え: the answers as a PDF, for who has come in with a code, with nothing that the page hides."""

from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from applications.models import Application
from followup.words import HIDDEN
from tests.applications.residents import ACCOUNT, text_of
from tests.followup.following import arrived, enter
from tests.support.cast import Cast

COPY = "/status/copy/"


def paper(client: Client, language: str = "") -> str:
    response = client.get(COPY, headers={"Accept-Language": language} if language else None)
    assert response.status_code == 200 and response["Content-Type"] == "application/pdf"
    assert "attachment" in response["Content-Disposition"] and "no-store" in response["Cache-Control"]
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)


def test_the_copy_says_what_the_page_says(cast: Cast, client: Client) -> None:
    application = arrived(cast.form, 振込先=ACCOUNT, 備考="備考の文\n二行め")
    assert 'href="/status/copy/"' in enter(client, application).content.decode()
    text = paper(client)
    for words in (str(application.reference), "見本 花子", "備考の文", "二行め", HIDDEN, "控え", "受け付けました"):
        assert words in text
    assert ACCOUNT["number"] not in text and "みほん銀行" not in text


def test_nobody_gets_it_without_the_code(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    assert client.get(COPY)["Location"] == "/status/?over=1"
    client.post("/status/", {"reference": application.reference})  # asked for, and not typed
    assert client.get(COPY)["Location"] == "/status/?over=1"


def test_it_speaks_the_language_of_the_page_where_the_font_can(cast: Cast, client: Client) -> None:
    enter(client, arrived(cast.form))
    assert "Status" in paper(client, "en")
    korean = paper(client, "ko")
    assert "受付番号" in korean and "〓" not in korean


def test_a_character_that_the_font_lacks_is_shown_as_missing(cast: Cast, client: Client) -> None:
    enter(client, arrived(cast.form, 備考="\U0001f600"))
    assert "〓は、この用紙の文字" in paper(client)


def test_it_is_not_made_for_ever(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(client, arrived(cast.form))
    monkeypatch.setattr("followup.views.copy.answers_pdf", lambda _: b"%PDF-")
    answers = [client.get(COPY) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "1時間ほど" in text_of(answers[-1]) and Application.objects.count() == 1
