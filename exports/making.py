"""A file, piece by piece, in whichever format: sent while it is made, or made in the background."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from django.db.models import QuerySet

from applications.models import Application
from applications.sheets import csv_file, excel_file
from applications.sheets.csv_file import Tell
from applications.sheets.excel_file import Kind
from exports.archive import zip_pieces
from exports.case_pdf import pdf_of
from exports.cases import Case, cases_of
from exports.columns import Layout, layout_of, versions_of
from exports.file_names import DEFAULT
from exports.formats import ENCODINGS, PDF_MOST, Format
from exports.gif import gif_pieces
from exports.in_sql import cells_of, lines_of
from exports.more_sheets import field_list, group_sheets
from exports.planning import FormCount, Plan
from exports.rows import chunks_of, file_names, rows_of
from exports.shapes import Shape, ShapedReader, kinds_of
from formbuilder.models import FormVersion

T = TypeVar("T")
SHAPED = "申請"  # title of a sheet in the columns of a template
BEAT = 100  # rows between two beats


def _silent(_: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One form of the plan, with the versions that shape its columns."""

    form: FormCount
    versions: list[FormVersion]
    layout: Layout
    applications: QuerySet[Application]


@dataclass(frozen=True)
class Making:
    """shape: of a template; tell: see csv_pieces.

    beat: told now and then how many more applications are done, and may raise to stop.
    """

    plan: Plan
    format: Format
    pattern: str = DEFAULT
    beat: Callable[[int], None] = _silent
    tell: Tell | None = None
    shape: Shape | None = None

    def pieces(self) -> Iterator[bytes]:
        if self.format.is_csv:
            return self._csv()
        if self.format == Format.EXCEL:
            return excel_file.excel_pieces(self._sheets())
        if self.format == Format.PDF:
            return iter([pdf_of(list(islice(self._cases(), PDF_MOST)))])
        return gif_pieces(self._cases()) if self.format == Format.JSON else zip_pieces(self._cases(), self.pattern)

    def headings(self) -> tuple[str, ...]:
        """Of the columns of a CSV."""
        return self.shape.headings if self.shape else self._part(self.plan.forms[0]).layout.headings

    def shaped_rows(self) -> Iterator[list[str]]:
        """Of every form, one after the other, in the columns of the shape."""
        assert self.shape is not None
        for part in map(self._part, self.plan.forms):
            readers = {version.pk: ShapedReader(version, part.layout, self.shape) for version in part.versions}
            for chunk in chunks_of(part.applications):
                names = file_names(chunk) if part.layout.takes_files else {}
                for taken in chunk:
                    yield readers[taken.version].row(taken, names)

    def _shaped(self) -> excel_file.Sheet:
        rows = self._watched(self.shaped_rows())
        return excel_file.Sheet(SHAPED, self.headings(), rows, self.plan.rows, self._shaped_kinds())

    def _shaped_kinds(self) -> tuple[Kind, ...]:
        """A column that is written as it is, and is of one kind in all the forms, can be counted with."""
        assert self.shape is not None
        parts = [self._part(form) for form in self.plan.forms]
        found = [kinds_of(self.shape, part.layout, str(part.form.form_id)) for part in parts]
        kinds = [set(each) - {None} for each in zip(*found, strict=True)]
        return tuple(each.pop() or Kind.TEXT if len(each) == 1 else Kind.TEXT for each in kinds)

    def _csv(self) -> Iterator[bytes]:
        parts, encoding = [self._part(form) for form in self.plan.forms], ENCODINGS[self.format]
        lines = [lines_of(part.applications, part.layout, part.versions, self.shape) for part in parts]
        known = [each for each in lines if each is not None]
        if len(known) == len(parts):  # the database can write them all
            return csv_file.line_pieces(self.headings(), self._watched(chain(*known)), encoding, self.tell)
        sheet = self._shaped() if self.shape else self._sheet(parts[0])
        return csv_file.csv_pieces(sheet.headings, sheet.rows, encoding, self.tell)

    def _sheets(self) -> list[excel_file.Sheet]:
        """The applications of each form, then the rows of groups, then the list of items."""
        if self.shape:
            return [self._shaped()]
        parts = [self._part(form) for form in self.plan.forms]
        groups = [group_sheets(part.applications, part.layout, part.versions, part.form.title) for part in parts]
        listed = field_list([(part.form.title, part.layout, part.versions) for part in parts])
        return [*map(self._sheet, parts), *chain.from_iterable(groups), listed]

    def _sheet(self, part: "_Part") -> excel_file.Sheet:
        known = cells_of(part.applications, part.layout, part.versions, None) if self.format == Format.EXCEL else None
        rows = self._watched(known or rows_of(part.applications, part.layout, part.versions))
        return excel_file.Sheet(part.form.title, part.layout.headings, rows, part.form.rows, part.layout.kinds)

    def _part(self, form: FormCount) -> "_Part":
        """No row without a column: a version may be used for the first time while the file is being sent."""
        versions = list(versions_of(form.form_id))
        numbers = [version.pk for version in versions]
        applications = self.plan.applications.filter(form_id=form.form_id, version__in=numbers)
        return _Part(form, versions, layout_of(versions), applications)

    def _cases(self) -> Iterator[Case]:
        return self._watched(cases_of(self.plan.applications))

    def _watched(self, things: Iterator[T]) -> Iterator[T]:
        for number, thing in enumerate(things, start=1):
            yield thing
            if number % BEAT == 0:
                self.beat(BEAT)
