"""Ways of writing our applications into a file. Loaded by bench.exports, when Django is set up."""

from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils import timezone
from openpyxl import Workbook

from applications.listing import Filters
from applications.models import Application
from applications.status import Status
from bench.exports import COLUMNS, people
from cms.access import set_up_roles
from cms.models import Department, DepartmentPage, Role
from exports.formats import Format
from exports.making import Making
from exports.planning import plan_export
from formbuilder.importing import import_form
from formbuilder.models import FormPage
from formbuilder.package import FORMAT, VERSION
from staff.models import User

COPY = "COPY ({}) TO STDOUT (FORMAT csv)"


def seed(size: int, _: Path) -> None:
    """A form of twenty items, and so many applications to it; who may export them."""
    department = Department.objects.get(code="mihon")
    items = [{"id": f"f{at}", "type": "text", "settings": {"label": f"項目{at}"}} for at in range(COLUMNS)]
    steps = [{"id": "step", "title": "内容", "fields": items}]
    form = {"title": f"{size}件", "code": f"big{size}"}
    data = {"format": FORMAT, "version": VERSION, "form": form, "steps": steps}
    page = import_form(data, section=DepartmentPage.objects.get(department=department), publish=True)
    version, now = page.versions.get(is_current=True), timezone.now()
    made = (
        Application(
            form=page,
            version=version,
            department=department,
            status=Status.SUBMITTED,
            reference=f"{size}-{number}",
            received_at=now,
            declared_on=timezone.localdate(),
            answers=answers,
        )
        for number, answers in enumerate(people(size))
    )
    Application.objects.bulk_create(made, batch_size=2000)
    user, _created = User.objects.get_or_create(username="exporter")
    user.groups.add(set_up_roles(department)[Role.EXPORTER])


def _ours(format_: Format) -> Callable[[int, Path], None]:
    def write(size: int, file: Path) -> None:
        form = FormPage.objects.get(code=f"big{size}")
        plan = plan_export(User.objects.get(username="exporter"), Filters(forms=(form.pk,)))
        with file.open("wb") as target:
            target.writelines(Making(plan, format_).pieces())

    return write


def _query(size: int) -> str:
    columns = ", ".join(f"answers->>'f{at}'" for at in range(COLUMNS))
    form = FormPage.objects.get(code=f"big{size}")
    return f"SELECT received_at, {columns} FROM applications_application WHERE form_id = {form.pk} ORDER BY id"


def copy(size: int, file: Path) -> None:
    """What the database alone needs: no names of columns, no guard, no state in words."""
    query = COPY.format(_query(size))
    with connection.cursor() as cursor, file.open("wb") as target, cursor.copy(query) as rows:
        for piece in rows:
            target.write(piece)


def bare_openpyxl(size: int, file: Path) -> None:
    """Its write-only mode, from a cursor that the server holds."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with connection.chunked_cursor() as cursor:
        cursor.execute(_query(size))
        while chunk := cursor.fetchmany(2000):
            for moment, *cells in chunk:
                sheet.append([moment.replace(tzinfo=None), *cells])
    book.save(file)


WAYS = {
    "seed_ours": seed,
    "csv": _ours(Format.CSV),
    "xlsx": _ours(Format.EXCEL),
    "copy": copy,
    "openpyxl": bare_openpyxl,
}
