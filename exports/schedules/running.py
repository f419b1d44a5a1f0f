"""Runs schedules: each time once, a missed one once, with the rights that its owner has when it is made and brought."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from applications.failures import where_it_failed
from applications.listing import Filters
from applications.status import Status
from applications.vault import VaultError, open_sealed
from cms.access import MAY_EXPORT_CASES, has_role
from exports.access import may_take
from exports.file_names import safe_part
from exports.formats import Format
from exports.jobs import ask
from exports.models import OVER, ExportJob, JobState
from exports.planning import Refused, plan_export
from exports.schedules.clock import newest_due, next_after, span_of
from exports.schedules.models import PlaceKind, Run, RunState, Schedule
from exports.schedules.notice import tell_stopped
from exports.schedules.places import Parcel, Put, Undelivered, folder, s3, sftp
from exports.services import NOTHING
from exports.shapes import Shape

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)  # longer than any place may take
WAITS = [timedelta(minutes=m) for m in (5, 30, 120, 360)]  # between the attempts to bring a file to its place
CLAIMS_MOST = 30  # a run that takes its workers down is given up
FAILURES_MOST = 3  # runs, one after the other; then somebody has to look
NO_ROLE = "責任者に、この所管課の申請を出力する権限がなくなったため、停止しました。"
NOT_OURS = "ほかの所管課の申請が入っているため、渡しませんでした。「今すぐ出力する」で、もう一度作ってください。"
GAVE_UP = f"続けて{FAILURES_MOST}回失敗したため、停止しました。"
BROKEN = "途中で問題が起きました。同じことが続くときは、システム管理者に連絡してください。"
PLACES: dict[str, Put] = {PlaceKind.FOLDER: folder.put, PlaceKind.SFTP: sftp.put, PlaceKind.S3: s3.put}


def start_due() -> int:
    """Begin the runs whose time has come; how many."""
    due = Schedule.objects.filter(stopped_at__isnull=True, next_at__lte=timezone.now())
    return sum(_start(schedule) for schedule in due[:50])


def _start(schedule: Schedule) -> bool:
    """Of two workers one moves the time on; the run is there when it has."""
    now = timezone.now()
    due = newest_due(schedule, schedule.next_at, now)
    with transaction.atomic():
        mine = Schedule.objects.filter(pk=schedule.pk, next_at__lte=now, stopped_at__isnull=True)
        moved = mine.update(next_at=next_after(schedule, now))
        if moved:
            Run.objects.bulk_create([Run(schedule=schedule, due=due, due_at=now)], ignore_conflicts=True)
    return bool(moved)


def go_on() -> int:
    """Take one run a step further: ask for its file, or bring it to its place; 1 if there was one."""
    run = _claim()
    if run is None:
        return 0
    try:
        if run.job is None:
            _ask(run)
        else:
            _bring(run, run.job)
    except Exception as problem:  # noqa: BLE001 - one schedule must not stop the others
        log.error("schedule %s: %s", run.schedule_id, where_it_failed(problem))  # noqa: TRY400 - a traceback may hold answers
        _failed_once(run, BROKEN)
    return 1


def _claim() -> Run | None:
    """The one that has waited longest, ours for the length of a lease: of two workers one changes the row."""
    now = timezone.now()
    ready = Run.objects.filter(Q(job__isnull=True) | Q(job__state__in=OVER), state=RunState.WAITING, due_at__lte=now)
    related = ready.select_related("schedule__user", "schedule__department", "schedule__template", "job__user")
    for run in related.order_by("due_at", "pk")[:20]:
        mine = Run.objects.filter(pk=run.pk, claims=run.claims, state=RunState.WAITING)
        if mine.update(claims=F("claims") + 1, due_at=now + LEASE):
            run.claims += 1
            if run.claims <= CLAIMS_MOST:
                return run
            _end(run, RunState.FAILED, BROKEN)
    return None


def _ask(run: Run) -> None:
    """Ask for the file, and remember which it is, together."""
    schedule, template = run.schedule, run.schedule.template
    if not has_role(schedule.user, MAY_EXPORT_CASES, schedule.department):
        _refuse_owner(run)
        return
    since, until = span_of(schedule.span, timezone.localdate(run.due))
    filters = Filters(
        forms=tuple(template.forms),
        statuses=tuple(Status(each) for each in template.statuses),
        received_from=since,
        received_to=until,
    )
    plan = plan_export(schedule.user, filters, department=schedule.department_id)
    is_quiet = schedule.place != PlaceKind.MAIL
    try:
        with transaction.atomic():
            job = ask(
                schedule.user, plan, Format(template.format), shape=Shape.from_json(template.columns), is_quiet=is_quiet
            )
            Run.objects.filter(pk=run.pk, claims=run.claims).update(job=job, due_at=timezone.now())
    except Refused as refused:
        _end(run, RunState.EMPTY if refused.message == NOTHING else RunState.FAILED, refused.message)


def _bring(run: Run, job: ExportJob) -> None:
    schedule = run.schedule
    if job.state != JobState.DONE:
        _end(run, RunState.FAILED, job.error or job.get_state_display())
        return
    if not may_take(schedule.user, job):
        _refuse_owner(run)
        return
    if not set(job.departments) <= {schedule.department_id}:  # the place is the department's own
        _end(run, RunState.FAILED, NOT_OURS)
        return
    run.file_name = name_of(run, Format(job.format))
    if schedule.place != PlaceKind.MAIL:  # the mail has gone out with the end of the job
        try:
            with job.file.open("rb") as content:
                parcel = Parcel(run.file_name, schedule.department.code, content.file, job.size, job.sha256)
                PLACES[schedule.place](schedule.where, secret_of(schedule), parcel)
        except (Undelivered, VaultError, FileNotFoundError) as problem:
            _failed_once(run, problem.message if isinstance(problem, Undelivered) else BROKEN)
            return
    _end(run, RunState.DONE)


def secret_of(schedule: Schedule) -> str:
    """Raises VaultError."""
    return str(open_sealed(schedule.secret, schedule.public_id, "schedule")) if schedule.secret else ""


def name_of(run: Run, format_: Format) -> str:
    """The same whenever it is brought: a second attempt replaces what the first one left.

    With the number of the schedule: another one of the same name may have the same time and place.
    """
    due = timezone.localtime(run.due)
    return f"{safe_part(run.schedule.name)}_{due:%Y%m%d_%H%M}_{run.schedule_id}.{format_.extension}"


def _failed_once(run: Run, problem: str) -> None:
    """Tried again a few times; the last one is the end of the run."""
    if run.attempts >= len(WAITS):
        _end(run, RunState.FAILED, problem)
        return
    mine = Run.objects.filter(pk=run.pk, claims=run.claims, state=RunState.WAITING)
    mine.update(attempts=run.attempts + 1, problem=problem, due_at=timezone.now() + WAITS[run.attempts])


def _end(run: Run, state: RunState, problem: str = "") -> None:
    """Once; a worker whose run was taken over writes nothing."""
    mine = Run.objects.filter(pk=run.pk, claims=run.claims, state=RunState.WAITING)
    if not mine.update(state=state, problem=problem, file_name=run.file_name, finished_at=timezone.now()):
        return
    schedule = Schedule.objects.filter(pk=run.schedule_id)
    if state != RunState.FAILED:
        schedule.update(failures=0)
        return
    schedule.update(failures=F("failures") + 1)
    if schedule.filter(failures__gte=FAILURES_MOST).exists():
        _stop(run.schedule, f"{GAVE_UP}{problem}")


def _refuse_owner(run: Run) -> None:
    _end(run, RunState.FAILED, NO_ROLE)
    _stop(run.schedule, NO_ROLE)


def _stop(schedule: Schedule, because: str) -> None:
    running = Schedule.objects.filter(pk=schedule.pk, stopped_at__isnull=True)
    if running.update(stopped_at=timezone.now(), stopped_because=because[:200]):
        tell_stopped(schedule, because)
