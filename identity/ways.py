"""The ways on which a resident may leave to prove who they are, as the page offers them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.config import Config, Misconfigured, configured
from identity.ekyc.config import ekyc
from identity.methods import EKYC, JPKI_AUTH, METHODS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """name: of Method.way; needs: what to have at hand; goes: where the button leads; config: None when closed."""

    name: str
    label: str
    button: str
    needs: tuple[str, ...]
    goes: str
    config: Config | None


CARD_NEEDS = (
    "マイナンバーカードと、数字4桁の暗証番号（利用者証明用電子証明書）",
    "マイナアプリ（旧マイナポータルアプリ）を入れたスマートフォン。iPhoneはiOS 16.4以上、AndroidはAndroid 11以上で、"
    "NFCを使えるもの",
    "画面ロックを設定し、プライベートブラウズではない、いつものブラウザー",
)
EKYC_NEEDS = (
    "運転免許証、マイナンバーカード、在留カードのどれか",
    "カメラのあるスマートフォン。書類と、ご自身の顔を撮影します",
)


def ways_of(wanted: Mapping[str, Any]) -> list[Way]:
    """wanted: the form's requirement. In the order in which its methods stand there."""
    names = list(dict.fromkeys(METHODS[name].way for name in wanted["methods"] if name in METHODS))
    return [_card() if name == JPKI_AUTH.way else _ekyc() for name in names]


def _card() -> Way:
    return Way(
        JPKI_AUTH.way,
        "マイナンバーカードで確認する",
        "本人確認を始める",
        CARD_NEEDS,
        "マイナアプリの画面に移り、終わるとこの画面にもどります。",
        _config("identity", configured),
    )


def _ekyc() -> Way:
    return Way(
        EKYC,
        "本人確認書類と顔の撮影で確認する",
        "書類と顔の撮影を始める",
        EKYC_NEEDS,
        "本人確認の会社の画面に移り、終わるとこの画面にもどります。書類と顔の写真は、この市には届きません。"
        "担当者が見るため、結果まで数日かかることがあります。",
        _config("eKYC", lambda: found.provider if (found := ekyc()) else None),
    )


def _config(what: str, read: Any) -> Config | None:
    """None when nobody can be verified now: the page says so, the self-check in the admin says why."""
    try:
        config: Config | None = read()
    except Misconfigured:
        logger.exception("%s is misconfigured", what)
        return None
    return config
