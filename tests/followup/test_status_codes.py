"""申請状況の確認: who comes in with number and code, and who does not."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from applications.limits import Limit, forget_old, network_of
from applications.models import Application, Delivery, Tally
from applications.references import new_reference
from followup import codes, limits, session
from followup.models import Code, Purpose
from outreach.models import Message
from tests.applications.residents import text_of
from tests.followup.following import arrived, ask, digits_in, enter, newest_digits, newest_mail, work, wrong
from tests.outreach.letterbox import Letterbox
from tests.support.cast import Cast, draft, submit


def test_number_and_code_open_the_application(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    page = text_of(enter(client, application))
    for shown in ("受け付けました", str(application.reference), "見本 花子", "申請を取り下げる"):
        assert shown in page


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{wide}", "{plain}", "{long}"])
def test_the_number_may_be_typed_in_any_width_and_case(cast: Cast, client: Client, typed: str) -> None:
    reference = str(arrived(cast.form).reference)
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else "ー" for c in reference)
    text = typed.format(
        reference,
        lower=reference.lower(),
        wide=wide,
        plain=reference.replace("-", ""),
        long=reference.replace("-", "—"),
    )
    assert ask(client, text)["Location"] == "/status/code/"
    assert Code.objects.get().application is not None


@pytest.mark.parametrize(
    "typed", ["", "1234", "A3C4-D6E7-Z", "\x00", "𠮷" * 9, "x" * 10_000, "🏳️‍🌈" * 9, "%00' OR 1=1 --"]
)
def test_what_is_no_number_is_told_at_once(cast: Cast, client: Client, typed: str) -> None:
    response = ask(client, typed)
    assert response.status_code == 200
    assert "受付番号を確かめて" in text_of(response)
    assert not Code.objects.exists()


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\x00" * 6, "😀" * 6, "1" * 10_000, "٣٣٣٣٣٣"])
def test_what_are_no_digits_costs_no_try(cast: Cast, client: Client, typed: str) -> None:
    ask(client, arrived(cast.form).reference)
    response = client.post("/status/code/", {"digits": typed})
    assert response.status_code == 200
    assert "6桁の数字" in text_of(response)
    assert Code.objects.get().tries == 0


def test_digits_may_be_typed_in_full_width_with_a_space(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    digits = newest_digits().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert client.post("/status/code/", {"digits": f"{digits[:3]}　{digits[3:]}"})["Location"] == "/status/application/"


def test_a_code_opens_once(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    cookie, digits = client.cookies[session.COOKIE].value, newest_digits()
    client.post("/status/code/", {"digits": digits})
    client.post("/status/leave/")
    client.cookies[session.COOKIE] = cookie
    assert "違うか、期限が切れています" in text_of(client.post("/status/code/", {"digits": digits}))
    assert client.get("/status/application/")["Location"] == "/status/?over=1"


def test_a_code_expires_after_ten_minutes(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    digits = newest_digits()
    Code.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "期限が切れています" in text_of(client.post("/status/code/", {"digits": digits}))


def test_five_wrong_tries_end_a_code(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    digits = newest_digits()
    for _ in range(codes.TRIES):
        client.post("/status/code/", {"digits": wrong(digits)})
    assert "期限が切れています" in text_of(client.post("/status/code/", {"digits": digits}))
    assert Code.objects.get().used_at is None


def test_the_code_of_another_application_opens_nothing(cast: Cast, client: Client) -> None:
    mine, other = arrived(cast.form), arrived(cast.other_form)
    ask(Client(), other.reference)
    digits = newest_digits()
    ask(client, mine.reference)
    work()
    while digits == codes.digits_of(Code.objects.latest("pk")):  # one in a million
        ask(client, mine.reference)
    assert client.post("/status/code/", {"digits": digits}).status_code == 200
    assert client.get("/status/application/").status_code == 302


def test_a_row_copied_to_another_application_has_other_digits(cast: Cast) -> None:
    mine, other = arrived(cast.form), arrived(cast.other_form)
    code = codes.issue(Purpose.STATUS, mine, mine.email)
    before = codes.digits_of(code)
    code.application = other
    assert codes.digits_of(code) != before  # one in a million


def test_neither_code_nor_digits_are_in_the_database(cast: Cast, client: Client, letterbox: Letterbox) -> None:
    ask(client, arrived(cast.form).reference)
    work()
    letter = letterbox.letters[-1]
    digits = digits_in(letter.text)
    assert letter.recipients == ["hanako@example.jp"]
    assert digits not in Message.objects.latest("pk").body
    assert "［確認コードは保存しません］" in Message.objects.latest("pk").body
    assert all(digits not in str(value) for value in Code.objects.values_list("nonce", "address_digest").get())
    assert client.post("/status/code/", {"digits": digits}).status_code == 302


def test_another_key_of_the_server_makes_other_digits(cast: Cast, client: Client, settings: Settings) -> None:
    ask(client, arrived(cast.form).reference)
    before = codes.digits_of(Code.objects.get())
    settings.SECRET_KEY = "another"
    assert codes.digits_of(Code.objects.get()) != before


# --- nothing tells what exists


def answers_of(client: Client, reference: str) -> list[object]:
    asked = ask(client, reference)
    page = client.get("/status/code/")
    tried = client.post("/status/code/", {"digits": "000000"})
    csrf = re.compile('(?<=name="csrfmiddlewaretoken" value=")[^"]+')
    texts = [csrf.sub("", each.content.decode()) for each in (page, tried)]
    return [
        asked.status_code,
        asked["Location"],
        asked.content,
        *(text.replace(f'value="{reference}"', "what was typed") for text in texts),
        sorted(asked.cookies),
    ]


def test_an_unknown_number_is_answered_like_a_known_one(cast: Cast) -> None:
    known, silent = arrived(cast.form), submit(cast.form)  # the second has no address
    unknown = answers_of(Client(), new_reference())
    assert answers_of(Client(), str(known.reference)) == unknown
    assert answers_of(Client(), str(silent.reference)) == unknown


def test_an_unknown_number_costs_the_same_statements(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = arrived(cast.form)
    for reference in (str(known.reference), new_reference()):
        with django_assert_num_queries(8):
            ask(Client(), reference)


def test_no_mail_goes_out_for_an_unknown_number(cast: Cast, client: Client) -> None:
    work()
    before = Message.objects.count()
    ask(client, new_reference())
    work()
    assert Message.objects.count() == before
    assert not Delivery.objects.filter(event__kind=codes.ASKED).exists()


def test_the_digits_of_a_code_that_nobody_got_open_nothing(cast: Cast, client: Client) -> None:
    ask(client, new_reference())
    digits = codes.digits_of(Code.objects.get())
    assert "違うか、期限が切れています" in text_of(client.post("/status/code/", {"digits": digits}))
    assert client.get("/status/application/").status_code == 302


def test_a_draft_has_no_number_and_cannot_be_asked_for(cast: Cast, client: Client) -> None:
    begun = draft(cast.form)
    for text in (begun.public_id, "None", "null"):
        assert ask(client, text).status_code == 200


# --- how often


def test_a_number_can_be_asked_for_so_often_whether_it_exists_or_not(cast: Cast) -> None:
    for reference in (str(arrived(cast.form).reference), new_reference()):
        answers = [ask(Client(), reference, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(8)]
        assert answers == [302] * limits.MAILS_OF_APPLICATION.most + [429] * 2


def test_a_mailbox_gets_no_more_than_so_many_codes_and_nobody_is_told(cast: Cast) -> None:
    applications = [arrived(cast.form) for _ in range(4)]
    for application in applications * 2:
        assert ask(Client(), application.reference).status_code == 302
    work()
    sent = Message.objects.filter(template="followup_code_status").count()
    assert sent == limits.MAILS_TO_ADDRESS.most


def test_a_network_can_ask_so_often(cast: Cast, settings: Settings) -> None:
    settings.CODES_PER_NETWORK = 3
    answers = [ask(Client(), new_reference()).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 429]
    assert ask(Client(), new_reference(), REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_network_can_guess_so_often(cast: Cast, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    monkeypatch.setattr(limits, "GUESSES_OF_NETWORK", Limit("guess", 2))
    ask(client, arrived(cast.form).reference)
    digits = newest_digits()
    answers = [client.post("/status/code/", {"digits": wrong(digits)}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind", "network"),
    [
        ("203.0.113.7", "", False, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", False, "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", True, "198.51.100.1"),
        ("127.0.0.1", "", True, "unknown"),
        ("127.0.0.1", "x\x00'", True, "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", False, "203.0.113.7"),
        ("", "", False, "unknown"),
    ],
)
def test_the_network_is_who_really_asks(
    rf_request: Callable[[str, str], HttpRequest],
    settings: Settings,
    remote: str,
    forwarded: str,
    behind: bool,
    network: str,
) -> None:
    settings.BEHIND_PROXY = behind
    request = rf_request(remote, forwarded)
    assert network_of(request) == network


def test_counts_of_the_last_hour_do_not_count(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit("x", 1)
    assert limit.take("who") and not limit.take("who") and limit.take("somebody else")
    later = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert limit.take("who")


def test_what_cannot_be_counted_is_not_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise DatabaseError

    reference = str(arrived(cast.form).reference)
    monkeypatch.setattr(Tally.objects, "bulk_create", away)
    client = Client(raise_request_exception=False)
    assert ask(client, reference).status_code == 500
    assert not Code.objects.exists()


def test_what_is_counted_names_nobody(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    assert Tally.objects.count() == 3
    assert all(len(tally.key) == 64 for tally in Tally.objects.all())


# --- the visit


def test_the_visit_ends_when_it_is_closed_also_for_a_stolen_cookie(cast: Cast, client: Client) -> None:
    enter(client, arrived(cast.form))
    stolen = Client()
    stolen.cookies[session.COOKIE] = client.cookies[session.COOKIE].value
    assert stolen.get("/status/application/").status_code == 200
    assert client.post("/status/leave/")["Location"] == "/status/"
    assert client.cookies[session.COOKIE].value == ""
    assert stolen.get("/status/application/").status_code == 302


def test_the_visit_ends_after_half_an_hour(cast: Cast, client: Client) -> None:
    enter(client, arrived(cast.form))
    Code.objects.update(used_at=timezone.now() - session.LIFE)
    response = client.get("/status/application/", follow=True)
    assert "確認の時間が終わりました" in text_of(response)


def test_the_cookie_is_for_these_pages_alone_and_no_script(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    cookie = client.cookies[session.COOKIE]
    assert cookie["path"] == "/status/" and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 1800


@pytest.mark.parametrize("cookie", ["", "x", "\x00", "a" * 10_000, "eyJ:1:2", "ÿþ"])
@pytest.mark.parametrize("place", ["", "code/", "application/", "withdraw/", "rating/"])
def test_a_foreign_cookie_opens_nothing(cast: Cast, client: Client, cookie: str, place: str) -> None:
    client.cookies[session.COOKIE] = cookie
    response = client.get(f"/status/{place}")
    assert response.status_code == (200 if not place else 302)


def test_a_code_for_an_address_is_no_visit(cast: Cast, client: Client) -> None:
    application = arrived(cast.form)
    code = codes.issue(Purpose.ADDRESS, application, application.email)
    Code.objects.filter(pk=code.pk).update(used_at=timezone.now())
    code.purpose = Purpose.STATUS
    ask(client, application.reference)
    signed = signing.dumps(code.public_id, salt=session.SALT)
    client.cookies[session.COOKIE] = signed
    assert client.get("/status/application/").status_code == 302


def test_the_page_is_not_kept_by_browsers(cast: Cast, client: Client) -> None:
    response = enter(client, arrived(cast.form))
    assert "no-store" in response["Cache-Control"]


def test_old_codes_and_counts_go(cast: Cast, client: Client) -> None:
    ask(client, arrived(cast.form).reference)
    past = timezone.now() - timedelta(days=2)
    Code.objects.update(expires_at=past)
    Tally.objects.update(until=past)
    assert (codes.forget_old(), forget_old()) == (1, 3)


def test_a_code_that_waited_too_long_is_not_mailed(cast: Cast, client: Client) -> None:
    """The mail server was away: when it comes back, nobody wants the codes of yesterday."""
    ask(client, arrived(cast.form).reference)
    assert "申請状況の確認コード" in newest_mail().subject
    ask(client, Application.objects.get().reference)
    assert codes.announce() == 1
    Code.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    work()
    assert Message.objects.filter(template="followup_code_status").count() == 1


def test_the_number_may_come_along_and_is_still_only_a_number(cast: Cast, client: Client) -> None:
    reference = str(arrived(cast.form).reference)
    assert f'value="{reference}"' in client.get(f"/status/?reference={reference}").content.decode()
    assert not Code.objects.exists()
    hostile = client.get("/status/", {"reference": '"><script>alert(1)</script>'}).content.decode()
    assert 'name="reference" value=""' in hostile and "alert(1)" not in hostile.partition("<main")[2]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_code_is_asked_for_again_within_the_same_limits(cast: Cast, client: Client, is_known: bool) -> None:
    reference = str(arrived(cast.form).reference) if is_known else new_reference()
    ask(client, reference)
    for times in range(2, 7):
        html = client.get("/status/code/").content.decode()
        assert f'name="reference" value="{reference}"' in html and "コードを送り直す" in html
        assert ask(client, reference)["Location"] == "/status/code/" and Code.objects.count() == times
    assert ask(client, reference).status_code == 429
