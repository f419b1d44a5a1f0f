"""The ways on which a resident may leave to prove who they are, as the page offers them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_noop

from identity.config import Config, Misconfigured, configured
from identity.ekyc.config import ekyc
from identity.methods import EKYC, JPKI_AUTH, METHODS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """name: of Method.way; needs: what to have at hand; again: the button for another time; goes: where it leads;
    config: None when closed. The texts are translated where they are shown.
    """

    name: str
    label: str
    button: str
    again: str
    needs: tuple[str, ...]
    goes: str
    config: Config | None = None


CARD = Way(
    JPKI_AUTH.way,
    gettext_noop("マイナンバーカードで確認する"),
    gettext_noop("本人確認を始める"),
    gettext_noop("もう一度、本人確認をする"),
    (
        gettext_noop("マイナンバーカードと、数字4桁の暗証番号（利用者証明用電子証明書）"),
        gettext_noop(
            "マイナアプリ（旧マイナポータルアプリ）を入れたスマートフォン。"
            "iPhoneはiOS 16.4以上、AndroidはAndroid 11以上で、NFCを使えるもの"
        ),
        gettext_noop("画面ロックを設定し、プライベートブラウズではない、いつものブラウザー"),
    ),
    gettext_noop(
        "マイナアプリの画面に移り、終わるとこの画面にもどります。入力した内容があるときは、保存されています。"
    ),
)
DOCUMENTS = Way(
    EKYC,
    gettext_noop("本人確認書類と顔の撮影で確認する"),
    gettext_noop("書類と顔の撮影を始める"),
    gettext_noop("もう一度、書類と顔を撮影する"),
    (
        gettext_noop("運転免許証、マイナンバーカード、在留カードのどれか"),
        gettext_noop("カメラのあるスマートフォン。書類と、ご自身の顔を撮影します"),
    ),
    gettext_noop(
        "本人確認の会社の画面に移り、終わるとこの画面にもどります。書類と顔の写真は、この市には届きません。"
        "担当者が見るため、結果まで数日かかることがあります。入力した内容があるときは、保存されています。"
    ),
)


def ways_of(wanted: Mapping[str, Any]) -> list[Way]:
    """wanted: the form's requirement. In the order in which its methods stand there."""
    names = list(dict.fromkeys(METHODS[name].way for name in wanted["methods"] if name in METHODS))
    return [
        replace(DOCUMENTS, config=_config("eKYC", _verifier))
        if name == EKYC
        else replace(CARD, config=_config("identity", configured))
        for name in names
    ]


def _verifier() -> Config | None:
    found = ekyc()
    return found.provider if found else None


def _config(what: str, read: Callable[[], Config | None]) -> Config | None:
    """None when nobody can be verified now: the page says so, the self-check in the admin says why."""
    try:
        return read()
    except Misconfigured:
        logger.exception("%s is misconfigured", what)
        return None
