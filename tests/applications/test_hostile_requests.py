"""Requests that no browser sends by itself: a page in Japanese that says what to do, never a 500, never half a case."""

import codecs
import resource
import tracemalloc
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from applications.models import Application, Attachment
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, STEPS, Resident, boxes, errors_of, leads_to, photo, text_of
from tests.support.cast import Cast, current_version, key_of, make_form

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
MEGABYTE = 1024 * 1024


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    return resident


# --- what is too much


@pytest.mark.parametrize("type_", [URLENCODED, MULTIPART])
def test_six_megabytes_of_text_are_refused_in_japanese_and_nothing_that_was_kept_is_lost(
    resident: Resident, type_: str
) -> None:
    before = resident.answers
    box, text = f"f-{key_of('備考')}", "あ" * (2 * MEGABYTE)
    body = f"{box}={text}" if type_ == URLENCODED else part(box, text)
    page = resident.client.generic("POST", resident.url("3"), body.encode(), content_type=type_)
    assert page.status_code == 400
    assert "送られた内容を受け取れませんでした" in text_of(page)
    assert "ブラウザーの「戻る」で前の画面にもどり" in text_of(page)
    assert resident.answers == before


def part(name: str, text: str) -> str:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n--x--\r\n'


def test_twenty_thousand_boxes_and_one_are_refused_in_japanese(resident: Resident) -> None:
    before = resident.answers
    body = "&".join(f"x{number}=1" for number in range(20_001))
    page = resident.client.generic("POST", resident.url("1"), body, content_type=URLENCODED)
    assert page.status_code == 400
    assert "送られた内容を受け取れませんでした" in text_of(page)
    assert resident.answers == before


def test_boxes_that_the_form_does_not_have_are_passed_over(resident: Resident) -> None:
    extra = {f"f-x{number}": "1" for number in range(5000)}
    assert leads_to(resident.fill("1", APPLICANT, **extra)) == "2"
    assert resident.answers == APPLICANT


def test_a_thousand_files_and_one_are_refused_in_japanese(resident: Resident) -> None:
    one = photo()
    page = resident.fill("2", {"表紙": [one for _ in range(1001)]})
    assert page.status_code == 400
    assert "一度にたくさんのファイルを選んでいないか" in text_of(page)
    assert not Attachment.objects.exists()


