"""Two gates of one requirement, for the two moments between which an editor chooses."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from applications.answers import opened
from applications.channels import BY_STAFF
from applications.gates import Moment
from applications.linking import proved
from applications.models import Application
from applications.vault import VaultError
from identity.claims import agrees, agrees_but_for
from identity.methods import METHODS
from identity.models import Signature, Verification
from identity.requirement import CHECK, CLAIMS, LOCK, NAME, START
from identity.services import claim_of, has_turn, requirement_of


def verification_of(application: Application) -> Verification | None:
    if application._state.adding:  # before anything was typed
        return None
    return Verification.objects.filter(application_id=application.pk).first()


def is_verified(application: Application) -> bool:
    """Whether the proof is as good as the version of the form asks, and every item that it fills has been seen to."""
    wanted, proof = requirement_of(application), verification_of(application)
    if wanted is None or proof is None:
        return False
    items = {row["key"] for row in wanted["claims"]}
    is_enough = proof.method in wanted["methods"] and proof.ial >= wanted["ial"] and proof.aal >= wanted["aal"]
    return is_enough and items <= set(proof.items) and has_turn(application)


class IdentityGate:
    """Whoever sits at the counter shows the card there: staff who type for a resident have no use for this."""

    def applies(self, application: Application) -> bool:
        wanted = requirement_of(application)
        return wanted is not None and wanted["moment"] == self.moment_name and application.channel not in BY_STAFF

    moment_name: str

    def is_open(self, application: Application) -> bool:
        return is_verified(application)

    def url(self, application: Application) -> str:
        """Below the form's own address, where alone the browser sends the draft's key."""
        return reverse("apply-identity", kwargs={"code": application.form.code})

    def facts(self, application: Application) -> dict[str, Any]:
        proof = verification_of(application)
        if proof is None:
            return {"本人確認": "なし"}
        method = METHODS.get(proof.method)
        return {
            "本人確認": f"済み（{method.label if method else proof.method}）",
            "本人確認の日時": f"{timezone.localtime(proof.at):%Y-%m-%d %H:%M}",
            "本人確認の水準": f"身元確認 {proof.ial}、当人認証 {proof.aal}",
            "確認した情報": "、".join(CLAIMS[claim] for claim in CLAIMS if claim in proof.claims) or "なし",
            **_compared(application, proof),
        }


class IdentityAtStart(IdentityGate):
    name = NAME
    moment = Moment.START
    moment_name = START


class IdentityBeforeCheck(IdentityGate):
    name = "identity_before_check"
    moment = Moment.CHECK
    moment_name = CHECK


def _compared(application: Application, proof: Verification) -> dict[str, str]:
    wanted = requirement_of(application)
    rows = [row for row in (wanted or {}).get("claims", ()) if row["key"] not in proved(application)]
    return compared(application, proof, rows)


def compared(
    application: Application, proof: Verification | Signature, rows: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """What the resident typed, beside what was verified. Of what is sensitive, only whether it agrees."""
    if not rows:
        return {}
    try:
        answers = opened(application)
        texts = {row["claim"]: claim_of(proof, application, row["claim"]) for row in rows}
    except VaultError:
        return {"入力との比較": "暗号を解けません。システム管理者に連絡してください。"}
    fields, found = application.version.engine.fields, {}
    for row in rows:
        field, text = fields[row["key"]].definition, texts[row["claim"]]
        same = agrees(row["claim"], text, field, answers.get(field.key))
        verdict = "入力と同じです" if same else "入力と違います"
        marks = proof.substituted.get(row["claim"], "") if isinstance(proof, Signature) else ""
        if not same and row["claim"] == "name" and agrees_but_for(marks, text, field, answers.get(field.key)):
            verdict = "代替文字のほかは、入力と同じです"
        if not field.sensitive and not same:
            verdict = f"{verdict}。確認した内容: {text}"
        why = "（項目に入れられなかったため、入力されたものです）" if row["how"] == LOCK else ""
        found[f"{CLAIMS[row['claim']]}の確認"] = verdict + why
    return found
