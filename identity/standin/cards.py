"""The cards that can be read, and what is wrong with some of them."""

from dataclasses import dataclass

PIN = "1234"
TRIES = 3


@dataclass(slots=True)
class Card:
    """subject: as this provider calls the person to its one client; tries: left before the card is locked."""

    code: str
    subject: str
    name: str
    address: str
    birthdate: str
    gender: str
    note: str = ""
    tries: int = TRIES
    is_revoked: bool = False

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
        Card("locked", "ppid-locked", "見本　次郎", town, "20000101", "1", "暗証番号がロックされたカード", tries=0),
        Card("revoked", "ppid-revoked", "見本　三郎", town, "20010101", "1", "失効した電子証明書", is_revoked=True),
    ]
    return {card.code: card for card in cards}
