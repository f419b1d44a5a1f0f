"""What a mail says: the editor's wording for the form, or the default, in the language of the resident."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override

from applications.listing import day_of, readable
from applications.models import Application
from cms.languages import BY_CODE, NATIVE
from cms.models import Department
from formbuilder.definition import FormDefinition
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.mails import ANSWER, Mail, Wording, filled, marks_in
from formbuilder.models import FormVersion

LONGEST_VALUE = 4000  # characters put in for one mark
Values = Callable[[], Mapping[str, str]]  # mark -> text, in the language of the moment


@dataclass(frozen=True, slots=True)
class Said:
    """An editor's wording, and the form whose translations go with it."""

    wording: Wording
    definition: FormDefinition

    def here(self) -> Wording:
        """In the language of the moment, as far as it is translated."""
        said = self.definition.translations.get(get_language() or NATIVE, {})
        subject, body = self.wording.subject, self.wording.body
        return Wording(said.get(subject, subject), said.get(body, body))


def language_of(application: Application) -> str:
    return application.language if application.language in BY_CODE else NATIVE


def speaking(application: Application) -> override:
    """Everything inside is in the language that the resident chose."""
    return override(language_of(application))


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def day(at: date) -> str:
    return date_format(at, "DATE_FORMAT")


def words(mail: Mail, application: Application, values: Values, department: Department, code: str) -> Wording:
    """Subject and body as they are sent to who reads that language."""
    said = _said(mail, application)
    with override(code):
        wording = said.here() if said else mail.default()
        known = {**_common(application, department), **values()}
        if not mail.is_personal:
            known["氏名"] = ""
        elif said:
            known |= _answers(application, wording)
        clean = {name: clean_block(text)[:LONGEST_VALUE] for name, text in known.items()}
    return fill(wording, clean)


def fill(wording: Wording, values: Mapping[str, str]) -> Wording:
    """One line of subject, whatever it is made of: a header cannot be added to."""
    return Wording(clean_line(filled(wording.subject, values))[:200], filled(wording.body, values).strip() + "\n")


def _said(mail: Mail, application: Application) -> Said | None:
    """What the office says today; what it said then, where today's text asks for items that this version has not.

    None: the default.
    """
    own = application.version
    newest = own if own.is_current else FormVersion.objects.filter(form_id=own.form_id, is_current=True).first() or own
    if mail.name not in newest.engine.definition.mails:
        return None
    known = mail.insertable(own.engine.definition)
    for definition in (newest.engine.definition, own.engine.definition):
        if given := definition.mails.get(mail.name):
            said = Said(Wording(**given), definition)
            if all(name in known for name in _asked(said.wording.body)):
                return said
    return None


def _asked(text: str) -> list[str]:
    return [name.removeprefix(ANSWER) for name in marks_in(text) if name.startswith(ANSWER)]


def _common(application: Application, department: Department) -> dict[str, str]:
    return {
        "受付番号": application.reference or "",
        "手続名": application.version.spoken.definition.title,
        "氏名": clean_line(application.applicant),
        "自治体名": settings.WAGTAIL_SITE_NAME,
        "担当課": department.name,
        "電話": department.phone,
        "課のメール": department.email,
    }


def _answers(application: Application, wording: Wording) -> dict[str, str]:
    """The answers that the wording asks for. Never one that is sensitive, whatever the wording says."""
    wanted = _asked(wording.body)
    if not wanted:
        return {}
    engine = application.version.spoken
    items = application.version.engine.definition.fields()
    keys = {item.name: item.key for item in items if not item.holds_sensitive and item.name in wanted}
    answers, _ = readable(application)
    state = engine.state(answers, day_of(application))
    found = {}
    for name, key in keys.items():
        field = engine.fields[key]
        if key in state.visible and not field.type.takes_files:
            found[f"{ANSWER}{name}"] = field.type.display(field.definition, state.answers.get(key))
    return found
