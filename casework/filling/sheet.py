"""The table that is filled in: which cases, and the mark by which each is known again."""

import hashlib
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Application
from applications.sheets.reading import Line, read_table

REFERENCE, MARK, RESULT, REASON = "受付番号", "照合番号", "結果", "理由・伝えること"
HEADINGS = (REFERENCE, MARK, "申請フォーム", "申請者", "受付日時", "いまの状態", RESULT, REASON)
READ = (REFERENCE, MARK, RESULT, REASON)


def mark_of(application: Application) -> str:
    """Changes with the answers and with the state. Begins with a letter: Excel makes a number of 12e45678."""
    said = f"{application.public_id}/{application.revision}/{application.status}/{application.updated_at.isoformat()}"
    return f"v{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def rows_of(applications: QuerySet[Application]) -> Iterator[list[str]]:
    """Oldest first, with the two last columns empty."""
    wanted = applications.select_related("form").only(
        "public_id", "revision", "status", "updated_at", "reference", "applicant", "received_at", "form__title"
    )
    for application in wanted.order_by("received_at", "pk").iterator(chunk_size=500):
        assert application.received_at is not None
        received = timezone.localtime(application.received_at).strftime("%Y-%m-%d %H:%M:%S")
        shown = [application.form.title, application.applicant, received, application.get_status_display()]
        yield [application.reference or "", mark_of(application), *shown, "", ""]


def read(content: bytes) -> list[Line]:
    """Raises Unreadable."""
    return read_table(content, READ, READ)
