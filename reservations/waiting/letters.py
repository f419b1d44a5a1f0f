"""The default texts of the mails about waiting lists and lotteries."""

from dataclasses import replace

from django.utils.translation import gettext_noop as _

from formbuilder.mails import Mail
from outreach.letters import CLOSING, OPENING
from reservations.letters import SAMPLES, WHEN
from reservations.lottery import events as lottery
from reservations.requirement import NAME
from reservations.waiting import events as waiting

SENDER = "list_mail"
ORDER = _("■ 順番の確認・取りやめ")
KEEP_IT = _("このアドレスを知っている人は、手続を続けることができます。ほかの人に知らせないでください。")
STILL_THERE = _("入力した内容は残っています。")
FACTS = (_("　抽選　　　：{抽選の名前}"), _("　抽選番号　：{抽選番号}"))
PUBLIC = ("", _("■ 抽選の方法と結果の一覧"), "{一覧のアドレス}")
SLOT_MARKS = {**SAMPLES, "アドレス": "https://madoguchi.example.jp/waiting/…"}
LOT_MARKS = {
    "抽選の名前": "春の検診",
    "抽選番号": "12",
    "希望の日時": "　第1希望　：2027年6月7日（月）6:00〜6:30 保健センター",
    "申込みの締切": "5月31日 17:00",
    "アドレス": "https://madoguchi.example.jp/waiting/…",
    "一覧のアドレス": "https://madoguchi.example.jp/lottery/…",
}


