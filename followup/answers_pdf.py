"""申請内容の控え: the application as its resident may see it, on paper."""

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applications.models import Application
from applications.printing.font import GETA
from applications.printing.paper import Paper, Words, pdf_of
from cms.languages import NATIVE, current
from followup.words import STATES, sections_of

# The font that papers are printed with has no Hangul, and only those Chinese characters that Japanese has too
NOT_DRAWN = frozenset({"ko", "zh-hans"})


def is_in_japanese() -> bool:
    """Whether the paper speaks Japanese to who reads another language."""
    return current().code in NOT_DRAWN


def answers_pdf(application: Application) -> bytes:
    """In the language of the request, where it can be printed."""
    with translation.override(NATIVE if is_in_japanese() else current().code):
        return pdf_of([_paper(application)], _words())


def _paper(application: Application) -> Paper:
    assert application.received_at is not None  # no code opens what has not arrived
    received = date_format(timezone.localtime(application.received_at), "DATETIME_FORMAT")
    blank, body = _("（入力なし）"), list[tuple[str, str]]()
    for section in sections_of(application):
        body.append((section.title, ""))
        body += [(row.label, row.text or "\n".join(row.files) or blank) for row in section.rows]
    return Paper(
        title=application.version.spoken.definition.title,
        number=application.reference or "",
        facts=[
            (_("受付番号"), application.reference or ""),
            (_("受付日時"), received),
            (_("申請の状態"), _(STATES[application.status][0])),
            (_("担当の課"), application.department.name),
        ],
        body=body,
        note=_("申請した内容の控えです。証明書としては使えません。"),
    )


def _words() -> Words:
    return Words(
        page=_("{number}ページ"),
        printed=_("{at} 印刷"),
        missing=_("{mark}は、この用紙の文字（フォント）にない字です。申請状況の確認の画面で確かめてください。").format(
            mark=GETA
        ),
        lang=current().tag,
    )
