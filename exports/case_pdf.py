"""Applications on paper: A4, each one on pages of its own, with its number on every page."""

from collections.abc import Sequence

from applications.printing import paper
from applications.printing.paper import Paper
from exports.cases import Case
from exports.rows import local

BLANK = "（入力なし）"


def pdf_of(cases: Sequence[Case]) -> bytes:
    return paper.pdf_of([_paper(case) for case in cases])


def _paper(case: Case) -> Paper:
    application = case.application
    return Paper(application.form.title, application.reference or "", _facts(case), _body(case))


def _facts(case: Case) -> list[tuple[str, str]]:
    application = case.application
    assert application.received_at is not None
    return [
        ("受付番号", application.reference or ""),
        ("受付日時", local(application.received_at)),
        ("状態", application.get_status_display()),
        ("受付方法", application.get_channel_display()),
        ("所管課", application.department.name),
        ("版", str(application.version)),
        *case.facts,
    ]


def _body(case: Case) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for section in case.sections:
        lines.append((section.title, ""))
        lines += [(item.field.definition.label, item.text or BLANK) for item in section.items]
    return lines
