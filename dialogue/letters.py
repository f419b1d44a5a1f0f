"""The default texts of the mails about corrections, documents and messages."""

from django.utils.translation import gettext_noop as _

from formbuilder.mails import Mail
from outreach.letters import CONTACT, NUMBER, OPENING, TITLE

SENDER = "dialogue"
PAGE = {"アドレス": "https://madoguchi.example.jp/status/"}
DUE_ON = _("　直す期限　：{期限}")
HOW = _("次のページで、受付番号と確認コードを入力すると、直すところを見て、そのまま直せます。")

RETURNED = Mail(
    name="dialogue_returned",
    label="差し戻したとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請の内容を直してください（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請に、直していただくことがあります。"),
        "",
        TITLE,
        NUMBER,
        DUE_ON,
        "",
        HOW,
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks={"期限": "2026年12月11日", **PAGE},
    needed=("アドレス",),
)
DUE = Mail(
    name="dialogue_due",
    label="直す期限が近いとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請を直す期限が近づいています（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請は、まだ直されていません。"),
        "",
        TITLE,
        NUMBER,
        DUE_ON,
        "",
        HOW,
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks={"期限": "2026年12月11日", **PAGE},
    needed=("アドレス",),
)
RESUBMITTED = Mail(
    name="dialogue_resubmitted",
    label="直した内容を受け付けたとき",
    sender=SENDER,
    subject=_("【{自治体名}】直した内容を受け付けました（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請の、直した内容を受け付けました。審査が終わるまで、お待ちください。"),
        "",
        TITLE,
        NUMBER,
        "",
        *CONTACT,
    ),
)
EXPIRED = Mail(
    name="dialogue_expired",
    label="直す期限が過ぎたとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請の期限が過ぎました（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _(
            "次の申請は、直していただく期限が過ぎたため、終わりました。必要なときは、もう一度はじめから申請してください。"
        ),
        "",
        TITLE,
        NUMBER,
        "",
        *CONTACT,
    ),
)
DOCUMENT = Mail(
    name="dialogue_document",
    label="文書を渡すとき",
    sender=SENDER,
    subject=_("【{自治体名}】文書のお知らせ（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請について、文書をお渡しします。"),
        "",
        TITLE,
        NUMBER,
        "",
        _("次のページで、受付番号と確認コードを入力すると、文書を保存できます。"),
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks=PAGE,
    needed=("アドレス",),
)
DOCUMENT_TAKEN_BACK = Mail(
    name="dialogue_document_taken_back",
    label="渡した文書を取り消したとき",
    sender=SENDER,
    subject=_("【{自治体名}】文書の取消しのお知らせ（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請についてお渡しした文書を、取り消しました。"),
        _("保存した文書は、使わないでください。"),
        "",
        TITLE,
        NUMBER,
        "",
        _("どの文書か、なぜ取り消したかは、次のページで、受付番号と確認コードを入力すると見られます。"),
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks=PAGE,
    needed=("アドレス",),
)
MESSAGE = Mail(
    name="dialogue_message",
    label="メッセージを書いたとき",
    sender=SENDER,
    subject=_("【{自治体名}】担当の課からメッセージがあります（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請について、お伝えすることがあります。"),
        "",
        TITLE,
        NUMBER,
        "",
        _("次のページで、受付番号と確認コードを入力すると、メッセージを読んで、返事を書けます。"),
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks=PAGE,
    needed=("アドレス",),
)
MAILS = (RETURNED, DUE, RESUBMITTED, EXPIRED, DOCUMENT, DOCUMENT_TAKEN_BACK, MESSAGE)
