"""A booking at the counter or on the phone: the place is taken and the application is declared, both or neither.

Where nothing is free, who calls waits like anybody else; the desk tells them when it is their turn, and books.
"""

from django.utils import timezone

from applications.lifecycle import AnswersChanged, NotAllowed, NotReady
from applications.models import Application
from applications.proxy import in_the_way, submit
from applications.status import Status
from reservations import services
from reservations.asking import asked
from reservations.models import Booking, Slot, WaitingEntry
from reservations.party import Party
from reservations.refusals import HasBooking, OfferGone, Refused, SlotGone
from reservations.requirement import NAME
from reservations.waiting.entries import can_be_taken, join
from reservations.waiting.offers import pass_on_soon
from staff.models import User

AGAIN = "入力をやり直したため"
NOT_DECLARED = "申請を受け付けられなかったため"


class Unfinished(Refused):
    message = "ほかの画面で入力が変わりました。内容を確かめて、もう一度「予約する」を押してください。"


class NeedsTheResident(Refused):
    """Another gate is closed that only the resident can open."""

    message = "この申請フォームには、住民本人がする手続（本人確認など）があるため、代わって入力できません。"


def enter(application: Application, *, slot_id: int, actor: User) -> Booking:
    """Book the slot for whom the answers name, and declare. Asked twice, it is done once.

    Raises what `staff_book` and `asked` raise, Unfinished, NeedsTheResident; then nothing is booked.
    """
    party = _party(application, slot_id)
    try:
        booking = services.staff_book(application=application, slot_id=slot_id, party=party, actor=actor)
    except HasBooking as standing:
        booking = services.staff_change(
            booking_id=standing.booking.pk, slot_id=slot_id, party=party, actor=actor, reason=AGAIN
        )
    return _declared(application, booking, actor)


def wait(application: Application, *, slot_id: int, actor: User) -> WaitingEntry:
    """Put whom the answers name on the list of the slot. Asked twice, it is done once.

    Raises what `join` and `asked` raise, NeedsTheResident.
    """
    return join(application=application, slot_id=slot_id, party=_party(application, slot_id), actor=actor)


def take(entry: WaitingEntry, *, actor: User) -> Booking:
    """The person said yes on the phone to what was offered: booked and declared. Done twice, it is done once.

    Raises OfferGone, Full, Unfinished.
    """
    entry.refresh_from_db()
    if not entry.is_of_the_desk or entry.booking is None or not can_be_taken(entry, timezone.now()):
        raise OfferGone
    booking = services.confirm(booking_id=entry.booking.pk)
    done = _declared(entry.application, booking, actor)
    pass_on_soon(entry.calendar_id)
    return done


def _party(application: Application, slot_id: int) -> Party:
    """Whom the answers name; raises whatever is in the way of a place for them."""
    wanted = asked(application)
    if not Slot.objects.filter(pk=slot_id, calendar=wanted.calendar).exists():
        raise SlotGone
    if in_the_way(application, but=NAME):
        raise NeedsTheResident
    return wanted.party


def _declared(application: Application, booking: Booking, actor: User) -> Booking:
    try:
        submit(application, actor=actor)
    except (NotReady, AnswersChanged, NotAllowed) as problem:
        if Application.objects.filter(pk=application.pk, status=Status.DRAFT).exists():
            services.staff_cancel(booking_id=booking.pk, actor=actor, reason=NOT_DECLARED)
        raise Unfinished from problem
    return booking
