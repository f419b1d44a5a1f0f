"""来場・欠席: the only writer of marks."""

from django.db import transaction
from django.utils import timezone

from applications.lifecycle import record
from reservations.models import Attendance, Attendee, Booking, Presence, State
from reservations.refusals import Changed, NotActive
from staff.models import User

MARKED = "attendance_marked"


@transaction.atomic
def mark(*, booking_id: int, attendee_id: int, item_id: int | None, presence: Presence | None, actor: User) -> None:
    """Mark a person, or one item of theirs; None takes the mark back. Marking twice is marking once.

    Raises NotActive, and Changed when the person or the item is not of the booking any more.
    """
    booking = Booking.objects.select_for_update(no_key=True, of=("self",)).get(pk=booking_id)
    if booking.state != State.CONFIRMED:
        raise NotActive
    attendee = Attendee.objects.filter(booking=booking, pk=attendee_id).first()
    wish = attendee.wishes.filter(item=item_id).select_related("item").first() if attendee and item_id else None
    if attendee is None or (item_id is not None and wish is None):
        raise Changed
    standing = Attendance.objects.filter(attendee=attendee, item=item_id).first()
    if (standing.presence if standing else None) == presence:
        return
    if standing is not None:
        standing.delete()
    if presence is not None:
        Attendance.objects.create(
            attendee=attendee, item_id=item_id, presence=presence, staff=actor, marked_at=timezone.now()
        )
    who = attendee.name or booking.application.applicant or str(attendee)
    what = f"{who}（{wish.item.name}）" if wish else who
    data = {
        "booking": booking.pk,
        "attendee": attendee.ordinal,
        "item": item_id,
        "presence": presence or "",
        "sentence": f"{what}を{presence.label}と記録しました"
        if presence
        else f"{what}の来場・欠席の記録を取り消しました",
    }
    record(booking.application, MARKED, actor=actor, data=data)
