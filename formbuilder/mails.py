"""The mails that follow an application: their default texts, and what an editor has them say instead.

Owned here, because a form is published with its wordings. Declared by the apps in FORM_MAILS, and sent by them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from formbuilder.compiler import CompileErrors
from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.fields import FIELD_TYPES
from formbuilder.items import Problem
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.translations import OTHERS

MARK = re.compile(r"[{｛]([^{}｛｝\n]*)[}｝]")
_STRAY = re.compile(r"[{}｛｝]")
ANSWER = "回答："
LONGEST_SUBJECT, LONGEST_BODY = 200, 10_000  # characters
# what every mail may say, and an example
COMMON = {
    "受付番号": "7KPM4XW2R",
    "手続名": "",  # of the form that is being edited
    "氏名": "見本 花子",
    "自治体名": "",
    "担当課": "",
    "電話": "",
    "課のメール": "",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that goes out when something happens.

    name: kept with what was sent, so it never changes; sender: name of the subscriber that sends it; subject, body:
    the default in Japanese, each piece a msgid of its own, "" an empty line; marks: what may stand in {}, besides
    COMMON, and an example of each; needed: marks without which the mail is of no use; secret: those that never stand in
    a subject; requires: the requirement without which a form never sends it; is_personal: False where nobody knows yet
    whose address it is, so that neither a name nor an answer goes there.
    """

    name: str
    label: str
    sender: str
    subject: str
    body: tuple[str, ...]
    marks: Mapping[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    requires: str = ""
    is_personal: bool = True

    def default(self) -> "Wording":
        """In the language of the moment."""
        said = (gettext(piece) if piece else "" for piece in self.body)
        return Wording(gettext(self.subject), "\n".join(said))

    @property
    def every_mark(self) -> dict[str, str]:
        common = {name: sample for name, sample in COMMON.items() if self.is_personal or name != "氏名"}
        return {**common, **self.marks}

    def insertable(self, definition: FormDefinition) -> dict[str, FieldDef]:
        """項目名 -> item, of the items whose answers may stand in it: never a sensitive one."""
        return insertable(definition) if self.is_personal else {}


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str


@cache
def mails() -> dict[str, Mail]:
    """Every mail of FORM_MAILS, by name, in that order."""
    found: dict[str, Mail] = {}
    for path in settings.FORM_MAILS:
        for mail in import_string(path):
            if mail.name in found:
                raise ValueError(f"{path}: the name {mail.name!r} is taken already")
            found[mail.name] = mail
    return found


def mails_of(definition: FormDefinition) -> list[Mail]:
    """Those that applications of this form may be sent."""
    return [mail for mail in mails().values() if not mail.requires or mail.requires in definition.requires]


def tidy_mails(given: Any) -> dict[str, dict[str, str]]:
    """Name of the mail -> "subject" and "body", of whatever a form file or a draft holds."""
    found = {}
    for name, said in given.items() if isinstance(given, Mapping) else ():
        if name not in mails() or not isinstance(said, Mapping):
            continue
        subject, body = said.get("subject"), said.get("body")
        if isinstance(subject, str) and isinstance(body, str) and subject.strip() and body.strip():
            found[name] = {
                "subject": clean_line(subject)[:LONGEST_SUBJECT],
                "body": clean_block(body)[:LONGEST_BODY],
            }
    return found


def with_mails(definition: FormDefinition, given: Any) -> FormDefinition:
    """The definition with the editor's wordings. Raises CompileErrors where one cannot be used."""
    made = replace(definition, mails=tidy_mails(given))
    problems = [
        Problem("", message, f"メール「{mails()[name].label}」")
        for name, said in made.mails.items()
        for message in faults(mails()[name], Wording(**said), definition)
    ]
    if problems:
        raise CompileErrors(problems, made)
    return made


def with_checked_mails(definition: FormDefinition) -> FormDefinition:
    """The definition; raises CompileErrors where a translation of a wording cannot be used."""
    problems = []
    for language in OTHERS:
        said = definition.translations.get(language.code, {})
        for name, wording in definition.mails.items():
            mail = mails()[name]
            here = Wording(said.get(wording["subject"], wording["subject"]), said.get(wording["body"], wording["body"]))
            where = f"メール「{mail.label}」の{language.label}の訳"
            problems += [Problem("", message, where) for message in faults(mail, here, definition)]
    if problems:
        raise CompileErrors(problems, definition)
    return definition


def faults(mail: Mail, wording: Wording, definition: FormDefinition) -> list[str]:
    """Why the wording cannot be used, in sentences that say what to do."""
    if not wording.subject.strip() or not wording.body.strip():
        return ["件名と本文を入れてください。標準の文に戻すときは「標準の文に戻す」を押してください。"]
    found = [*_too_long(wording), *_unknown(mail, wording, definition)]
    in_subject, in_body = marks_in(wording.subject), marks_in(wording.body)
    found += [
        f"件名に {{{name}}} は入れられません。件名は、ほかの人の目に触れることがあります。"
        for name in in_subject
        if name.startswith(ANSWER) or name in mail.secret
    ]
    found += [
        f"本文に {{{name}}} を入れてください。ないと、このメールの用が足りません。"
        for name in mail.needed
        if name not in in_body
    ]
    return found


def _too_long(wording: Wording) -> Iterator[str]:
    if len(wording.subject) > LONGEST_SUBJECT:
        yield f"件名は{LONGEST_SUBJECT}字までにしてください。"
    if len(wording.body) > LONGEST_BODY:
        yield f"本文は{LONGEST_BODY:,}字までにしてください。"


def _unknown(mail: Mail, wording: Wording, definition: FormDefinition) -> Iterator[str]:
    answers = mail.insertable(definition)
    items = {item.name: item for item in definition.fields()}
    for text in (wording.subject, wording.body):
        if _STRAY.search(MARK.sub("", text)):
            yield "{ と } は差し込みの印です。{受付番号} のように、組にしてください。"
    for name in dict.fromkeys((*marks_in(wording.subject), *marks_in(wording.body))):
        if name in mail.every_mark or (name.removeprefix(ANSWER) in answers and name.startswith(ANSWER)):
            continue
        item = items.get(name.removeprefix(ANSWER)) if name.startswith(ANSWER) else None
        if item is not None and item.holds_sensitive:
            yield f"{{{name}}} は機微な情報です。メールには入れられません。"
        elif item is not None:
            yield f"{{{name}}} は、このメールに入れられません。"
        else:
            yield f"{{{name}}} という差し込みはありません。差し込みの一覧にある名前にしてください。"


def insertable(definition: FormDefinition) -> dict[str, FieldDef]:
    return {
        item.name: item
        for item in definition.fields()
        if (type_ := FIELD_TYPES[item.type]).is_input
        and not (item.holds_sensitive or type_.takes_files or type_.has_rows)
        and not _STRAY.search(item.name)
    }


def marks_in(text: str) -> list[str]:
    return list(dict.fromkeys(_name(found) for found in MARK.findall(text)))


def _name(written: str) -> str:
    """What stands between the brackets, as people mean it."""
    name = " ".join(written.split())
    what, colon, rest = name.replace(":", "：", 1).partition("：")
    return f"{ANSWER}{rest.strip()}" if colon and what.strip() == ANSWER[:-1] else name


def filled(text: str, values: Mapping[str, str]) -> str:
    """With its marks filled in. A line whose marks are all empty goes, and so does a heading (■) with nothing below."""
    paragraphs = (_paragraph(paragraph.split("\n"), values) for paragraph in re.split(r"\n[ 　]*\n", text))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())


def _paragraph(lines: Iterable[str], values: Mapping[str, str]) -> str:
    kept, is_less = [], False
    for line in lines:
        names = marks_in(line)
        if names and not any(values.get(name) for name in names):
            is_less = True
        else:
            kept.append(MARK.sub(lambda found: values.get(_name(found.group(1)), ""), line))
    return "" if is_less and all(line.startswith("■") for line in kept) else "\n".join(kept)
