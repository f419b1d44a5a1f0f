"""How often somebody may guess a password or a code: counted before the look, given back when it was right."""

from django.http import HttpRequest

from applications.limits import Limit, network_of

QUARTER = 15 * 60
MINUTES = QUARTER // 60
PERSON_FROM_NETWORK = Limit("login", 10, QUARTER)
PERSON = Limit("login-anywhere", 50, QUARTER)  # many networks at one account; higher, since it locks out the owner too
NETWORK = Limit("login-network", 300, QUARTER)  # one network at many accounts; an office may share one address
CODES = Limit("second-factor", 10, QUARTER)
PASSWORD_AGAIN = Limit("password-again", 10, QUARTER)
SAME_CODE = Limit("second-factor-code", 1, 24 * 3600)  # whoever reads it over a shoulder comes too late

LOCKED = f"ログインの失敗が続いたため、しばらく受け付けません。{MINUTES}分ほど待ってから、もう一度お試しください。"


def admit(request: HttpRequest, username: str) -> bool:
    """Whether this guess may be looked at. Names count in small letters, whether somebody has them or not."""
    network, person = network_of(request), username.strip().casefold()
    return NETWORK.take(network) and PERSON_FROM_NETWORK.take(f"{person} {network}") and PERSON.take(person)


def forgive(request: HttpRequest, username: str) -> None:
    """The guess was right: it does not count."""
    network, person = network_of(request), username.strip().casefold()
    NETWORK.give_back(network)
    PERSON_FROM_NETWORK.give_back(f"{person} {network}")
    PERSON.give_back(person)
