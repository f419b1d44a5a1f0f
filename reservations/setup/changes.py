"""What staff change of a reception's rules, one function each: all of a change or nothing, with a line in the history.

They raise Refused with a sentence for the person at the screen, and BelowBooked with the bookings concerned.
"""

from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from wagtail.log_actions import log

from reservations.again import again
from reservations.capacity import resize_shared
from reservations.layout import lock_calendar
from reservations.models import Bucket, Calendar, Quota, Season, Slot
from reservations.refusals import Refused
from reservations.relayout import bring_in_line, remove_quota
from reservations.setup.forms import QuotaForm, RowForm, SeasonForm, fingerprint
from reservations.setup.reasons import reason_to_keep
from reservations.setup.reception_form import ReceptionForm
from staff.models import User

RULES = "reservations.rules"


class Overtaken(Refused):
    message = "ほかの人が先に変更しました。今の内容を確かめて、もう一度直してください。"


class Twice(Refused):
    message = "同じ内容がすでにあります。一覧を確かめてください。"


class StillUsed(Refused):
    message = "ほかで使われているので、削除できません。画面を開き直して、確かめてください。"


def note(calendar: Calendar, actor: User, what: str) -> None:
    """A line in the history of the reception."""
    log(instance=calendar, action=RULES, user=actor, data={"what": what})


def save_reception(*, form: ReceptionForm, actor: User) -> Calendar:
    """Raises Overtaken, Twice."""
    try:
        return _save_reception(form=form, actor=actor, is_new=form.instance.pk is None)
    except IntegrityError as problem:  # somebody took the same code at the same moment
        raise Twice from problem


@again
@transaction.atomic(durable=True)
def _save_reception(*, form: ReceptionForm, actor: User, is_new: bool) -> Calendar:
    if is_new:
        _forget_last_try(form)
    else:
        _check_unchanged(lock_calendar(form.instance.pk), form)
    calendar = form.save()
    action = "wagtail.create" if is_new else "wagtail.edit"
    log(instance=calendar, action=action, user=actor, content_changed=form.has_changed())
    return calendar


def save_row(*, form: RowForm, actor: User) -> list[models.Model]:
    """Make what the form says, or change it. Raises Overtaken, Twice, BelowBooked."""
    try:
        if not form.is_new and isinstance(form, QuotaForm | SeasonForm):
            _resize(form, actor)
        return _save_row(form=form, actor=actor, is_new=form.is_new)
    except IntegrityError as problem:  # somebody made the same at the same moment
        raise Twice from problem


@again
@transaction.atomic(durable=True)
def _save_row(*, form: RowForm, actor: User, is_new: bool) -> list[models.Model]:
    calendar = lock_calendar(form.reception.pk)
    if is_new:
        _forget_last_try(form)
    else:
        _check_unchanged(type(form.instance).objects.filter(pk=form.instance.pk).first(), form)
    rows = form.save_all()
    if isinstance(form, QuotaForm | SeasonForm):
        bring_in_line(calendar, timezone.localdate())  # for the slots that are there already
    for row in rows:
        note(calendar, actor, f"{row._meta.verbose_name}「{row}」を{'追加' if is_new else '変更'}")
    return rows


def _forget_last_try(form: Any) -> None:
    """What a transaction that was rolled back had made."""
    form.instance.pk, form.instance._state.adding = None, True


def _check_unchanged(row: models.Model | None, form: Any) -> None:
    if row is None or fingerprint(row) != form.cleaned_data["shown"]:
        raise Overtaken


def _resize(form: QuotaForm | SeasonForm, actor: User) -> None:
    """The limits first, in all the days or slots that have them: if that cannot be, nothing has been changed."""
    row, after = type(form.instance).objects.filter(pk=form.instance.pk).first(), form.instance
    _check_unchanged(row, form)
    if isinstance(row, Season):
        _check_season(row, after)
    if not row.buckets.exists() or (row.limit_public, row.limit_total) == (after.limit_public, after.limit_total):
        return
    resize_shared(
        source=row, public=after.limit_public, total=after.limit_total, first=timezone.localdate(), actor=actor
    )
    form.cleaned_data["shown"] = fingerprint(row)


def _check_season(before: Season, after: Season) -> None:
    outside = Slot.objects.filter(season=before).exclude(day__range=(after.first_day, after.last_day)).count()
    if outside:
        raise Refused(f"この期の枠が{outside:,}、新しい期間の外になります。それらの日を含む期間にしてください。")
    if after.limit_total is None and before.buckets.exists():
        raise Refused("この期の枠がすでにあるので、定員をなくせません。十分に大きな数を入力してください。")


def remove_row(*, row: models.Model, calendar_id: int, actor: User) -> None:
    """Raises Refused when something depends on it."""
    if isinstance(row, Quota):
        what = _removed(row)
        remove_quota(quota_id=row.pk)
        note(Calendar.objects.get(pk=calendar_id), actor, what)
        return
    try:
        _remove_row(row=row, calendar_id=calendar_id, actor=actor)
    except ProtectedError as problem:
        raise StillUsed from problem


@again
@transaction.atomic(durable=True)
def _remove_row(*, row: models.Model, calendar_id: int, actor: User) -> None:
    calendar = lock_calendar(calendar_id)
    if reason := reason_to_keep(row):
        raise Refused(reason)
    what = _removed(row)
    if isinstance(row, Season):
        row.buckets.all().delete()  # of slots that are gone
    row.delete()
    note(calendar, actor, what)


def _removed(row: models.Model) -> str:
    return f"{row._meta.verbose_name}「{row}」を削除"


def remove_reception(*, calendar_id: int, actor: User) -> None:
    """Raises Refused when slots, forms or lists depend on it."""
    try:
        _remove_reception(calendar_id=calendar_id, actor=actor)
    except ProtectedError as problem:
        raise StillUsed from problem


@again
@transaction.atomic(durable=True)
def _remove_reception(*, calendar_id: int, actor: User) -> None:
    calendar = lock_calendar(calendar_id)
    if reason := reason_to_keep(calendar):
        raise Refused(reason)
    Bucket.objects.filter(quota__calendar=calendar).delete()  # of slots that are gone
    Bucket.objects.filter(season__calendar=calendar).delete()
    log(instance=calendar, action="wagtail.delete", user=actor)
    calendar.delete()
