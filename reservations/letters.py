"""The default texts of the mails about bookings."""

from django.utils.translation import gettext_noop as _

from formbuilder.mails import Mail
from outreach.letters import CLOSING, NUMBER, OPENING
from reservations.requirement import NAME

SENDER = "booking_mail"
LINK = "予約の画面のアドレス"
SAMPLES = {"日時": "2027年6月7日（月）6:00〜6:30", "会場": "保健センター", "会場の住所": "みほん市中央1-1"}
WHEN = (_("　日時　　　：{日時}"), _("　会場　　　：{会場}"), "　　　　　　　{会場の住所}")
BOOKING = (*WHEN, _("　人数と項目：{人数と項目}"), NUMBER)
MINE = _("■ 予約の確認・変更・取消")
DEADLINES = (_("変更の締切 {変更の締切}"), _("取消の締切 {取消の締切}"))
MARKS = {
    **SAMPLES,
    "予約の名前": "総合検診",
    "人数と項目": "見本 花子：胃がん・肺がん",
    "変更の締切": "6月5日 17:00",
    "取消の締切": "6月6日 17:00",
    "職員の操作": "（担当の職員が変更しました）",
    LINK: "https://madoguchi.example.jp/reservation/…",
}

CONFIRMED = Mail(
    name="reservation_slot_confirmed",
    label="予約が確定したとき",
    sender=SENDER,
    subject=_("【{自治体名}】予約が確定しました（{予約の名前} {日時}）"),
    body=(
        *OPENING,
        _("「{手続名}」の予約が確定しました。"),
        "",
        *BOOKING,
        "",
        _("添付のファイル（.ics）で、予約をカレンダーに入れられます。"),
        "",
        MINE,
        "{予約の画面のアドレス}",
        _("このアドレスを知っている人は、予約を変更したり取り消したりできます。ほかの人に知らせないでください。"),
        *DEADLINES,
        *CLOSING,
    ),
    marks=MARKS,
    needed=("日時",),
    secret=(LINK,),
    requires=NAME,
)
CHANGED = Mail(
    name="reservation_slot_changed",
    label="予約を変更したとき",
    sender=SENDER,
    subject=_("【{自治体名}】予約を変更しました（{予約の名前} {日時}）"),
    body=(
        *OPENING,
        _("「{手続名}」の予約を変更しました。"),
        "{職員の操作}",
        "",
        *BOOKING,
        _("　変更前　　：{変更前}"),
        "",
        _("添付のファイル（.ics）を開くと、カレンダーの予定も変わります。"),
        "",
        MINE,
        "{予約の画面のアドレス}",
        *DEADLINES,
        *CLOSING,
    ),
    marks={**MARKS, "変更前": "2027年6月4日（金）6:00〜6:30 あすぱる"},
    needed=("日時",),
    secret=(LINK,),
    requires=NAME,
)
CANCELLED = Mail(
    name="reservation_slot_cancelled",
    label="予約を取り消したとき",
    sender=SENDER,
    subject=_("【{自治体名}】予約を取り消しました（{予約の名前} {日時}）"),
    body=(
        *OPENING,
        _("「{手続名}」の次の予約を取り消しました。"),
        "{職員の操作}",
        "",
        *BOOKING,
        "",
        _("添付のファイル（.ics）を開くと、カレンダーの予定も消えます。"),
        "",
        _("■ 予約の内容"),
        "{予約の画面のアドレス}",
        *CLOSING,
    ),
    marks={**MARKS, "職員の操作": "（担当の職員が取り消しました）"},
    needed=("日時",),
    secret=(LINK,),
    requires=NAME,
)
REMINDER = Mail(
    name="visit_reminder",
    label="前日のお知らせ",
    sender="reminder_mail",
    subject=_("【{自治体名}】明日の予約のお知らせ（{日時}）"),
    body=(
        *OPENING,
        _("「{手続名}」の予約は明日です。お気をつけてお越しください。"),
        "",
        *WHEN,
        _("　人数・点数：{人数・点数}"),
        NUMBER,
        "",
        MINE,
        "{予約の画面のアドレス}",
        *CLOSING,
    ),
    marks={**SAMPLES, "人数・点数": "1", LINK: "https://madoguchi.example.jp/reservation/…"},
    needed=("日時",),
    secret=(LINK,),
    requires=NAME,
)
MAILS = (CONFIRMED, CHANGED, CANCELLED, REMINDER)
