"""Applications as rows of text, read and forgotten chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from applications.listing import day_of, readable
from applications.models import Application, Attachment, Channel
from applications.status import Status
from exports.columns import Item, Layout, cells_of
from formbuilder.engine import Engine
from formbuilder.models import FormVersion
from formbuilder.runtime import RuntimeField

CHUNK = 500  # applications in memory at once
UNREADABLE = "（暗号を解けません）"


def rows_of(
    applications: QuerySet[Application], layout: Layout, versions: Sequence[FormVersion]
) -> Iterator[list[str]]:
    """One row per application, oldest first; as many texts as the layout has headings."""
    wanted = applications.only(
        "public_id", "reference", "received_at", "declared_on", "status", "channel", "version_id", "answers"
    ).order_by("received_at", "pk")
    readers = {version.pk: _Reader(version, layout) for version in versions}
    for chunk in _chunks(wanted.iterator(chunk_size=CHUNK)):
        names = _file_names(chunk) if layout.takes_files else {}
        for application in chunk:
            yield readers[application.version_id].row(application, names)


def _chunks(applications: Iterator[Application]) -> Iterator[list[Application]]:
    while chunk := list(islice(applications, CHUNK)):
        yield chunk


def _file_names(chunk: list[Application]) -> dict[str, str]:
    """id -> name, as the resident named the file."""
    files = Attachment.objects.filter(application__in=[application.pk for application in chunk])
    return dict(files.values_list("public_id", "name"))


class _Reader:
    """Rows of the applications that pin one version."""

    def __init__(self, version: FormVersion, layout: Layout) -> None:
        self.label, self.engine = str(version), version.engine
        self.items = [(item, _field_in(self.engine, item)) for item in layout.items]

    def row(self, application: Application, names: Mapping[str, str]) -> list[str]:
        assert application.received_at is not None
        received = timezone.localtime(application.received_at)
        answers, lost = readable(application)
        # hidden items out, calculated ones in, as on the day of the declaration
        counted = self.engine.state(answers, day_of(application)).answers
        row = [
            application.reference or "",
            f"{received:%Y-%m-%d %H:%M:%S}",
            Status(application.status).label,
            Channel(application.channel).label,
            self.label,
        ]
        for item, field in self.items:
            if field is not None and field.key in lost:
                row += [UNREADABLE] * len(item.headings)
                continue
            answer = counted.get(field.key) if field else None
            if answer and item.type.takes_files:
                answer = [names.get(public_id, public_id) for public_id in answer]
            row += cells_of(item, field, answer)
        return row


def _field_in(engine: Engine, item: Item) -> RuntimeField | None:
    field = engine.fields.get(item.definition.key)
    return field if field is not None and field.definition.type == item.definition.type else None
