"""The default texts of the mails with codes and links, and of those that tell how an application ended."""

from dataclasses import replace

from django.utils.translation import gettext_noop as _

from followup.requirement import NAME
from formbuilder.mails import Mail
from outreach.letters import CONTACT, FROM, NUMBER, OPENING, TITLE

SENDER = "followup"
CODE, LINK = "確認コード", "リンク"
SAMPLE_LINK = {LINK: "https://madoguchi.example.jp/apply/…"}

IGNORE = _("このメールに心当たりがない場合は、このまま削除してください。")
KEEP_IT = _(
    "コードは{有効な分数}分のあいだ使えます。だれにも教えないでください。職員がコードを尋ねることはありません。"
)
ONCE = _(
    "リンクは1回だけ使えます。リンクを持っている人は、入力した内容を見ることができます。ほかの人に送らないでください。"
)
UNTIL = _("続きを入力できる期限：{期限}")
NOT_SENT = _("申請は、まだ送られていません。")

CODE_ADDRESS = Mail(
    name="followup_code_address",
    label="メールアドレスを確認するとき",
    sender=SENDER,
    subject=_("【{自治体名}】確認コード（{手続名}）"),
    body=(
        FROM,
        _("「{手続名}」の入力の画面に、次の確認コードを入力してください。"),
        "",
        _("　確認コード：{確認コード}"),
        "",
        KEEP_IT,
        IGNORE,
        "",
        *CONTACT,
    ),
    marks={CODE: "123456", "有効な分数": "10"},
    needed=(CODE,),
    secret=(CODE,),
    is_personal=False,
    requires=NAME,
)
CODE_STATUS = Mail(
    name="followup_code_status",
    label="申請状況を確認するとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請状況の確認コード（受付番号 {受付番号}）"),
    body=(
        FROM,
        _("「{手続名}」の申請状況を見るには、画面に次の確認コードを入力してください。"),
        "",
        _("　確認コード：{確認コード}"),
        "",
        KEEP_IT,
        IGNORE,
        _("コードを知らない人は、申請を見ることができません。"),
        "",
        *CONTACT,
    ),
    marks={CODE: "123456", "有効な分数": "10"},
    needed=(CODE,),
    secret=(CODE,),
    is_personal=False,
)
RESUME = Mail(
    name="followup_resume",
    label="「あとで続ける」のリンク",
    sender=SENDER,
    subject=_("【{自治体名}】続きを入力するためのリンク（{手続名}）"),
    body=(
        FROM,
        _("「{手続名}」の入力の続きは、次のリンクから入力できます。"),
        "",
        "{リンク}",
        "",
        UNTIL,
        ONCE,
        NOT_SENT,
        IGNORE,
        "",
        *CONTACT,
    ),
    marks={**SAMPLE_LINK, "期限": "2026年12月28日"},
    needed=(LINK,),
    secret=(LINK,),
    is_personal=False,
)
EXPIRING = Mail(
    name="followup_expiring",
    label="下書きがまもなく消えるとき",
    sender=SENDER,
    subject=_("【{自治体名}】入力の途中の申請が、まもなく消えます（{手続名}）"),
    body=(
        FROM,
        _("「{手続名}」の入力の途中で保存された内容は、{期限}に消えます。申請は、まだ送られていません。"),
        "",
        _("続きを入力するときは、入力した端末で同じ手続を開くか、次のリンクを開いてください。"),
        "",
        "{リンク}",
        "",
        _("リンクは1回だけ使えます。ほかの人に送らないでください。"),
        _("申請しないときは、何もする必要はありません。"),
        "",
        *CONTACT,
    ),
    marks={**SAMPLE_LINK, "期限": "2026年12月28日 9時05分"},
    needed=(LINK,),
    secret=(LINK,),
    is_personal=False,
)
_INSPECTED = Mail(
    name="followup_inspected",
    label="本人確認が済んだとき（eKYC）",
    sender=SENDER,
    subject=_("【{自治体名}】本人確認の結果のお知らせ（{手続名}）"),
    body=(),
    marks={**SAMPLE_LINK, "期限": "2026年12月28日"},
    needed=(LINK,),
    secret=(LINK,),
    is_personal=False,
    requires="identity",
)
_GOING_ON = ("", "{リンク}", "", UNTIL, ONCE, NOT_SENT, "", *CONTACT)
INSPECTED = {
    "approved": replace(
        _INSPECTED,
        body=(
            FROM,
            _("「{手続名}」の本人確認が済みました。次のリンクから、申請の続きを入力してください。"),
            *_GOING_ON,
        ),
    ),
    "refused": replace(
        _INSPECTED,
        name="followup_inspected_refused",
        label="本人確認ができなかったとき（eKYC）",
        body=(
            FROM,
            _(
                "「{手続名}」の本人確認は、撮影された書類と顔では済みませんでした。"
                "理由と、ほかの方法は、次のリンクの画面で確かめられます。もう一度お試しください。"
            ),
            *_GOING_ON,
        ),
    ),
    "expired": replace(
        _INSPECTED,
        name="followup_inspected_expired",
        label="本人確認が期限までに終わらなかったとき（eKYC）",
        body=(
            FROM,
            _("「{手続名}」の本人確認は、期限までに審査が終わりませんでした。次のリンクから、もう一度お試しください。"),
            *_GOING_ON,
        ),
    ),
}
WITHDRAWN = Mail(
    name="followup_withdrawn",
    label="取り下げたとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請を取り下げました（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請を取り下げました。審査は行いません。"),
        "",
        TITLE,
        NUMBER,
        _("　取下げ日時：{取下げ日時}"),
        "",
        _("取り下げに心当たりがない場合は、お手数ですが次のお問い合わせ先へお知らせください。"),
        "",
        *CONTACT,
    ),
    marks={"取下げ日時": "2026年11月28日 9時05分"},
)
APPROVED = Mail(
    name="followup_decided",
    label="決定したとき",
    sender=SENDER,
    subject=_("【{自治体名}】申請の結果のお知らせ（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請の結果が出ました。"),
        "",
        TITLE,
        NUMBER,
        "",
        _("結果は、次のページで、受付番号と確認コードを入力すると見られます。"),
        "",
        "{アドレス}",
        "",
        *CONTACT,
    ),
    marks={"アドレス": "https://madoguchi.example.jp/status/"},
    needed=("アドレス",),
)
# by default the two read alike: a mailbox is no proof of who reads it
REJECTED = replace(APPROVED, name="followup_rejected", label="不承認としたとき")
MAILS = (CODE_ADDRESS, CODE_STATUS, RESUME, EXPIRING, *INSPECTED.values(), WITHDRAWN, APPROVED, REJECTED)
