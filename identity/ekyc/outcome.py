"""What a verifier says, in the words of OpenID Connect for Identity Assurance, as an outcome of ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop

from identity.ekyc.config import EkycConfig
from identity.methods import IC_CHIP_FACE, PHOTO_FACE, Method
from identity.models import Inspection
from identity.problems import Problem, Refused

State = Inspection.State
STATES = {state.value: state for state in (State.PENDING, State.APPROVED, State.REFUSED, State.EXPIRED)}
# check_method of the predefined values: a chip read and its signature checked, a picture looked at, a face compared
CHIP, PICTURE, FACE = "vcrypt", "vri", "bvr"
METHODS = ((IC_CHIP_FACE, {CHIP, FACE}), (PHOTO_FACE, {PICTURE, FACE}))
REASONS = {
    "document_unreadable": gettext_noop(
        "書類の写真が読み取れませんでした。明るい場所で、書類の全体が入るように撮影してください。"
    ),
    "document_expired": gettext_noop("書類の有効期限が切れています。別の書類を使ってください。"),
    "document_unsupported": gettext_noop("この書類は使えません。別の書類を使ってください。"),
    "face_mismatch": gettext_noop(
        "書類の顔写真と、撮影した顔が同じ方だと確かめられませんでした。帽子やマスクを外して、撮影し直してください。"
    ),
    "data_mismatch": gettext_noop(
        "書類の内容どうしが合いませんでした。別の書類を使うか、下の窓口にお問い合わせください。"
    ),
    "not_enough": gettext_noop("この手続に必要な確かめ方ではありませんでした。別の書類か、別の方法でお試しください。"),
}
OTHER = gettext_noop("書類を確かめられませんでした。別の書類か、別の方法でお試しください。")
NOT_IN_TIME = gettext_noop("期限までに確認が終わりませんでした。もう一度お試しください。")
WORD = re.compile("[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """process: which inspection; subject: whose; method, claims: of an approval; reason: of a refusal, a word."""

    process: str
    subject: str
    state: State
    method: Method | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


def outcome_of(said: Mapping[str, Any], config: EkycConfig) -> Outcome:
    """said: the claims of a token whose signature has been checked. Raises Refused."""
    process, state = said.get("verification_process"), STATES.get(str(said.get("status")))
    subject = str(said["sub"])  # has been looked at with the signature
    if not isinstance(process, str) or state is None:
        raise Refused(Problem.REFUSED, "no status")
    if state != State.APPROVED:
        reason = said.get("reason")
        word = reason if isinstance(reason, str) and WORD.fullmatch(reason) else ""
        return Outcome(process, subject, state, reason=word if state == State.REFUSED else "")
    verification, claims = _verified(said.get("verified_claims"))
    if verification.get("trust_framework") not in config.frameworks:
        raise Refused(Problem.LEVEL, "trust framework")
    if verification.get("verification_process", process) != process:
        raise Refused(Problem.REFUSED, "verification process")
    return Outcome(process, subject, state, _method(verification), _whole_name(claims))


def _verified(given: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """verification and claims. Raises Refused."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, Mapping):
        raise Refused(Problem.REFUSED, "no verified claims")
    verification, claims = given.get("verification"), given.get("claims")
    if not isinstance(verification, Mapping) or not isinstance(claims, Mapping):
        raise Refused(Problem.REFUSED, "verified claims")
    return verification, claims


def _method(verification: Mapping[str, Any]) -> Method:
    """The surest of our methods for which everything was looked at in one document. Raises Refused."""
    evidence = verification.get("evidence")
    documents = [each for each in evidence if isinstance(each, Mapping)] if isinstance(evidence, list) else []
    looked = [_checks(each) for each in documents if each.get("type") == "document"]
    for method, needed in METHODS:
        if any(needed <= checks for checks in looked):
            return method
    raise Refused(Problem.LEVEL, "evidence")


def _checks(document: Mapping[str, Any]) -> set[str]:
    details = document.get("check_details")
    found = details if isinstance(details, list) else []
    return {str(each.get("check_method")) for each in found if isinstance(each, Mapping)}


def _whole_name(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    """A name in two parts is a name."""
    parts = [claims.get("family_name"), claims.get("given_name")]
    if "name" in claims or not all(isinstance(part, str) for part in parts):
        return claims
    return {**claims, "name": " ".join(map(str, parts))}
