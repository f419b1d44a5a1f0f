"""The ways of proving who one is. No model here: the editor's blocks are loaded while the models are."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """ial, aal: the most that it can reach (身元確認・当人認証の水準); by: shown beside what it proved."""

    name: str
    label: str
    ial: int
    aal: int
    by: str
    way: str = "oidc"  # where the resident goes for it


# Codes of our own: the letters of 犯収法 are renumbered in 2027.
JPKI_AUTH = Method(
    "jpki_auth",
    "マイナンバーカード（マイナアプリ）",
    # the four facts are read from the card and not signed by its holder: not the highest level of 身元確認
    ial=2,
    aal=3,
    by="マイナンバーカードで確認済み",
)
EKYC = "ekyc"  # the way; which of its methods it was, the verifier says
# What a verifier looks at says who somebody is, and not that the same person applies later: 当人認証 1.
IC_CHIP_FACE = Method(
    "ic_chip_face", "ICチップと顔（eKYC）", ial=2, aal=1, by="本人確認書類のICチップと顔で確認済み", way=EKYC
)
PHOTO_FACE = Method(
    "photo_face", "本人確認書類の撮影と顔（eKYC）", ial=2, aal=1, by="本人確認書類の撮影と顔で確認済み", way=EKYC
)
# a signature is no way of proving who one is before the application: it is a requirement of its own (signature/)
JPKI_SIGN = Method("jpki_sign", "署名用電子証明書（マイナンバーカード）", ial=3, aal=3, by="電子署名で確認済み")
METHODS = {method.name: method for method in (JPKI_AUTH, IC_CHIP_FACE, PHOTO_FACE)}

IAL_LABELS = {1: "1 自己申告", 2: "2 カードや書類を離れた場所で確かめる", 3: "3 対面、または署名用電子証明書"}
AAL_LABELS = {1: "1 一つの要素", 2: "2 二つの要素", 3: "3 カードと暗証番号"}
