"""アクセシビリティ方針, and what is shown when something is wrong: in the reader's language, with name and links."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation
from django.views import defaults

from cms.errors import server_error
from cms.models import GuidePage
from tests.support.cast import make_cast, make_home


def test_every_page_leads_to_the_accessibility_statement(db: None) -> None:
    make_cast()
    assert '<a href="/accessibility/">アクセシビリティ方針</a>' in Client().get("/").content.decode()
    page = Client().get("/accessibility/").content.decode()
    assert "JIS X 8341-3:2016 の適合レベルAA" in page and "スクリーンリーダーでの確認" in page


def test_a_municipality_puts_its_own_statement_there(db: None) -> None:
    make_cast()
    own = GuidePage(title="市の方針", slug="accessibility", body="<p>市が試験した結果です。</p>")
    make_home().add_child(instance=own)
    assert "市が試験した結果です" in Client().get("/accessibility/").content.decode()
    own.unpublish()
    assert "市が試験した結果です" not in Client().get("/accessibility/").content.decode()


@pytest.mark.parametrize(
    ("language", "tag", "says"), [("ja", "ja", "不具合"), ("en", "en", "could not"), ("vi", "vi", "")]
)
def test_when_something_breaks_the_page_speaks_the_readers_language_and_asks_no_database(
    rf: RequestFactory, language: str, tag: str, says: str
) -> None:
    with translation.override(language):
        page = server_error(rf.get("/"))
    text = page.content.decode()
    assert page.status_code == 500
    assert f'<html lang="{tag}">' in text and "みほん市" in text and 'href="/status/"' in text
    assert says in text


def test_a_500_of_the_site_is_that_page(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("cms.views.serve", breaks)
    page = Client(raise_request_exception=False).get("/accessibility/")
    assert page.status_code == 500 and "みほん市" in page.content.decode()


def test_who_may_not_see_a_page_reads_so_in_japanese(rf: RequestFactory) -> None:
    request: HttpRequest = rf.get("/")
    page = defaults.permission_denied(request, PermissionDenied()).content.decode()
    assert "このページは表示できません" in page and '<html lang="ja">' in page
