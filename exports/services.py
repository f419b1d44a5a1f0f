"""One export that is sent while it is made: checked, recorded, handed out."""

import re
import uuid
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from applications.filters import in_words
from applications.models import ExportRecord
from applications.sheets import excel_file
from exports.formats import PDF_MOST, Format
from exports.making import Making
from exports.planning import Plan, Refused, plan_export
from staff.models import User

__all__ = ["Plan", "Refused", "check", "export", "file_name", "plan_export", "record"]

ONE_FORM = "CSVには申請フォームを一つだけ出力できます。表から一つ選ぶか、Excelで出力してください。"
NOTHING = "この条件に合う申請がないため、出力するものがありません。条件を変えてください。"
TOO_MANY = f"Excelの一つのシートに入るのは{excel_file.MOST_ROWS:,}件までです。期間を分けるか、CSVで出力してください。"
TOO_MANY_PAGES = f"一つのPDFに入るのは{PDF_MOST:,}件までです。期間や状態で絞り込んでください。"


def check(plan: Plan, format_: Format, *, shaped: bool = False) -> None:
    """shaped: by a template, which gives several forms the same columns. Raises Refused."""
    if not plan.portions:
        raise Refused(NOTHING)
    if format_.is_csv and len(plan.forms) > 1 and not shaped:
        raise Refused(ONE_FORM)
    most = plan.rows if shaped else max(form.rows for form in plan.forms)
    if format_ == Format.EXCEL and most > excel_file.MOST_ROWS:
        raise Refused(TOO_MANY)
    if format_ == Format.PDF and plan.rows > PDF_MOST:
        raise Refused(TOO_MANY_PAGES)


def export(plan: Plan, format_: Format, *, user: User) -> Iterator[bytes]:
    """Record the export, then hand out the file. Raises Refused."""
    check(plan, format_)
    record(plan, format_, user=user)
    return Making(plan, format_).pieces()


@transaction.atomic
def record(plan: Plan, format_: Format, *, user: User, one: uuid.UUID | None = None) -> list[ExportRecord]:
    """Written before the first byte goes out: what was broken off half-way was exported too. one: id of the file."""
    one, words = one or uuid.uuid4(), [list(pair) for pair in in_words(plan.filters)]
    return ExportRecord.objects.bulk_create(
        ExportRecord(
            export=one,
            user=user,
            department_id=portion.department_id,
            form_code=portion.form_code,
            form_title=portion.form_title,
            format=format_.recorded,
            rows=portion.rows,
            filters=words,
        )
        for portion in plan.portions
    )


def file_name(plan: Plan, format_: Format) -> str:
    """`申請_<form>_<date>.<format>`, without what Windows forbids in a name."""
    form = plan.forms[0].title if len(plan.forms) == 1 else f"{len(plan.forms)}件のフォーム"
    return f"申請_{plain_name(form)}_{timezone.localdate():%Y%m%d}.{format_.extension}"


def plain_name(text: str) -> str:
    return re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]', "＿", text)[:60]
