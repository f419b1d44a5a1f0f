"""A booking at the counter or on the phone: the place is taken and the application is declared, both or neither."""

from applications.lifecycle import AnswersChanged, NotAllowed, NotReady
from applications.models import Application
from applications.proxy import in_the_way, submit
from applications.status import Status
from reservations import services
from reservations.asking import asked
from reservations.models import Booking, Slot
from reservations.refusals import HasBooking, Refused, SlotGone
from reservations.requirement import NAME
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
    wanted = asked(application)
    if not Slot.objects.filter(pk=slot_id, calendar=wanted.calendar).exists():
        raise SlotGone
    if in_the_way(application, but=NAME):
        raise NeedsTheResident
    try:
        booking = services.staff_book(application=application, slot_id=slot_id, party=wanted.party, actor=actor)
    except HasBooking as standing:
        booking = services.staff_change(
            booking_id=standing.booking.pk, slot_id=slot_id, party=wanted.party, actor=actor, reason=AGAIN
        )
    try:
        submit(application, actor=actor)
    except (NotReady, AnswersChanged, NotAllowed) as problem:
        if Application.objects.filter(pk=application.pk, status=Status.DRAFT).exists():
            services.staff_cancel(booking_id=booking.pk, actor=actor, reason=NOT_DECLARED)
        raise Unfinished from problem
    return booking
