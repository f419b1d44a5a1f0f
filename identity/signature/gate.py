"""Signed, before the check page: what is signed there is what is declared there."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from applications.channels import BY_STAFF
from applications.gates import Moment
from applications.models import Application
from applications.vault import VaultError
from identity.gate import compared
from identity.methods import JPKI_SIGN
from identity.requirement import CLAIMS
from identity.signature.requirement import NAME
from identity.signature.services import document_of, is_signed, requirement_of, signature_of
from identity.signature.snapshot import digest_of

SAME = "いまの内容と同じです"
CHANGED = "署名のあとで、内容が変わりました。署名は、はじめの内容だけのものです"


class SignatureGate:
    """Staff who type for a resident keep what was signed on paper."""

    name = NAME
    moment = Moment.CHECK
    binds_answers = True  # a correction is not what was signed: an officer has to accept that (dialogue/mending.py)

    def applies(self, application: Application) -> bool:
        return requirement_of(application) is not None and application.channel not in BY_STAFF

    def is_open(self, application: Application) -> bool:
        return is_signed(application)

    def url(self, application: Application) -> str:
        """Below the form's own address, where alone the browser sends the draft's key."""
        return reverse("apply-signature", kwargs={"code": application.form.code})

    def facts(self, application: Application) -> dict[str, Any]:
        made, wanted = signature_of(application), requirement_of(application)
        if made is None or wanted is None:
            return {"電子署名": "なし"}
        try:
            is_whole = digest_of(document_of(made, application)).hex() == made.digest
        except VaultError:
            is_whole = False
        is_now = made.revision == application.revision
        state = SAME if is_now else CHANGED
        substituted = "、".join(CLAIMS[claim] for claim in CLAIMS if claim in made.substituted)
        return {
            "電子署名": f"済み（{JPKI_SIGN.label}）",
            "署名の日時": f"{timezone.localtime(made.at):%Y-%m-%d %H:%M}",
            "署名の水準": f"身元確認 {JPKI_SIGN.ial}、当人認証 {JPKI_SIGN.aal}",
            "署名した内容": state if is_whole else "壊れているか、暗号を解けません。システム管理者に連絡してください。",
            **({"代替文字のある情報": substituted} if substituted else {}),
            **{f"署名した方の{label}": text for label, text in compared(application, made, wanted["claims"]).items()},
        }
