"""The cards that can be read, and what is wrong with some of them."""

from dataclasses import dataclass

PIN, SIGN_PIN = "1234", "MIHON123"
TRIES, SIGN_TRIES = 3, 5


@dataclass(slots=True)
class Card:
    """subject: as this provider calls the person to its one client; tries, sign_tries: left before its two certificates
    are locked; is_revoked, is_ended: what is wrong with them.
    """

    code: str
    subject: str
    name: str
    address: str
    birthdate: str
    gender: str
    note: str = ""
    tries: int = TRIES
    sign_tries: int = SIGN_TRIES
    is_revoked: bool = False
    is_ended: bool = False
    marks: str = "0"  # of the name: 1 for each character that stands for another one

    def claims(self, scopes: frozenset[str]) -> dict[str, str]:
        known = {"name": self.name, "address": self.address, "birthdate": self.birthdate, "gender": self.gender}
        return {name: text for name, text in known.items() if name in scopes}


def new_cards() -> dict[str, Card]:
    """By code, each with all of its tries."""
    town = "新潟県新潟市中央区学校町通１番町６０２番地１"
    cards = [
        Card("hanako", "ppid-hanako", "見本　花子", f"{town}　みほんハイツ１０１", "19960401", "2"),
        Card("taro", "ppid-taro", "髙﨑　太郎", town, "1958-01-07", "1", "髙と﨑の字"),
        Card("maria", "ppid-maria", "SILVA MARIA CLARA", town, "19900230", "2", "日付を読み取れない生年月日"),
        Card("single", "ppid-single", "スカルノ", "みほん国みほん市１", "19851224", "1", "氏名が一つ、海外の住所"),
        Card("locked", "ppid-locked", "見本　次郎", town, "20000101", "1", "暗証番号がロックされたカード", 0, 0),
        Card("revoked", "ppid-revoked", "見本　三郎", town, "20010101", "1", "失効した電子証明書", is_revoked=True),
        Card("ended", "ppid-ended", "見本　四郎", town, "19990101", "1", "署名用電子証明書の期限切れ", is_ended=True),
    ]
    return {card.code: card for card in cards}
