"""The default text of the mail of arrival, and the pieces that every mail is made of."""

from django.utils.translation import gettext_noop as _

from formbuilder.mails import Mail

DEAR = _("{氏名} 様")
FROM = _("{自治体名} {担当課}です。")
TITLE = _("　手続の名前：{手続名}")
NUMBER = _("　受付番号　：{受付番号}")
CONTACT = (
    _("■ お問い合わせ"),
    "{自治体名} {担当課}",
    _("電話 {電話}"),
    _("メール {課のメール}"),
)
NOT_YOU = _("このメールに心当たりがない場合は、お手数ですが上のお問い合わせ先へお知らせください。")
OPENING = (DEAR, "", FROM)
CLOSING = ("", *CONTACT, "", NOT_YOU)

ARRIVED = Mail(
    name="arrived",
    label="申請を受け付けたとき",
    sender="resident_mail",
    subject=_("【{自治体名}】申請を受け付けました（受付番号 {受付番号}）"),
    body=(
        *OPENING,
        _("次の申請を受け付けました。"),
        "",
        TITLE,
        NUMBER,
        _("　受付日時　：{受付日時}"),
        "",
        _("受付番号は、お問い合わせのときに必要です。このメールを保存してください。"),
        "",
        _("■ このあとの流れ"),
        "{このあとの流れ}",
        "",
        "{関係するページ}",
        *CLOSING,
    ),
    marks={
        "受付日時": "2026年11月28日 9時05分",
        "このあとの流れ": "審査のあと、結果をお知らせします。",
        "関係するページ": "■ 申請状況の確認\nhttps://madoguchi.example.jp/status/",
    },
)
MAILS = (ARRIVED,)
