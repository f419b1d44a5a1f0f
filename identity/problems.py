"""What can go wrong on the way to a proof, as the resident reads it."""

from enum import StrEnum

from django.utils.translation import gettext_noop


class Problem(StrEnum):
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    BROWSER = "browser"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    LEVEL = "level"
    CLAIMS = "claims"
    ONCE = "once"
    INSPECTION = "inspection"  # eKYC: the verifier said no
    # of a signature alone (signature/sentences.py)
    CHANGED = "changed"
    REVOKED = "revoked"
    ENDED = "ended"


SENTENCES = {
    Problem.CANCELLED: gettext_noop(
        "本人確認が取りやめられました。続けるには、もう一度「本人確認を始める」を押してください。"
    ),
    Problem.EXPIRED: (
        gettext_noop(
            "本人確認の画面の期限が切れたか、すでに使われています。もう一度「本人確認を始める」を押してください。"
        )
    ),
    Problem.BROWSER: (
        gettext_noop(
            "本人確認を始めたブラウザーと、もどってきたブラウザーが違います。"
            "プライベートブラウズをやめて、いつものブラウザーで、もう一度「本人確認を始める」を押してください。"
        )
    ),
    Problem.UNREACHABLE: gettext_noop(
        "本人確認のサービスに接続できませんでした。しばらく待ってから、もう一度お試しください。"
    ),
    Problem.REFUSED: (
        gettext_noop(
            "本人確認の結果を確かめられませんでした。もう一度「本人確認を始める」を押してください。"
            "続けて起きるときは、下の窓口にお問い合わせください。"
        )
    ),
    Problem.LEVEL: (
        gettext_noop(
            "この手続に必要な水準で確認できませんでした。下に書かれた方法とカード・書類で、もう一度お試しください。"
        )
    ),
    Problem.CLAIMS: (
        gettext_noop("申請に必要な情報を受け取れませんでした。もう一度始めて、氏名などの提供に同意してください。")
    ),
    Problem.INSPECTION: gettext_noop("本人確認書類では確認できませんでした。下の理由を見て、もう一度お試しください。"),
    Problem.ONCE: (
        gettext_noop(
            "この手続は、すでに申請されています。お一人1回までです。"
            "申請した内容は「申請状況の確認」で見られます。心当たりがないときは、下の窓口にお問い合わせください。"
        )
    ),
}


class Refused(Exception):
    """The proof is not taken. detail: for the log; a word of ours, never anything that came from outside."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem, self.detail = problem, detail
