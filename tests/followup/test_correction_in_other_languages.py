"""The page of a correction speaks its reader's language, and the choice of another one loses nothing."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.status import Status
from formbuilder.models import FormPage
from tests.followup.following import enter
from tests.followup.test_correction import CHECK, PAGE, STEPS, answers_of, post, returned, send
from tests.support.cast import Cast, make_form


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, code="mend", steps=STEPS)


def test_the_page_speaks_the_readers_language_and_nobody_elses(cast: Cast, form: FormPage, client: Client) -> None:
    draft = form.get_latest_revision_as_object()
    draft.translations = {"en": {"備考": "Remarks", "表紙": "Cover", "受取": "Payment"}}
    draft.save_revision().publish()
    case = returned(cast, FormPage.objects.get(pk=form.pk), "備考", "表紙")
    enter(client, case)
    seen = {}
    for code in ("en", "ja", "en"):
        client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = code
        seen[code] = client.get(PAGE).content.decode().partition("<main")[2]
    assert "Remarks" in seen["en"] and "Payment" in seen["en"] and ">required<" not in seen["ja"]
    assert ">備考<" not in seen["en"]
    assert "備考" in seen["ja"] and "Remarks" not in seen["ja"] and "Take or choose" not in seen["ja"]
    assert post(client, case, {"備考": "直した備考"}).headers["Location"] == CHECK
    assert send(client).status_code == 302
    assert answers_of(case)["備考"] == "直した備考"
    corrected = Client()
    corrected.force_login(cast.officer)
    desk = corrected.get(reverse("casework:case", args=(case.public_id,))).content.decode()
    assert "Remarks" not in desk and "備考" in desk


def test_another_language_keeps_what_was_typed(cast: Cast, form: FormPage, client: Client) -> None:
    case = returned(cast, form, "備考", "氏名")
    enter(client, case)
    again = post(client, case, {"備考": "書きかけ", "氏名": {"family": "", "given": "花"}}, action="language:en")
    assert again.headers["Location"] == PAGE and again.cookies["mg-language"].value == "en"
    html = client.get(PAGE).content.decode()
    assert '<html lang="en">' in html and "書きかけ" in html and 'value="花"' in html
    assert html.index('form="mg-mend" name="action" value="next"') < html.index('value="language:')
    assert Application.objects.get().status == Status.RETURNED and answers_of(case)["備考"] == "はじめの備考"
