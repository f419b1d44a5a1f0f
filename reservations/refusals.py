"""Why a place cannot be had. `message` is for the person who asked; nothing was taken, and nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reservations.models import Booking, Bucket, Item


def clock(moment: datetime) -> str:
    """For people: 5月31日 17:00"""
    local = timezone.localtime(moment)
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {local.hour}:{local:%M}"


class Refused(Exception):
    """Base of all."""

    message = ""

    def __init__(self, message: str = "") -> None:
        self.message = message or (_(self.message) if self.message else "")
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A limit that has too few places. left: 0 also when it is closed, or kept for others."""

    bucket: int
    scope: str
    item: int | None
    left: int
    closed: bool
    queued: bool = False  # there is room, for who is on a list


class Full(Refused):
    """Not every place that the party needs is there, so none was taken."""

    message = gettext_noop("選んだ枠は、ご希望の人数分の空きがありません。ほかの日時を選んでください。")

    def __init__(self, shortages: Sequence[Shortage] = ()) -> None:
        self.shortages = tuple(shortages)
        if shortages and all(shortage.closed for shortage in shortages):
            super().__init__(_("選んだ枠は、受付を停止しています。ほかの日時を選んでください。"))
        elif shortages and all(shortage.queued for shortage in shortages):
            super().__init__(
                _(
                    "この枠の空きは、キャンセル待ちや抽選の順番を待っている方の分です。"
                    "ほかの日時を選ぶか、キャンセル待ちに登録してください。"
                )
            )
        elif shortages and all(shortage.item for shortage in shortages):
            names = Item.objects.filter(pk__in=[shortage.item for shortage in shortages]).values_list("name", flat=True)
            listed = _("・").join(f"「{name}」" for name in names)
            super().__init__(
                _("%(listed)sは、選んだ日時の空きが足りません。ほかの日時か、ほかの項目を選んでください。")
                % {"listed": listed}
            )
        else:
            super().__init__()


class SlotGone(Refused):
    message = gettext_noop("選んだ枠がなくなりました。ほかの日時を選んでください。")


class NotOpenYet(Refused):
    def __init__(self, opens: datetime) -> None:
        self.opens = opens
        super().__init__(
            _("予約の受付は%(opens)sに始まります。始まってから、もう一度選んでください。") % {"opens": clock(opens)}
        )


class TooLate(Refused):
    """deadline: has passed. what: 予約, 変更 or 取消."""

    def __init__(self, what: str, deadline: datetime) -> None:
        self.deadline = deadline
        what_now = _("ほかの日時を選んでください。") if what == "予約" else _("担当課へ電話で連絡してください。")
        super().__init__(
            _("%(what)sの受付は%(deadline)sに終わりました。%(what_now)s")
            % {"what": _(what), "deadline": clock(deadline), "what_now": what_now}
        )


class TooMany(Refused):
    def __init__(self, most: int) -> None:
        super().__init__(
            _("一度に予約できるのは%(most)sまでです。人数や点数を減らすか、分けて申し込んでください。") % {"most": most}
        )


class AlreadyBooked(Refused):
    """A person of the party has a booking in this season."""

    message = gettext_noop(
        "同じ方の予約が、この期間にすでにあります。日時を変えるときは、はじめの予約を変更してください。"
        "予約のときのメールにあるアドレスか、担当課で変更できます。"
    )


class HasBooking(Refused):
    """The application has another active booking; `change` moves it."""

    message = gettext_noop("この申請では、すでに枠を選んでいます。変えるときは、予約の変更をしてください。")

    def __init__(self, booking: Booking) -> None:
        self.booking = booking
        super().__init__()


class HoldGone(Refused):
    message = gettext_noop("仮押さえの時間が過ぎました。入力した内容は残っています。もう一度、日時を選んでください。")


class Changed(Refused):
    """Somebody else changed the booking since it was shown."""

    message = gettext_noop("予約が別の画面で変更されています。今の予約を確かめてから、もう一度操作してください。")


class NotActive(Refused):
    message = gettext_noop("この予約は、すでに取り消されています。")


class Busy(Refused):
    """The database was too long about it; the same request may be sent again."""

    message = gettext_noop("ただいま混み合っています。少し待ってから、もう一度操作してください。")


class BelowBooked(Refused):
    """A limit cannot go below what is taken. bookings: those concerned, in the order of the slots."""

    def __init__(self, bucket: Bucket, bookings: Sequence[Booking]) -> None:
        self.bucket, self.bookings = bucket, tuple(bookings)
        super().__init__(
            _("すでに%(taken)sの予約があるので、定員をそれより少なくできません。先に予約を移すか、取り消してください。")
            % {"taken": bucket.taken}
        )


class NotOnOffer(Refused):
    """The reception keeps no waiting list."""

    message = gettext_noop("この受付では、キャンセル待ちの登録を行っていません。ほかの日時を選んでください。")


class ByLot(Refused):
    """Nobody gets round a lottery by waiting."""

    message = gettext_noop(
        "この日時は抽選で決めるので、いまはキャンセル待ちの登録ができません。抽選に申し込んでください。"
    )


class StillFree(Refused):
    message = gettext_noop("この枠には、まだ空きがあります。キャンセル待ちをしなくても、そのまま選べます。")


class NeverFits(Refused):
    message = gettext_noop("ご希望の人数は、この枠の定員を超えています。人数を減らすか、ほかの日時を選んでください。")


class TooManyWaits(Refused):
    def __init__(self, most: int) -> None:
        super().__init__(
            _("キャンセル待ちに登録できるのは%(most)s枠までです。どれかを取りやめてから登録してください。")
            % {"most": most}
        )


class HoldsAnother(Refused):
    message = gettext_noop(
        "いま押さえている日時があります。キャンセル待ちをするときは、先にその日時を手放してください。"
    )


class OfferGone(Refused):
    message = gettext_noop("この案内は、すでに終わっています。もう一度、日時を選ぶかキャンセル待ちに登録してください。")


class NoEntries(Refused):
    """The lottery takes none now."""

    def __init__(self, closes: datetime) -> None:
        super().__init__(
            _("抽選の申込みは、いまは受け付けていません（締切は%(closes)s）。担当課へ電話で連絡してください。")
            % {"closes": clock(closes)}
        )


class NoWish(Refused):
    message = gettext_noop("希望する日時が選ばれていません。第1希望から選んでください。")


class TooManyWishes(Refused):
    def __init__(self, most: int) -> None:
        super().__init__(_("選べる希望は第%(most)s希望までです。数を減らしてください。") % {"most": most})


class AlreadyEntered(Refused):
    message = gettext_noop("同じ方の申込みが、この抽選にすでにあります。申込みは一人一回です。")


class NoSlots(Refused):
    message = gettext_noop("この期間に予約枠がありません。先に枠を作ってください。")


class NotDue(Refused):
    message = gettext_noop("申込みの締切前なので、まだ抽選できません。締切のあとに、もう一度操作してください。")
