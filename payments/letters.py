"""The default texts of the mails about a fee."""

from dataclasses import replace

from django.utils.translation import gettext_noop as _

from formbuilder.mails import Mail
from outreach.letters import CLOSING, NUMBER, OPENING, TITLE
from payments.requirement import NAME

SENDER = "payment_mail"
LINK, VOUCHER = "支払いの画面のアドレス", "払込番号の画面のアドレス"
FEE = (TITLE, NUMBER, _("　納付番号　：{納付番号}"), _("　金額　　　：{金額}"))
STATE = ("", _("■ お支払いの状況"), "{支払いの画面のアドレス}")
PAGE = ("", _("■ お支払いの画面"), "{支払いの画面のアドレス}")
REASON = _("理由：{理由}")
MARKS = {"納付番号": "N-7KPM4XW2R", "金額": "300円", LINK: "https://madoguchi.example.jp/payment/…"}

ASKED = Mail(
    name="payment_asked",
    label="手数料の支払いをお願いするとき",
    sender=SENDER,
    subject=_("【{自治体名}】手数料のお支払いのお願い（{手続名}）"),
    body=(
        *OPENING,
        _("手数料のお支払いをお願いします。"),
        REASON,
        "",
        *FEE,
        _("　支払期限　：{期限}"),
        *PAGE,
        _("金額と内訳を確かめて、お支払いください。"),
        "{窓口での支払いの案内}",
        "{受付の案内}",
        *CLOSING,
    ),
    marks={
        **MARKS,
        "理由": "証明書を2通に変えたため",
        "期限": "2026年12月11日",
        "窓口での支払いの案内": "窓口で支払うときは、納付番号を担当者に伝えてください。",
        "受付の案内": "お支払いが済むと、申請を受け付けます。",
    },
    needed=(LINK,),
    secret=(LINK,),
    requires=NAME,
)
ADDED = replace(
    ASKED,
    name="payment_added",
    label="手数料の不足分をお願いするとき",
    subject=_("【{自治体名}】手数料の追加のお支払いのお願い（{手続名}）"),
    body=tuple(
        _("審査の結果、手数料が改まりました。不足分のお支払いをお願いします。") if piece == ASKED.body[3] else piece
        for piece in ASKED.body
    ),
)
PROMISED = Mail(
    name="payment_promised",
    label="コンビニの払込番号を発行したとき",
    sender=SENDER,
    subject=_("【{自治体名}】コンビニでの払込のご案内（{手続名}）"),
    body=(
        *OPENING,
        _("コンビニでの払込番号を発行しました。期限までに、コンビニで支払ってください。"),
        "",
        *FEE,
        _("　払込の期限：{期限}"),
        "",
        _("■ 払込番号と、払いかた"),
        "{払込番号の画面のアドレス}",
        *STATE,
        "",
        _("払込を確認すると、メールでお知らせします。期限を過ぎた番号では支払えません。"),
        _("ほかの方法で支払ったときは、この番号では支払わないでください。二重に支払われた分は、お返しします。"),
        *CLOSING,
    ),
    marks={**MARKS, "期限": "2026年12月11日 23時59分", VOUCHER: "https://payments.example.jp/…"},
    needed=(VOUCHER,),
    secret=(LINK, VOUCHER),
    requires=NAME,
)
PAID = Mail(
    name="payment_paid",
    label="納付を確認したとき",
    sender=SENDER,
    subject=_("【{自治体名}】手数料の納付を確認しました（{手続名}）"),
    body=(
        *OPENING,
        _("次のとおり、納付を確認しました。ありがとうございました。"),
        "",
        *FEE,
        _("　納付日時　：{納付日時}"),
        _("　方法　　　：{方法}"),
        _("　領収番号　：{領収番号}"),
        "",
        _("■ 納付確認書（PDF）と、お支払いの状況"),
        "{支払いの画面のアドレス}",
        *CLOSING,
    ),
    marks={**MARKS, "納付日時": "2026年11月28日 9時05分", "方法": "クレジットカード", "領収番号": "R-0001"},
    secret=(LINK,),
    requires=NAME,
)
FAILED = Mail(
    name="payment_failed",
    label="コンビニの払込を確認できなかったとき",
    sender=SENDER,
    subject=_("【{自治体名}】コンビニの払込の期限が過ぎました（{手続名}）"),
    body=(
        *OPENING,
        _("コンビニの払込を、期限までに確認できませんでした。この払込番号では、もう支払えません。"),
        "",
        *FEE,
        *PAGE,
        _("支払期限までは、もう一度お支払いの手続ができます。期限が過ぎているときは、この画面でお知らせします。"),
        *CLOSING,
    ),
    marks=MARKS,
    needed=(LINK,),
    secret=(LINK,),
    requires=NAME,
)
LAPSED = Mail(
    name="payment_lapsed",
    label="支払期限が過ぎて申請が終わったとき",
    sender=SENDER,
    subject=_("【{自治体名}】支払期限が過ぎたため、申請は終わりました（{手続名}）"),
    body=(
        *OPENING,
        _("支払期限までに手数料のお支払いを確認できなかったため、申請は受け付けていません。"),
        _("予約があるときは、予約も取り消しました。"),
        "",
        *FEE,
        "",
        _("もう一度申請するときは、はじめから入力してください。行き違いでお支払いになったときは、全額をお返しします。"),
        *CLOSING,
    ),
    marks=MARKS,
    secret=(LINK,),
    requires=NAME,
)
REFUND = Mail(
    name="refund_started",
    label="手数料を返すとき",
    sender=SENDER,
    subject=_("【{自治体名}】手数料をお返しします（{手続名}）"),
    body=(
        *OPENING,
        _("次の金額をお返しします。"),
        REASON,
        "",
        *FEE,
        "",
        _("■ お返しの方法"),
        "{お返しの方法}",
        *STATE,
        *CLOSING,
    ),
    marks={**MARKS, "理由": "申請を取り下げたため", "お返しの方法": "お支払いのクレジットカードに返します。"},
    secret=(LINK,),
    requires=NAME,
)
MAILS = (ASKED, ADDED, PROMISED, PAID, FAILED, LAPSED, REFUND)
