"""Only the browser that began a draft sees it: its key is a cookie that nobody can guess or bend."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.models import Application
from applications.services import digest_of, opens
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, STEPS, Resident, boxes, content_of, leads_to, photo, text_of
from tests.support.cast import Cast, make_form


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    resident.fill("2", {"多胎": False, "表紙": [photo()]})
    return resident


@pytest.fixture
def stranger(resident: Resident) -> Resident:
    return Resident(resident.form, Client())


def holding(resident: Resident, key: str) -> Resident:
    other = Resident(resident.form, Client())
    other.client.cookies[f"mg-{resident.code}"] = key
    return other


def bent(key: str) -> list[str]:
    public_id, _, secret = key.partition(".")
    return [
        public_id,
        f"{public_id}.",
        f".{secret}",
        f"{public_id}.{secret[:-1]}",
        f"{public_id}.{secret}x",
        f"{public_id}.{secret.swapcase()}",
        f"{public_id}.{digest_of(secret)}",
        f"{public_id.swapcase()}.{secret}",
        f"{public_id}.{secret}.{secret}",
        f" {key}",
        f"{key}\n",
        '"' + key.replace(public_id[0], "\\000", 1) + '"',
        '"\\000"',
        '"\\000.\\000"',
        "x" * 8000,
        "%00.%00",
        "é.é",
    ]


def test_a_bent_key_opens_nothing_and_breaks_nothing(resident: Resident) -> None:
    for key in bent(resident.key):
        other = holding(resident, key)
        assert leads_to(other.get()) == "1", key
        assert "見本" not in text_of(other.get("1")), key
        assert leads_to(other.get("2")) == resident.code, key
        assert leads_to(other.get("done")) == resident.code, key


def test_a_bent_key_changes_nothing(resident: Resident) -> None:
    before = resident.answers
    posted = boxes(resident.engine, {**APPLICANT, "氏名": {"family": "別", "given": "人"}})
    for key in bent(resident.key):
        other = holding(resident, key)
        other.post("1", posted)
        assert other.draft != resident.draft
    assert resident.answers == before


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(codec="latin-1"), max_size=120))
def test_any_other_text_is_no_key(resident: Resident, key: str) -> None:
    client = Client(headers={"cookie": f"mg-gift={key}"})
    response = client.get(resident.url())
    assert response.status_code == 302
    assert leads_to(response) == "1"


def test_a_stranger_sees_and_changes_nothing(resident: Resident, stranger: Resident) -> None:
    before = resident.answers
    stranger.fill("1", {**APPLICANT, "氏名": {"family": "別", "given": "人"}})
    assert "別" in stranger.get("1").content.decode()
    assert "花子" not in stranger.get("1").content.decode()
    assert resident.answers == before
    (file,) = resident.answers["表紙"]
    stranger.fill("2", {"多胎": False}, action="", remove=file)
    assert resident.draft.attachments.count() == 1


def test_the_key_of_one_form_opens_no_other(cast: Cast, resident: Resident) -> None:
    other = Resident(cast.other_form, Client())
    other.client.cookies["mg-sodai"] = resident.key
    assert leads_to(other.get()) == "1"
    assert "見本" not in text_of(other.get("1"))


def test_the_database_does_not_know_the_key(resident: Resident) -> None:
    secret = resident.key.partition(".")[2]
    assert len(secret) == 43
    row = Application.objects.filter(pk=resident.draft.pk).values().get()
    assert secret not in str(row)
    assert opens(resident.draft, secret)
    assert not opens(resident.draft, digest_of(secret))


def test_no_two_drafts_have_the_same_key(form: FormPage) -> None:
    residents = [Resident(form, Client()) for _ in range(3)]
    for each in residents:
        each.fill("1", APPLICANT)
    assert len({each.key for each in residents}) == len({each.draft.pk for each in residents}) == 3


# --- files


def test_a_file_opens_with_the_key_of_its_own_draft_alone(resident: Resident, stranger: Resident) -> None:
    (file,) = resident.answers["表紙"]
    own = resident.get(f"files/{file}")
    assert own.status_code == 200
    assert content_of(own)[:2] == b"\xff\xd8"
    assert stranger.get(f"files/{file}").status_code == 404
    stranger.fill("1", APPLICANT)
    assert stranger.get(f"files/{file}").status_code == 404
    assert holding(resident, bent(resident.key)[4]).get(f"files/{file}").status_code == 404


def test_a_file_is_never_taken_for_a_page_of_ours(resident: Resident) -> None:
    (file,) = resident.answers["表紙"]
    response = resident.get(f"files/{file}")
    assert len(content_of(response)) == int(response["Content-Length"])
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "filename*=utf-8''%E8%A1%A8%E7%B4%99.jpg" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["x", "%00", "a%00b", "..%2f..%2fkeys", "𠮷", "A" * 22, "A" * 5000])
def test_an_unknown_file_is_not_found(resident: Resident, name: str) -> None:
    assert resident.client.get(f"/apply/gift/files/{name}/").status_code == 404


def test_a_file_that_is_gone_from_the_storage_is_not_found(resident: Resident) -> None:
    attachment = resident.draft.attachments.get()
    attachment.file.delete(save=False)
    assert resident.get(f"files/{attachment.public_id}").status_code == 404


def test_the_file_of_a_declared_application_stays_open_to_who_sent_it(resident: Resident) -> None:
    resident.fill("3", {"受取方法": "koukin"})
    resident.declare()
    (file,) = resident.answers["表紙"]
    assert content_of(resident.get(f"files/{file}"))[:2] == b"\xff\xd8"


def test_nothing_of_a_resident_is_under_the_public_media(resident: Resident, client: Client) -> None:
    name = resident.draft.attachments.get().file.name
    assert client.get(f"/media/{name}").status_code == 404
    assert client.get(f"/static/{name}", follow=True).status_code == 404


def test_no_proxy_keeps_a_page_of_one_residents(resident: Resident) -> None:
    resident.fill("3", {"受取方法": "koukin"})
    for place in ("", "1", "check", "done", "stop"):
        kept = resident.get(place)["Cache-Control"]
        assert "private" in kept, place
        assert "no-cache" in kept, place
        assert "no-store" not in kept, place  # or the browser's back button would forget what was typed
