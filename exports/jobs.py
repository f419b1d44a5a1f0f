"""Makes files in the background: any number of workers, each file once, whole or not at all.

A worker that dies loses its lease, and the next one begins the file anew, on a snapshot of its own. A file is in
nobody's reach before the one statement that says it is done, so there is never half of one, and never two.
"""

import csv
import hashlib
import io
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.core.files import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from applications.failures import where_it_failed
from applications.listing import Filters
from applications.models import private_storage
from applications.sheets.csv_file import BOM, Replaced
from applications.sheets.excel_file import SheetFull
from applications.status import Status
from exports.file_names import DEFAULT
from exports.formats import Format
from exports.heart import LEASE, Heart, Stopped
from exports.making import Making
from exports.models import KEPT, ExportJob, JobState, job_path, report_path
from exports.notice import tell_owner
from exports.planning import Plan, Refused, plan_export
from exports.services import TOO_MANY, check, file_name, record
from exports.shapes import Shape
from exports.snapshot import snapshot
from staff.models import User

log = logging.getLogger(__name__)

ATTEMPTS = 3
GAVE_UP = "作成の途中で止まることが続きました。期間を分けてもう一度出力するか、システム管理者に連絡してください。"
BROKEN = "作成の途中で問題が起きました。もう一度出力しても同じときは、システム管理者に連絡してください。"
REPORTED = 10_000  # replaced characters that are listed; the rest is counted
REPORT_HEADINGS = ("行", "受付番号", "列", "元の文字", "文字コード", "書き込んだ文字")


@dataclass(frozen=True, slots=True)
class Spec:
    """What a file is made of. until: nothing that arrived later; department: as of a Plan."""

    format: Format
    filters: Filters
    until: datetime
    pattern: str = DEFAULT
    shape: Shape | None = None
    department: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "filters": asdict(self.filters),
            "until": self.until.isoformat(),  # JSON would cut it to milliseconds, and leave the newest row out
            "pattern": self.pattern,
            "shape": self.shape.to_json() if self.shape else None,
            "department": self.department,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Spec":
        until = parse_datetime(data["until"])
        assert until is not None
        shape = Shape.from_json(data["shape"]) if data.get("shape") else None
        filters, department = filters_from_json(data["filters"]), data.get("department")  # older jobs have none
        return cls(Format(data["format"]), filters, until, data["pattern"], shape, department)


def filters_from_json(data: Mapping[str, Any]) -> Filters:
    return Filters(
        forms=tuple(data["forms"]),
        statuses=tuple(Status(value) for value in data["statuses"]),
        received_from=parse_date(data["received_from"] or ""),
        received_to=parse_date(data["received_to"] or ""),
        text=data["text"],
        unread=data.get("unread", False),  # older jobs know nothing of it
    )


def ask(
    user: User,
    plan: Plan,
    format_: Format,
    *,
    pattern: str = DEFAULT,
    shape: Shape | None = None,
    once: bool = False,
    is_quiet: bool = False,
) -> ExportJob:
    """A new job. Raises Refused when it could not be made even now."""
    check(plan, format_, shaped=shape is not None)
    spec = Spec(
        format_, plan.filters, max(portion.latest for portion in plan.portions), pattern, shape, plan.department
    )
    return ExportJob.objects.create(
        user=user,
        title=f"{'、'.join(form.title for form in plan.forms)[:200]}（{plan.rows:,}件）",
        format=format_,
        spec=spec.to_json(),
        once=once,
        is_quiet=is_quiet,
        total=plan.rows,
        due_at=timezone.now(),
    )


def run_due() -> int:
    """Make one file that is waited for; 1 if there was one."""
    job = _claim()
    if job is None:
        return 0
    try:
        with Heart(job) as heart, tempfile.TemporaryFile() as file:
            _make(job, heart, file)
    except Stopped:
        _end(job, JobState.CANCELLED)
    except Refused as refused:
        _end(job, JobState.FAILED, refused.message)
    except SheetFull:
        _end(job, JobState.FAILED, TOO_MANY)
    except Exception as problem:  # noqa: BLE001 - one file must not stop the others
        log.error("export %s failed: %s", job.pk, where_it_failed(problem))  # noqa: TRY400 - a traceback may hold answers
        _end(job, JobState.FAILED, BROKEN)
    return 1


def _claim() -> ExportJob | None:
    """The one that has waited longest, ours for the length of a lease: of two workers one changes the row."""
    now = timezone.now()
    open_ = ExportJob.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING), due_at__lte=now)
    open_.filter(attempts__gte=ATTEMPTS).update(state=JobState.FAILED, error=GAVE_UP, finished_at=now)
    for job in open_.order_by("due_at", "pk")[:20]:
        mine = ExportJob.objects.filter(pk=job.pk, attempts=job.attempts, due_at__lte=now)
        if mine.update(attempts=job.attempts + 1, state=JobState.RUNNING, due_at=now + LEASE, done=0):
            _forget_attempts(job)
            job.attempts += 1
            return job
    return None


