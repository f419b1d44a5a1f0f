"""Who may set up which receptions: what is not found here does not exist for the reader."""

from django.db.models import QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from cms.access import MAY_READ_CASES, AnyUser, departments_for, has_role
from cms.models import Department, Role
from reservations.models import Booking, Calendar
from staff.models import User

# Editors build the procedures that places are booked for; officers close a day when the doctor is ill
MAY_SET_UP = frozenset({Role.EDITOR, Role.PUBLISHER, Role.OFFICER})


def may_set_up(user: AnyUser) -> bool:
    return is_administrator(user) or has_role(user, MAY_SET_UP)


def is_administrator(user: AnyUser) -> bool:
    return user.is_active and user.is_superuser


def departments_of(user: AnyUser) -> QuerySet[Department]:
    """Whose receptions the user sets up."""
    return Department.objects.all() if is_administrator(user) else departments_for(user, MAY_SET_UP)


def receptions_of(user: AnyUser) -> QuerySet[Calendar]:
    return Calendar.objects.filter(department__in=departments_of(user)).select_related("department")


def readable_bookings(user: AnyUser, bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """Those whose people the user may know: setting up a reception is no reason to read who comes."""
    return bookings.filter(application__department__in=departments_for(user, MAY_READ_CASES))


class ReceptionPolicy(BasePermissionPolicy):
    """For Wagtail's views: the department's roles decide, not Django's permissions of models."""

    def user_has_permission(self, user: AnyUser, action: str) -> bool:
        return may_set_up(user)

    def user_has_permission_for_instance(self, user: AnyUser, action: str, instance: Calendar) -> bool:
        return self.instances_user_has_any_permission_for(user, [action]).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: AnyUser, actions: object) -> QuerySet[Calendar]:
        return receptions_of(user)

    def users_with_any_permission(self, actions: object) -> QuerySet[User]:
        allowed = User.objects.filter(groups__department_role__role__in=[str(role) for role in MAY_SET_UP])
        return (allowed | User.objects.filter(is_superuser=True)).filter(is_active=True).distinct()
