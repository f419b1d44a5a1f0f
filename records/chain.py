"""The chain of records: each link holds a digest of its record and of everything before it (ADR 0033).

A record that is changed, removed, or slipped in afterwards no longer fits. Who can write to the database could make
the whole chain anew: against that, `Verdict.head` is kept somewhere else and compared later.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from applications.models import Event, ExportRecord
from records.models import Head, Link, Look

BATCH = 500
SETTLED = timedelta(hours=1)  # no transaction stays open that long: older records are all there to be seen
GRACE = timedelta(minutes=10)  # a record that is older should have its link


@dataclass(frozen=True, slots=True)
class Source:
    """A table of records, and the columns that are held fast."""

    model: type[models.Model]
    columns: tuple[str, ...]


SOURCES: Mapping[str, Source] = {
    "event": Source(Event, ("id", "application_id", "kind", "before", "after", "actor_id", "data", "at")),
    "export": Source(
        ExportRecord,
        ("id", "export", "at", "user_id", "department_id", "form_code", "form_title", "format", "rows", "filters"),
    ),
    "look": Source(
        Look, ("id", "at", "user_id", "department_id", "seen", "application_id", "reference", "form_title", "file")
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """seq: 0 where the record has no link."""

    seq: int
    source: str
    row: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.seq or '—'} {self.source} {self.row}: {self.sentence}"


def content_of(source: str, row: models.Model) -> str:
    """Digest of one record: the same whatever the database, the process, or the order of keys."""
    values = {column: getattr(row, column) for column in SOURCES[source].columns}
    return _sha(json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a record holds a {type(value).__name__}")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _linked(before: str, seq: int, source: str, row: int, content: str) -> str:
    return _sha(f"{before}|{seq}|{source}|{row}|{content}")


@transaction.atomic
def seal() -> int:
    """Give links to records that have none yet, at most BATCH of each table; how many. Any number of workers."""
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    links = [link for source in SOURCES for link in _new_links(head, source)]
    if links:
        Link.objects.bulk_create(links)
        head.save()
    return len(links)


def _new_links(head: Head, name: str) -> Iterator[Link]:
    model, mark = SOURCES[name].model, head.marks.get(name, 0)
    rows = list(_without_link(name).filter(pk__gt=mark).order_by("pk")[:BATCH])
    for row in rows:
        head.seq += 1
        content = content_of(name, row)
        head.digest = _linked(head.digest, head.seq, name, row.pk, content)
        yield Link(seq=head.seq, source=name, row=row.pk, content=content, digest=head.digest)
    if rows and len(rows) < BATCH:  # nothing above the mark is left, except what has not been committed yet
        old = model._default_manager.filter(pk__gt=mark, at__lt=timezone.now() - SETTLED).order_by("-pk")
        head.marks[name] = old.values_list("pk", flat=True).first() or mark
    elif rows:
        head.marks[name] = max(mark, _settled_before(rows, mark))


def _settled_before(rows: list[Any], mark: int) -> int:
    """How far the mark may go within a full batch: up to the first record that is still young."""
    limit = timezone.now() - SETTLED
    for row in rows:
        if row.at >= limit:
            break
        mark = row.pk
    return mark


def _without_link(name: str) -> models.QuerySet[Any]:
    rows = SOURCES[name].model._default_manager
    return rows.filter(~Exists(Link.objects.filter(source=name, row=OuterRef("pk"))))


@dataclass(frozen=True, slots=True)
class Verdict:
    """head: `seq:digest` of the last link, to be kept elsewhere."""

    links: int
    head: str
    problems: list[Problem]


def verify(expected: str = "") -> Verdict:
    """Look at every link and every record. expected: a head that an earlier verdict told.

    The worker may go on meanwhile: links that it adds after the head was read are left for the next time.
    """
    head = Head.objects.filter(pk=1).first() or Head()
    problems: list[Problem] = []
    before, count, kept = "", 0, False
    links = Link.objects.filter(seq__lte=head.seq).iterator(chunk_size=BATCH)
    while chunk := list(islice(links, BATCH)):
        rows = _rows_of(chunk)
        for link in chunk:
            count += 1
            problems += _wrong_with(link, count, before, rows.get((link.source, link.row)))
            before = link.digest
            kept = kept or f"{link.seq}:{link.digest}" == expected
    if (count, before) != (head.seq, head.digest):
        problems.append(Problem(head.seq, "", 0, "鎖の端が、最後の記録と合いません。記録が抜かれた疑いがあります。"))
    if expected and not kept:
        problems.append(Problem(0, "", 0, f"控えの「{expected}」が鎖にありません。鎖が作り直された疑いがあります。"))
    problems += _left_out(head)
    return Verdict(count, str(head), problems)


def _rows_of(chunk: list[Link]) -> dict[tuple[str, int], models.Model]:
    found = {}
    for name, source in SOURCES.items():
        wanted = [link.row for link in chunk if link.source == name]
        for pk, row in source.model._default_manager.in_bulk(wanted).items():
            found[name, pk] = row
    return found


def _wrong_with(link: Link, expected_seq: int, before: str, row: models.Model | None) -> Iterator[Problem]:
    if link.seq != expected_seq or _linked(before, link.seq, link.source, link.row, link.content) != link.digest:
        yield Problem(link.seq, link.source, link.row, "鎖がつながっていません。")
    if row is None:
        yield Problem(link.seq, link.source, link.row, "記録がありません。")
    elif content_of(link.source, row) != link.content:
        yield Problem(link.seq, link.source, link.row, "記録が書き換えられています。")


def _left_out(head: Head) -> Iterator[Problem]:
    """Records without a link: slipped in afterwards, or the worker has stood still."""
    for name in SOURCES:
        late = models.Q(at__lt=timezone.now() - GRACE) | models.Q(pk__lte=head.marks.get(name, 0))
        for row in _without_link(name).filter(late).order_by("pk").iterator():
            yield Problem(0, name, row.pk, "鎖にない記録です。後から入れられたか、常駐処理が止まっています。")
