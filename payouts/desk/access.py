"""Whose payouts a member of staff may open. What may not be seen does not exist (404)."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cms.access import AnyUser, departments_for, has_role
from cms.models import Role
from payouts.models import Batch

MAY_READ = frozenset({Role.OFFICER, Role.APPROVER, Role.AUDITOR})
MAY_MAKE = frozenset({Role.OFFICER})
MAY_APPROVE = frozenset({Role.APPROVER})
MAY_TAKE = frozenset({Role.OFFICER, Role.APPROVER})


def may_enter(user: AnyUser) -> bool:
    return has_role(user, MAY_READ)


def batches(user: AnyUser, roles: Iterable[str] = MAY_READ) -> QuerySet[Batch]:
    mine = list(departments_for(user, roles).values_list("pk", flat=True))
    return Batch.objects.filter(department__in=mine).select_related("department", "scheme", "source")


def batch_or_404(request: HttpRequest, number: str, roles: Iterable[str] = MAY_READ) -> Batch:
    return get_object_or_404(batches(request.user, roles), number=number)