WAIT = Mail(
    name=waiting.JOINED,
    label="キャンセル待ちに登録したとき",
    sender=SENDER,
    subject=_("【{自治体名}】キャンセル待ちに登録しました（{日時}）"),
    body=(
        *OPENING,
        _("「{手続名}」のキャンセル待ちに登録しました。"),
        "",
        *WHEN,
        _("　いまの順番：{順番}番目"),
        "",
        _(
            "空きが出たら、順番にメールで案内します。案内から{時間}時間（予約の締切が先に来るときは、締切まで）、"
            "席を確保してお待ちします。そのあいだに、案内のページから予約の手続をしてください。"
            "期限を過ぎると、次の方に案内します。"
        ),
        "",
        ORDER,
        "{アドレス}",
        KEEP_IT,
        *CLOSING,
    ),
    marks={**SLOT_MARKS, "順番": "3", "時間": "24"},
    needed=("アドレス",),
    secret=("アドレス",),
    requires=NAME,
)
OFFER = replace(
    WAIT,
    name=waiting.OFFERED,
    label="キャンセル待ちの空きを案内するとき",
    subject=_("【{自治体名}】空きが出ました。{期限}までに手続をしてください（{日時}）"),
    body=(
        *OPENING,
        _("キャンセル待ちの枠に空きが出たので、あなたの席を確保しました。"),
        "",
        *WHEN,
        _("　手続の期限：{期限}"),
        "",
        _("■ 予約する・辞退する"),
        "{アドレス}",
        "",
        _("期限までに手続が終わらないときは、次の方に案内します。"),
        _("予約しないときは、お手数ですが上のページから辞退してください。次の方に早く案内できます。"),
        *CLOSING,
    ),
    marks={**SLOT_MARKS, "期限": "6月3日 17:00"},
    needed=("アドレス", "期限"),
)
LAPSE = replace(
    OFFER,
    name=waiting.LAPSED,
    label="案内した空きの期限が過ぎたとき",
    subject=_("【{自治体名}】確保していた席の期限が過ぎました（{日時}）"),
    body=(
        *OPENING,
        _(
            "キャンセル待ちで確保していた席は、期限（{期限}）までに予約の手続が終わらなかったので、"
            "次の方に案内しました。"
        ),
        "",
        *WHEN,
        "",
        STILL_THERE,
        _("もう一度登録したいときや、ほかの日時を選びたいときは、次のページを開いてください。"),
        "{アドレス}",
        *CLOSING,
    ),
    needed=(),
)
END = replace(
    WAIT,
    name=waiting.ENDED,
    label="キャンセル待ちが終わったとき",
    subject=_("【{自治体名}】キャンセル待ちが終わりました（{日時}）"),
    body=(
        *OPENING,
        _("予約の締切までに空きが出なかったので、次のキャンセル待ちを終わります。"),
        _("ご希望に添えず、申し訳ありません。"),
        "",
        *WHEN,
        "",
        STILL_THERE,
        _("ほかの日時は、次のページから選べます。"),
        "{アドレス}",
        *CLOSING,
    ),
    marks=SLOT_MARKS,
    needed=(),
)
REMOVAL = replace(
    WAIT,
    name=waiting.REMOVED,
    label="キャンセル待ちから外したとき",
    subject=_("【{自治体名}】キャンセル待ちの登録を取り消しました（{日時}）"),
    body=(
        *OPENING,
        _("担当の職員が、次のキャンセル待ちの登録を取り消しました。"),
        "",
        *WHEN,
        _("　理由　　　：{理由}"),
        "",
        _("心当たりがないときは、お問い合わせください。"),
        *CLOSING,
    ),
    marks={**SLOT_MARKS, "理由": "電話でご連絡をいただいたため"},
    needed=(),
)
ENTRY = replace(
    WAIT,
    name=lottery.ENTERED,
    label="抽選に申し込んだとき",
    subject=_("【{自治体名}】抽選に申し込みました（抽選番号 {抽選番号}）"),
    body=(
        *OPENING,
        _("「{手続名}」の抽選の申込みを受け付けました。"),
        _(
            "申請の画面で最後まで進み、「この内容で申請する」を押すと、抽選に加わります。"
            "{申込みの締切}までに終えてください。"
        ),
        "",
        *FACTS,
        "{希望の日時}",
        "",
        _("■ 申込みの確認・取りやめ"),
        "{アドレス}",
        KEEP_IT,
        *PUBLIC,
        *CLOSING,
    ),
    marks=LOT_MARKS,
)
WIN = replace(
    ENTRY,
    name=lottery.WON,
    label="抽選に当選したとき",
    subject=_("【{自治体名}】当選しました（抽選番号 {抽選番号}）"),
    body=(
        *OPENING,
        _("抽選の結果、次の日時に当選しました。"),
        "",
        *FACTS,
        _("　結果　　　：当選"),
        *WHEN,
        "",
        _("予約の確認・変更・取消は、次のページからできます。"),
        "{アドレス}",
        *PUBLIC,
        *CLOSING,
    ),
    marks={**LOT_MARKS, **SAMPLES},
)
RESERVE = replace(
    ENTRY,
    name=lottery.RESERVE,
    label="抽選で補欠になったとき",
    subject=_("【{自治体名}】抽選の結果：補欠{補欠の番号}番（抽選番号 {抽選番号}）"),
    body=(
        *OPENING,
        _("抽選の結果、補欠{補欠の番号}番になりました。"),
        "",
        *FACTS,
        "{希望の日時}",
        _("　結果　　　：補欠{補欠の番号}番"),
        "",
        _("希望の日時に空きが出たら、補欠の順に席を確保して、メールで案内します。"),
        _("案内から{時間}時間（予約の締切が先に来るときは、締切まで）のうちに、予約の手続をしてください。"),
        "",
        ORDER,
        "{アドレス}",
        *PUBLIC,
        *CLOSING,
    ),
    marks={**LOT_MARKS, "補欠の番号": "2", "時間": "24"},
)
LOSS = replace(
    ENTRY,
    name=lottery.LOST,
    label="抽選に外れたとき",
    subject=_("【{自治体名}】抽選の結果のお知らせ（抽選番号 {抽選番号}）"),
    body=(
        *OPENING,
        _("抽選の結果、今回はご用意できる席がありませんでした。ご希望に添えず、申し訳ありません。"),
        "",
        *FACTS,
        "{希望の日時}",
        _("　結果　　　：落選"),
        "",
        _("この申請で予約される日時はありません。手続をする必要はありません。"),
        _("空いている日時がほかにあるときは、新しく申し込めます。"),
        *PUBLIC,
        *CLOSING,
    ),
    needed=(),
)
VOID = replace(
    ENTRY,
    name=lottery.VOID,
    label="抽選の申込みが無効になったとき",
    subject=_("【{自治体名}】抽選の申込みが無効になりました（抽選番号 {抽選番号}）"),
    body=(
        *OPENING,
        _("申込みの締切（{申込みの締切}）までに申請が終わっていなかったので、抽選に加わりませんでした。"),
        "",
        *FACTS,
        "",
        _("空いている日時があれば、次のページから選べます。"),
        "{アドレス}",
        *CLOSING,
    ),
    needed=(),
)
MAILS = (WAIT, OFFER, LAPSE, END, REMOVAL, ENTRY, WIN, RESERVE, LOSS, VOID)
