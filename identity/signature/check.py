"""電子署名, in 本人確認の点検: whom we believe, and whether the revocation list can be had and is of today."""

from cryptography import x509
from django.utils import timezone

from identity.config import Misconfigured
from identity.problems import Refused
from identity.signature.config import SigningConfig, signing
from identity.signature.revocation import revocation_list
from identity.views.lines import Line, unwell

OLD = "失効リストの置き場所（MADOGUCHI_SIGNATURE_CRL）と、その更新を確かめてください。それまで、署名は受け付けません。"


def signature_lines() -> list[Line]:
    """Asks for the list."""
    try:
        config = signing()
    except Misconfigured as problem:
        return [Line("電子署名の設定", "誤りがあります", False, str(problem))]
    if config is None:
        return [Line("電子署名", "設定されていません。電子署名のある手続は始められません。")]
    return [
        Line("署名の取引のアドレス", config.api),
        *[_anchor(anchor) for anchor in config.anchors],
        _list(config),
    ]


def _anchor(anchor: x509.Certificate) -> Line:
    until = timezone.localtime(anchor.not_valid_after_utc)
    is_well = until > timezone.now()
    advice = "" if is_well else "新しい認証局の証明書を MADOGUCHI_SIGNATURE_ANCHORS に加えてください。"
    return Line("認証局の証明書", f"{anchor.subject.rfc4514_string()}（{until:%Y-%m-%d} まで）", is_well, advice)


def _list(config: SigningConfig) -> Line:
    label = "失効リスト"
    try:
        found = revocation_list(config.crl)
    except Refused as refused:
        return Line(label, *unwell(refused))
    until = found.next_update_utc
    if until is None or until < timezone.now():
        return Line(label, "古くなっています", False, OLD)
    return Line(label, f"{timezone.localtime(until):%Y-%m-%d %H:%M} まで有効")
