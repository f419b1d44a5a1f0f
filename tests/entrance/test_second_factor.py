"""Password, then a code: who has set it up cannot do without, who must set it up does so before anything else."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from cms.models import Role
from staff.models import User
from tests.entrance.entering import codes_of, forget_use, is_in, log_in, set_up, totp
from tests.support.cast import PASSWORD, Cast, make_admin, make_staff


@pytest.fixture
def officer(cast: Cast) -> User:
    return make_staff("taro", (cast.children, Role.OFFICER), password=PASSWORD)


@pytest.fixture
def secret(officer: User, client: Client) -> str:
    log_in(client, "taro")
    secret = set_up(client)
    client.post(reverse("wagtailadmin_logout"))
    return secret


def give_code(client: Client, code: str) -> int:
    return client.post(reverse("mfa_authenticate"), {"code": code}).status_code


def test_the_app_of_the_tests_reckons_as_the_standard_does() -> None:
    """RFC 6238, appendix B."""
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"


def test_without_one_the_password_is_enough(officer: User, client: Client) -> None:
    answer = log_in(client, "taro")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert is_in(client)


def test_with_one_the_password_alone_opens_nothing(client: Client, secret: str) -> None:
    answer = log_in(client, "taro")
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert give_code(client, totp(secret)) == 302
    assert is_in(client)


def test_the_page_that_was_asked_for_comes_after_the_code(client: Client, secret: str) -> None:
    wanted = reverse("casework:list")
    client.post(reverse("account_login"), {"username": "taro", "password": PASSWORD, "next": wanted})
    assert client.post(reverse("mfa_authenticate"), {"code": totp(secret)})["Location"] == wanted


def test_nobody_is_sent_to_another_site(client: Client, officer: User) -> None:
    answer = client.post(
        reverse("account_login"), {"username": "taro", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/admin/"


def test_a_wrong_code_says_what_to_do(client: Client, secret: str) -> None:
    log_in(client, "taro")
    answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "コードが違います" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("wrong", ["", "abc", "０" * 500, "\0", "1" * 7])
def test_what_is_no_code_is_refused(client: Client, secret: str, wrong: str) -> None:
    log_in(client, "taro")
    assert give_code(client, wrong) == 200
    assert not is_in(client)


def test_a_code_may_be_typed_with_a_blank_and_in_full_width(client: Client, secret: str) -> None:
    log_in(client, "taro")
    code = totp(secret).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert give_code(client, f" {code[:3]} {code[3:]}") == 302


def test_a_code_is_good_once(client: Client, secret: str) -> None:
    log_in(client, "taro")
    code = totp(secret)
    assert give_code(client, code) == 302
    cache.clear()  # as another process of the web server
    other = Client()
    log_in(other, "taro")
    assert give_code(other, code) == 200
    assert not is_in(other)


def test_the_code_page_without_a_password_leads_back(client: Client, secret: str) -> None:
    answer = client.post(reverse("mfa_authenticate"), {"code": totp(secret)})
    assert answer["Location"] == reverse("account_login")


def test_guessing_codes_ends_and_the_right_one_comes_too_late(client: Client, secret: str) -> None:
    log_in(client, "taro")
    for _ in range(10):
        assert give_code(client, "000000") == 200
    answer = client.post(reverse("mfa_authenticate"), {"code": totp(secret)})
    assert "しばらく受け付けません" in answer.content.decode()
    assert not is_in(client)


def test_a_recovery_code_stands_in_once(client: Client, officer: User, secret: str) -> None:
    code = codes_of(officer)[0]
    log_in(client, "taro")
    assert give_code(client, code) == 302
    assert code not in codes_of(officer)
    other = Client()
    log_in(other, "taro")
    assert give_code(other, code) == 200


def test_the_secret_is_not_readable_in_the_database(officer: User, secret: str) -> None:
    stored = Authenticator.objects.get(user=officer, type="totp")
    assert secret not in str(stored.data)
    assert stored.wrap().instance.data["secret"] != secret


def test_where_everybody_needs_one_nothing_opens_before(
    officer: User, client: Client, settings: LazySettings, cast: Cast
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(client, "taro")
    for address in ("/admin/", reverse("casework:list"), reverse("exports:jobs"), reverse("wagtailadmin_account")):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp")), address
    assert client.post(reverse("casework:list")).status_code == 302
    set_up(client)
    assert is_in(client)


def test_where_everybody_needs_one_nobody_takes_it_off(
    officer: User, client: Client, secret: str, settings: LazySettings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(client, "taro")
    give_code(client, totp(secret))
    forget_use()
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert "やめることができません" in answer.content.decode()
    assert Authenticator.objects.filter(user=officer, type="totp").exists()


def test_where_it_is_free_it_can_be_taken_off(officer: User, client: Client, secret: str) -> None:
    log_in(client, "taro")
    give_code(client, totp(secret))
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.filter(user=officer).exists()


def test_the_setup_asks_for_the_password_again_after_a_while(officer: User, client: Client) -> None:
    client.force_login(officer)  # as a session that began long ago
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    wrong = client.post(answer["Location"], {"password": "chigau"})
    assert wrong.status_code == 200
    right = client.post(answer["Location"], {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    assert right["Location"] == reverse("mfa_activate_totp")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_an_administrator_takes_a_lost_one_away_and_the_person_is_out_everywhere(
    officer: User, client: Client, secret: str
) -> None:
    log_in(client, "taro")
    give_code(client, totp(secret))
    admin = Client()
    admin.force_login(make_admin())
    address = reverse("second_factor_reset", args=(officer.pk,))
    assert "本人から頼まれたこと" in admin.get(address).content.decode()
    assert admin.post(address).status_code == 302
    assert not Authenticator.objects.filter(user=officer).exists()
    assert not is_in(client)
    log_in(client, "taro")
    assert is_in(client)


def test_nobody_else_may_take_it_away(cast: Cast, officer: User, client: Client, secret: str) -> None:
    client.force_login(cast.approver)
    assert client.post(reverse("second_factor_reset", args=(officer.pk,))).status_code in (302, 403)
    assert Authenticator.objects.filter(user=officer).exists()


def test_the_account_page_says_whether_it_is_on(officer: User, client: Client) -> None:
    log_in(client, "taro")
    assert "2段階認証を使っていません" in client.get(reverse("wagtailadmin_account")).content.decode()
    set_up(client)
    assert "2段階認証を使っています" in client.get(reverse("wagtailadmin_account")).content.decode()
    assert "使っています" in client.get(reverse("mfa_index")).content.decode()


def test_the_account_page_can_still_be_saved(officer: User, client: Client) -> None:
    log_in(client, "taro")
    page = client.get(reverse("wagtailadmin_account"))
    assert page.status_code == 200
    names = {"name_email-first_name": "太郎", "name_email-last_name": "窓口", "name_email-email": "taro@example.jp"}
    looks = {"theme-theme": "system", "theme-contrast": "system", "theme-density": "default"}
    assert client.post(reverse("wagtailadmin_account"), {**names, **looks}).status_code == 302
    officer.refresh_from_db()
    assert officer.get_full_name() == "窓口 太郎"


def test_nobody_signs_up(client: Client, db: None) -> None:
    for address in ("/admin/signup/", "/accounts/signup/", "/admin/second-factor/webauthn/"):
        assert client.get(address).status_code in (302, 404)


def test_wagtail_has_no_second_way_in(client: Client, secret: str) -> None:
    answer = client.post(f"{reverse('wagtailcore_login')}?next=/admin/", {"username": "taro", "password": PASSWORD})
    assert answer["Location"] == f"{reverse('account_login')}?next=/admin/"
    assert not is_in(client)


def test_sessions_that_began_before_it_was_set_up_end(officer: User, client: Client) -> None:
    before = Client()
    log_in(before, "taro")
    log_in(client, "taro")
    set_up(client)
    assert is_in(client)
    assert not is_in(before)


def test_an_administrator_without_one_takes_nobodys_away(client: Client, secret: str, settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    make_admin(password=PASSWORD)
    log_in(client, "admin")
    person = User.objects.get(username="taro")
    answer = client.post(reverse("second_factor_reset", args=(person.pk,)))
    assert answer["Location"] == reverse("mfa_activate_totp")
    assert Authenticator.objects.filter(user=person).exists()


def test_guessing_the_password_again_ends(officer: User, client: Client) -> None:
    client.force_login(officer)
    address = reverse("account_reauthenticate")
    for _ in range(10):
        assert client.post(address, {"password": "chigau"}).status_code == 200
    answer = client.post(address, {"password": PASSWORD})
    assert "しばらく受け付けません" in answer.content.decode()