class Endless:
    """A request body that exists only as it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces, self.rest = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and (piece := next(self.pieces, b"")):
            self.rest += piece
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    readline = read  # Django asks for it, and never calls it here


def hundred_megabytes(before: str, name: str) -> Iterator[bytes]:
    yield before.removesuffix("--x--\r\n").encode()
    yield f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n\r\n'.encode()
    for _ in range(100):
        yield bytes(MEGABYTE)
    yield ("\r\n" + part(f"f-{key_of('胎児の数')}", "3")).encode()


def test_a_hundred_megabytes_are_told_in_words_take_no_memory_and_lose_no_other_box(resident: Resident) -> None:
    first, name = part(f"f-{key_of('多胎')}", "yes"), f"f-{key_of('表紙')}"
    length = sum(map(len, hundred_megabytes(first, name)))
    peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    page = resident.client.request(
        PATH_INFO=resident.url("2"),
        REQUEST_METHOD="POST",
        CONTENT_TYPE=MULTIPART,
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": Endless(hundred_megabytes(first, name))},
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert any("ファイルが大きすぎて受け取れませんでした。1枚10MBまで" in line for line in errors_of(page))
    assert (resident.answers["多胎"], resident.answers["胎児の数"]) == (True, "3")
    assert not Attachment.objects.exists()
    assert peak < 12 * MEGABYTE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_before < 60 * 1024  # kilobytes


# --- what is malformed


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=" + "b" * 300, b"x"),
        (f"{MULTIPART}; charset=hex", part("a", "b").encode()),
        (f"{MULTIPART}; charset=rot13", part("a", "b").encode()),
        (f"{MULTIPART}; charset=idna", part("a", "b").encode()),
        (f"{MULTIPART}; charset=undefined", part("a", "b").encode()),
        (f"{MULTIPART}; charset=utf-16", part("a", "b").encode()),
        (f"{URLENCODED}; charset=shift_jis", b"a=b"),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="' + b"n" * 40_000 + b'"\r\n\r\nv\r\n--x--'),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_japanese(resident: Resident, type_: str, body: bytes) -> None:
    before = resident.answers
    page = resident.client.generic("POST", resident.url("1"), body, content_type=type_)
    assert page.status_code == 400
    assert "送られた内容を受け取れませんでした" in text_of(page)
    assert resident.answers == before


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        (MULTIPART, b""),
        (MULTIPART, b"garbage"),
        (MULTIPART, b"--x\r\ngarbage"),
        (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--"),
        (MULTIPART, b"--x\r\n" * 5000),
        ("application/json", b'{"a": 1}'),
        ("text/plain", b"\x00\xff"),
        ("", b""),
        ("nonsense", b"x"),
        (URLENCODED, b"%%%&&&===%zz=\xff\xfe&\x00=\x00"),
        (f"{MULTIPART}; charset=no-such-thing", part("a", "b").encode()),
    ],
)
def test_a_body_that_says_nothing_changes_nothing(resident: Resident, type_: str, body: bytes) -> None:
    before = resident.answers
    page = resident.client.generic("POST", resident.url("1"), body, content_type=type_)
    assert page.status_code == 200
    assert errors_of(page)
    assert resident.answers == before


@pytest.mark.parametrize("name", [name for name in ("utf_7", "punycode", "utf-8", "ascii") if codecs.lookup(name)])
def test_no_other_encoding_brings_in_what_the_pages_own_would_not(resident: Resident, name: str) -> None:
    body = part(f"f-{key_of('メール')}", "+AAA-@example.jp").encode()
    page = resident.client.generic("POST", resident.url("1"), body, content_type=f"{MULTIPART}; charset={name}")
    assert page.status_code == (200 if name == "utf-8" else 400)


# --- addresses and methods

PLACES = ["", "1", "2", "check", "stop", "done", "new", "update", "files/" + "A" * 22]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace", "head"])
def test_no_method_breaks_a_page_or_changes_anything(resident: Resident, method: str) -> None:
    before = Application.objects.values_list("pk", "revision", "status").get()
    for place in PLACES:
        response = getattr(resident.client, method)(resident.url(place))
        allowed = (200, 302, 404, 405) if method in ("head", "options") else (302, 404, 405)
        assert response.status_code in allowed, place
    assert Application.objects.values_list("pk", "revision", "status").get() == before


def test_what_is_only_looked_at_takes_nothing(resident: Resident) -> None:
    for place in ("", "stop", "done", "files/" + "A" * 22):
        assert resident.post(place, boxes(resident.engine, APPLICANT)).status_code == 405


@pytest.mark.parametrize("place", ["new", "update"])
def test_an_address_that_only_a_button_leads_to_leads_back_when_it_is_opened(resident: Resident, place: str) -> None:
    assert leads_to(resident.get(place)) == resident.code
    assert leads_to(resident.get("2").client.get(resident.url())) == "2"


ADDRESSES = [
    "/?q=%00",
    "/?q=%ff%fe",
    "/?%00=%00",
    "/?q=" + "%f0%a0%ae%b7" * 2000,
    "/%00",
    "/%00/",
    "/%ed%a0%80/",
    "/apply/%00/",
    "/apply/gift/%00/",
    "/apply/gift/1%00/",
    "/apply/gift/1/?x=%00",
    "/apply/gift/files/%00/",
    "/apply/gift/files/..%2f..%2fkeys/",
    "/apply/postcode/%00/",
    "/apply/postcode/%f0%9f%98%80/",
    "/apply/postcode/" + "9" * 5000 + "/",
    "/media/%00",
    "/media/..%2f..%2fkeys",
    "/media/%2e%2e/keys/madoguchi_secret_key",
    "/static/%00",
    "/static/..%2f..%2fconfig%2fsettings.py",
    "/documents/1/%00",
    "/" + "a" * 9000 + "/",
    "/apply//1/",
]


def test_no_address_breaks_anything(form: FormPage) -> None:
    for address in ADDRESSES:
        response = Client().get(address)
        assert response.status_code in (200, 301, 302, 400, 404), address
        assert response.status_code < 400 or "手続の一覧へ" in text_of(response), address


def test_no_address_leads_away_from_here(form: FormPage) -> None:
    for path in ("//evil.example", "///evil.example/x", "/\\evil.example", "/apply//evil.example"):
        response = Client().get("/", PATH_INFO=path)
        assert response.status_code in (301, 302, 404), path
        assert not urlsplit(response.headers.get("Location", "")).netloc, path


@pytest.mark.parametrize("cookie", ['sessionid="\\000"', 'csrftoken="\\000"', 'mg-gift="\\000.\\000"', "=;;=\x7f;,"])
def test_no_cookie_breaks_anything(form: FormPage, cookie: str) -> None:
    for address in ("/", "/apply/gift/1/", "/admin/login/"):
        assert Client(headers={"cookie": cookie}).get(address).status_code == 200, address


@pytest.mark.parametrize("host", ["evil.example", "localhost:80@evil.example", "a\x00b", "", "x" * 300, "[::1"])
def test_a_foreign_host_gets_a_page_that_names_no_host(form: FormPage, host: str) -> None:
    for address in ("/", "/apply/gift/1/", "/admin/login/"):
        response = Client(headers={"host": host}).get(address)
        assert response.status_code == 400, address
        assert "送られた内容を受け取れませんでした" in text_of(response), address
        assert "evil" not in response.content.decode(), address


# --- the token of the page


@pytest.mark.parametrize("token", [None, "", "x", "A" * 64, "\x00", "𠮷" * 64])
def test_without_the_pages_own_token_nothing_is_taken_and_the_page_says_what_to_do(
    form: FormPage, token: str | None
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/apply/gift/1/")
    data = boxes(current_version(form).engine, APPLICANT)
    page = client.post("/apply/gift/1/", data if token is None else {**data, "csrfmiddlewaretoken": token})
    assert page.status_code == 403
    assert "操作を続けられませんでした" in text_of(page)
    assert "ブラウザーの「戻る」で前の画面にもどり" in text_of(page)
    assert not Application.objects.exists()


def test_a_token_of_another_browser_is_no_token(form: FormPage) -> None:
    own, foreign = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    tokens = [client.get("/apply/gift/1/").context["csrf_token"] for client in (own, foreign)]
    data = boxes(current_version(form).engine, APPLICANT)
    assert own.post("/apply/gift/1/", {**data, "csrfmiddlewaretoken": str(tokens[1])}).status_code == 403
    assert own.post("/apply/gift/1/", {**data, "csrfmiddlewaretoken": str(tokens[0])}).status_code == 302


@pytest.mark.parametrize("place", ["check", "new", "update"])
def test_every_button_of_the_path_needs_the_token(resident: Resident, place: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["mg-gift"] = resident.key
    assert client.post(resident.url(place), {"revision": "1"}).status_code == 403


def test_a_huge_upload_without_a_token_is_refused_too(form: FormPage) -> None:
    big = SimpleUploadedFile("a.jpg", bytes(MEGABYTE), "image/jpeg")
    page = Client(enforce_csrf_checks=True).post("/apply/gift/2/", {f"f-{key_of('表紙')}": big})
    assert page.status_code == 403
    assert not Attachment.objects.exists()


# --- what formtools would take from a request


@pytest.mark.parametrize(
    "extra",
    [
        {"application_wizard-current_step": "3"},
        {"application_wizard-current_step": "\x00"},
        {"-current_step": "nowhere"},
        {"wizard_goto_step": "3"},
        {"wizard_goto_step": "no-such-step"},
        {"current_step": "3", "code": "other"},
    ],
)
def test_the_step_is_the_one_in_the_address_whatever_the_request_says(
    resident: Resident, extra: dict[str, str]
) -> None:
    assert leads_to(resident.fill("1", APPLICANT, **extra)) == "2"
    assert resident.answers == APPLICANT