def _forget_attempts(job: ExportJob) -> None:
    """What workers left that died between writing a file and saying so."""
    storage = private_storage()
    for attempt in range(1, job.attempts + 1):
        earlier = ExportJob(public_id=job.public_id, attempts=attempt)
        storage.delete(job_path(earlier, ""))
        storage.delete(report_path(earlier, ""))


def _make(job: ExportJob, heart: Heart, file: BinaryIO) -> None:
    """The rights are those that the owner has now."""
    spec, report, digest = Spec.from_json(job.spec), Report(), hashlib.sha256()
    owner = User.objects.get(pk=job.user_id)
    with snapshot():
        plan = plan_export(owner, spec.filters, until=spec.until, department=spec.department)
        check(plan, spec.format, shaped=spec.shape is not None)
        making = Making(plan, spec.format, spec.pattern, heart.beat, report.note, spec.shape)
        report.names = making.headings() if spec.format.is_csv else ()
        for piece in making.pieces():
            file.write(piece)
            digest.update(piece)
    heart.beat(0)
    size = file.tell()
    file.seek(0)
    job.file.save("", File(file), save=False)
    if report.count:
        job.report.save("", File(report.file()), save=False)
    if not _finish(job, owner, plan, spec, size=size, sha256=digest.hexdigest(), replaced=report.count):
        _drop_files(job)
        raise Stopped
    tell_owner(job)


@transaction.atomic
def _finish(job: ExportJob, owner: User, plan: Plan, spec: Spec, **facts: Any) -> bool:
    """Done, and in the records, together; False when the job is not ours any more."""
    now = timezone.now()
    mine = ExportJob.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts, cancel_asked=False)
    done = mine.update(
        state=JobState.DONE,
        total=plan.rows,
        done=plan.rows,
        file=job.file.name,
        report=job.report.name,
        file_name=file_name(plan, spec.format),
        departments=sorted({portion.department_id for portion in plan.portions}),
        finished_at=now,
        expires_at=now + KEPT,
        **facts,
    )
    if done:
        record(plan, spec.format, user=owner)
    return bool(done)


def _end(job: ExportJob, state: JobState, error: str = "") -> None:
    mine = ExportJob.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)
    if mine.update(state=state, error=error, finished_at=timezone.now()) and state == JobState.FAILED:
        job.refresh_from_db()
        tell_owner(job)


def cancel(job: ExportJob) -> None:
    """At once while it waits; a worker that is at it stops within seconds."""
    waiting = ExportJob.objects.filter(pk=job.pk, state=JobState.WAITING)
    if not waiting.update(state=JobState.CANCELLED, finished_at=timezone.now()):
        ExportJob.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_asked=True)


def take(job: ExportJob) -> bool:
    """Count a download; False when there is none left, or the time is over."""
    left = ExportJob.objects.filter(pk=job.pk, state=JobState.DONE, expires_at__gt=timezone.now())
    if job.once:
        left = left.filter(downloads=0)
    return bool(left.update(downloads=F("downloads") + 1))


def forget_old() -> int:
    """Remove the files whose time is over, and those that could be had once and were; how many."""
    now = timezone.now()
    over = ExportJob.objects.filter(state=JobState.DONE, expires_at__lte=now)
    for job in over:
        if ExportJob.objects.filter(pk=job.pk, state=JobState.DONE).update(state=JobState.EXPIRED):
            _drop_files(job)
    return 0


def _drop_files(job: ExportJob) -> None:
    for file in (job.file, job.report):
        if file.name:
            file.storage.delete(file.name)


class Report:
    """The characters that CP932 lacks, row by row."""

    def __init__(self) -> None:
        self.count = 0
        self.rows: list[tuple[str, ...]] = []
        self.names: tuple[str, ...] = ()

    def note(self, replaced: Replaced, cells: Sequence[str]) -> None:
        self.count += 1
        if len(self.rows) < REPORTED:
            column = self.names[replaced.column] if replaced.column < len(self.names) else str(replaced.column + 1)
            reference = cells[0] if replaced.line > 1 else ""
            code = f"U+{ord(replaced.character):04X}"
            line = str(replaced.line)
            self.rows.append((line, reference, column, replaced.character, code, replaced.written))

    def file(self) -> BinaryIO:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([REPORT_HEADINGS, *self.rows])
        return io.BytesIO(BOM + text.getvalue().encode())
