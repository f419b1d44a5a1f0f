"""Applications as rows of text, read and forgotten chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from applications.listing import readable
from applications.models import Application, Attachment, Channel
from applications.status import Status
from exports.columns import Item, Layout, answers_of, cells_of, items_of
from formbuilder.definition import FieldDef
from formbuilder.fields.base import FieldType
from formbuilder.models import FormVersion
from formbuilder.runtime import State

CHUNK = 500  # applications in memory at once
UNREADABLE = "（暗号を解けません）"
STATUSES = {status.value: status.label for status in Status}
CHANNELS = {channel.value: channel.label for channel in Channel}


class Taken(NamedTuple):
    """What is read of an application: a tuple, for a model instance costs as much as all the rest of a row."""

    pk: int
    public_id: str
    reference: str
    received_at: datetime
    declared_on: date | None
    status: str
    channel: str
    version: int
    answers: dict[str, Any]

    @property
    def day(self) -> date:
        return self.declared_on or timezone.localdate(self.received_at)


TAKEN = ("pk", "public_id", "reference", "received_at", "declared_on", "status", "channel", "version", "answers")


def chunks_of(applications: QuerySet[Application]) -> Iterator[list[Taken]]:
    """Oldest first."""
    wanted = applications.order_by("received_at", "pk").values_list(*TAKEN)
    found = wanted.iterator(chunk_size=CHUNK)
    while chunk := [Taken(*values) for values in islice(found, CHUNK)]:
        yield chunk


def rows_of(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion]
) -> Iterator[list[str]]:
    """One row per application, oldest first; as many texts as the layout has headings."""
    readers = {version.pk: Reader(version, layout) for version in versions}
    for chunk in chunks_of(applications):
        names = file_names(chunk) if layout.takes_files else {}
        for taken in chunk:
            yield readers[taken.version].row(taken, names)


def file_names(chunk: Sequence[Taken]) -> dict[str, str]:
    """id -> name, as the resident named the file."""
    files = Attachment.objects.filter(application__in=[taken.pk for taken in chunk])
    return dict(files.values_list("public_id", "name"))


def local(moment: datetime) -> str:
    """2026-04-01 09:05:00, as the clock on the wall had it."""
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0).isoformat(" ")


class Reader:
    """Rows of the applications that pin one version."""

    def __init__(self, version: FormVersion, layout: Layout) -> None:
        self.label, self.engine = str(version), version.engine
        self.groups = [field for field in self.engine.fields.values() if field.type.splits]
        mine = {(item.key, item.type): item for item in items_of(self.engine)}
        self.items = [(item, mine.get(item.identity)) for item in layout.items]
        self.plain = [definition.key if _is_text(item) and definition else "" for item, definition in self.items]
        self.is_open = not any(field.definition.holds_sensitive for field in self.engine.fields.values())

    def row(self, taken: Taken, names: Mapping[str, str]) -> list[str]:
        row = self.head(taken)
        answers, lost = self.read(taken)
        counted = answers_of(self.groups, answers)
        for (item, definition), key in zip(self.items, self.plain, strict=True):
            if key and not lost:
                row.append(counted.get(key) or "")
                continue
            row += self.cells(item, definition, counted, lost, names)
        return row

    def head(self, taken: Taken) -> list[str]:
        """The fixed columns."""
        return [
            taken.reference,
            local(taken.received_at),
            STATUSES[taken.status],
            CHANNELS[taken.channel],
            self.label,
        ]

    def read(self, taken: Taken) -> tuple[Mapping[str, Any], frozenset[str]]:
        """(answers, keys of those that stay sealed)."""
        if self.is_open:
            return taken.answers, frozenset()
        return readable(Application(pk=taken.pk, public_id=taken.public_id, answers=taken.answers))

    def state(self, taken: Taken, answers: Mapping[str, Any]) -> State:
        """For formulas. The answers were settled on arrival: hidden ones out, calculated ones in."""
        return self.engine.state(answers, taken.day)

    def cells(
        self,
        item: Item,
        definition: FieldDef | None,
        counted: Mapping[str, Any],
        lost: frozenset[str],
        names: Mapping[str, str],
    ) -> list[str]:
        if lost and definition is not None and definition.key.partition(".")[0] in lost:
            return [UNREADABLE] * len(item.headings)
        answer = counted.get(definition.key) if definition else None
        if answer and item.type.takes_files:
            answer = [names.get(public_id, public_id) for public_id in answer]
        return cells_of(item, definition, answer)


def _is_text(item: Item) -> bool:
    """Whether the one cell of the item is its answer."""
    own = type(item.type)
    shows_itself = own.cells is FieldType.cells and own.display is FieldType.display
    return shows_itself and item.type.kind == "text" and len(item.headings) == 1
