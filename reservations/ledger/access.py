"""Whose ledger a member of staff may open. What may not be seen does not exist (404)."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cms.access import MAY_READ_CASES, AnyUser, departments_for, has_role
from cms.models import Role
from formbuilder.models import FormVersion
from reservations.models import Booking, Calendar, Slot
from reservations.requirement import NAME

MAY_READ = frozenset({Role.OFFICER, Role.AUDITOR})
MAY_WRITE = frozenset({Role.OFFICER})


def may_enter(user: AnyUser) -> bool:
    return has_role(user, MAY_READ)


def receptions(user: AnyUser, roles: Iterable[str] = MAY_READ) -> QuerySet[Calendar]:
    """The receptions of the departments for which the user has one of the roles."""
    mine = list(departments_for(user, roles).values_list("pk", flat=True))
    return Calendar.objects.filter(department__in=mine).select_related("department").order_by("name", "pk")


def reception_or_404(request: HttpRequest, code: str, roles: Iterable[str] = MAY_READ) -> Calendar:
    return get_object_or_404(receptions(request.user, roles), code=code)


def slot_or_404(request: HttpRequest, pk: int, roles: Iterable[str] = MAY_WRITE) -> Slot:
    slots = Slot.objects.filter(calendar__in=receptions(request.user, roles).order_by())
    return get_object_or_404(slots.select_related("calendar__department", "venue"), pk=pk)


def booking_or_404(request: HttpRequest, pk: int, roles: Iterable[str] = MAY_READ) -> Booking:
    bookings = Booking.objects.filter(slot__calendar__in=receptions(request.user, roles).order_by())
    related = ("slot__calendar__department", "slot__venue", "application__version", "application__form", "staff")
    hidden = ("application__search_text", "application__version__document")
    return get_object_or_404(bookings.select_related(*related).defer(*hidden), pk=pk)


def case_departments(user: AnyUser) -> frozenset[int]:
    """Departments whose cases the user may open: the form may belong to another department than the reception."""
    return frozenset(departments_for(user, MAY_READ_CASES).values_list("pk", flat=True))


def forms_for(calendar: Calendar) -> QuerySet[FormVersion]:
    """Published forms of the reception's department that ask for a place of it (asking.py takes no others)."""
    wanted = {f"document__requires__{NAME}__calendar": calendar.code}
    current = FormVersion.objects.filter(is_current=True, form__live=True, department=calendar.department_id, **wanted)
    return current.select_related("form").defer("document").order_by("form__title", "pk")
