"""基本の設定: name, period, closed days, when residents may book, change and cancel."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from cms.models import Department
from reservations.models import Booking, Calendar, LotteryEntry
from reservations.setup.access import departments_of
from reservations.setup.fields import ClockField, CountField, DayField, MomentField
from reservations.setup.forms import Group, fingerprint
from staff.models import User

MOST_DAYS, MOST_HOURS, MOST_MINUTES = 730, 8760, 1440
DEADLINE_HELP = "例: 7日前・17:00 → 利用日の7日前の17時まで。時刻が空欄なら、枠の始まりから数えます。"


def days_field(label: str, initial: int = 1) -> CountField:
    return CountField(label=label, most=MOST_DAYS, initial=initial)


def hours_field(label: str) -> CountField:
    return CountField(label=label, most=MOST_HOURS, initial=0, help_text="時刻を決めたときは0のままにします。")


def time_field(label: str) -> ClockField:
    return ClockField(label=label, required=False, initial=time(17))


class ReceptionForm(forms.ModelForm[Calendar]):
    """The user's own departments are all there is to choose from. A code stays: published forms call it."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    valid_from = DayField(label="有効期間の初日")
    valid_to = DayField(label="有効期間の最終日", required=False, help_text="空欄なら、終わりを決めません。")
    opens_at = MomentField(label="予約の受付開始", required=False, help_text="空欄なら、すぐに受け付けます。")
    opens_days = CountField(
        label="何日前から受け付けるか",
        most=MOST_DAYS,
        required=False,
        help_text="例: 60 → 利用日の60日前の0時から。空欄なら、いつでも受け付けます。",
    )
    book_days, book_time, book_hours = days_field("日前"), time_field("時刻"), hours_field("時間前")
    change_days, change_time, change_hours = days_field("日前"), time_field("時刻"), hours_field("時間前")
    cancel_days, cancel_time, cancel_hours = days_field("日前"), time_field("時刻"), hours_field("時間前")
    max_places = CountField(
        label="一度に予約できる数", least=1, most=1000, initial=10, help_text="一つの申請で取れる人数・点数です。"
    )
    hold_minutes = CountField(
        label="仮押さえ（分）",
        least=1,
        most=MOST_MINUTES,
        initial=15,
        help_text="日時を選んでから申請を終えるまで、枠をとっておく時間です。",
    )
    extension_minutes = CountField(label="支払いなどでの延長（分）", most=MOST_MINUTES, initial=15)
    declared_hours = CountField(
        label="申請後の手続を待つ時間（時間）",
        least=1,
        most=MOST_HOURS,
        initial=72,
        help_text="支払いなどが済まないまま過ぎると、枠を手放します。",
    )
    waiting_hours = CountField(
        label="空きを案内してから待つ時間（時間）",
        least=1,
        most=MOST_HOURS,
        initial=24,
        help_text="この時間のうちに予約されなければ、次の人に案内します。",
    )
    reminder_time = ClockField(
        label="前日のお知らせの時刻",
        required=False,
        initial=time(18),
        help_text="予約の前の日のこの時刻に、メールで知らせます。空欄なら知らせません。",
    )

    groups: ClassVar[Sequence[Group]] = [
        ("この受付について", ["name", "department", "code"]),
        ("有効期間と休み", ["valid_from", "valid_to", "closed_on_holidays", "closed_at_new_year"]),
        ("予約を受け付ける期間", ["opens_at", "opens_days"]),
        ("予約の締切", ["book_days", "book_time", "book_hours"]),
        ("変更の締切（住民）", ["change_days", "change_time", "change_hours"]),
        ("取消の締切（住民）", ["cancel_days", "cancel_time", "cancel_hours"]),
        ("枠のとりかた", ["max_places", "hold_minutes", "extension_minutes", "declared_hours"]),
        ("キャンセル待ちとお知らせ", ["waiting_list", "waiting_hours", "reminder_time"]),
    ]
    DEADLINES: ClassVar = {name for name, _ in groups if "締切" in name}

    class Meta:
        model = Calendar
        error_messages: ClassVar = {"code": {"unique": "同じ識別名の受付が、すでにあります。"}}
        fields: ClassVar = [
            *("name", "department", "code", "valid_from", "valid_to", "closed_on_holidays", "closed_at_new_year"),
            *("opens_at", "opens_days", "book_days", "book_time", "book_hours"),
            *("change_days", "change_time", "change_hours", "cancel_days", "cancel_time", "cancel_hours"),
            *("max_places", "hold_minutes", "extension_minutes", "declared_hours"),
            *("waiting_list", "waiting_hours", "reminder_time"),
        ]

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        departments = departments_of(user)
        self.fields["department"] = forms.ModelChoiceField(
            departments, label="所管課", error_messages={"invalid_choice": "所管課を一覧から選んでください。"}
        )
        self.initial["shown"] = fingerprint(self.instance)
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = "公開した申請フォームがこの名前で呼ぶので、変えられません。"
            booked = Booking.objects.filter(slot__calendar=self.instance)
            if booked.exists() or LotteryEntry.objects.filter(lottery__calendar=self.instance).exists():
                # whoever has the reception reads who has booked, waits or takes part
                self.fields["department"].disabled = True
                self.fields["department"].help_text = "予約や抽選に申し込んだ人の情報があるので、変えられません。"
        else:
            self._suggest(list(departments[:2]))

    def _suggest(self, departments: list[Department]) -> None:
        today = timezone.localdate()
        self.initial.setdefault("valid_from", today)
        self.initial.setdefault("valid_to", date(today.year + (today.month > 3), 3, 31))  # of the fiscal year
        self.initial.setdefault("code", _free_code())
        if len(departments) == 1:
            self.initial.setdefault("department", departments[0].pk)

    def sections(self) -> list[tuple[str, str, list[forms.BoundField]]]:
        """(heading, what it means, boxes)"""
        return [
            (heading, DEADLINE_HELP if heading in self.DEADLINES else "", [self[name] for name in names])
            for heading, names in self.groups
        ]


def _free_code() -> str:
    taken = set(Calendar.objects.filter(code__startswith="uketsuke-").values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"uketsuke-{number}") not in taken)
