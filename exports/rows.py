"""Applications as rows of text, read and forgotten chunk by chunk."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from applications.listing import day_of, readable
from applications.models import Application, Attachment, Channel
from applications.status import Status
from exports.columns import Layout, answers_of, cells_of, items_of
from formbuilder.models import FormVersion

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
        self.groups = [field for field in self.engine.fields.values() if field.type.has_rows]
        mine = {(item.key, item.type): item for item in items_of(self.engine)}
        self.items = [(item, mine.get(item.identity)) for item in layout.items]

    def row(self, application: Application, names: Mapping[str, str]) -> list[str]:
        assert application.received_at is not None
        received = timezone.localtime(application.received_at)
        answers, lost = readable(application)
        # hidden items out, calculated ones in, as on the day of the declaration
        counted = answers_of(self.groups, self.engine.state(answers, day_of(application)).answers)
        row = [
            application.reference or "",
            f"{received:%Y-%m-%d %H:%M:%S}",
            Status(application.status).label,
            Channel(application.channel).label,
            self.label,
        ]
        for item, definition in self.items:
            if lost and definition is not None and definition.key.partition(".")[0] in lost:
                row += [UNREADABLE] * len(item.headings)
                continue
            answer = counted.get(definition.key) if definition else None
            if answer and item.type.takes_files:
                answer = [names.get(public_id, public_id) for public_id in answer]
            row += cells_of(item, definition, answer)
        return row
