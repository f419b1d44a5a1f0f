"""A link that brings answers along: which items it may fill, what it brings, and what of that is kept.

A link is no proof: who has it can write another value into it. So it only types for the resident, and fixing an answer
(変えられない) is for slips of the hand alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from unicodedata import normalize
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from applications.journey import Journey
from applications.lifecycle import lock
from applications.models import Application
from applications.services import Kept, fix_answers, keep_answers, start_draft
from formbuilder.definition import FieldDef, FormDefinition
from formbuilder.fields import FIELD_TYPES
from formbuilder.fields.shared import FIXED
from formbuilder.japanese import Refused
from formbuilder.japanese.text import clean_line
from formbuilder.models import FormVersion

BY_LINK = "link"  # in Application.fixed
WHY = gettext_noop("開いたリンクから入りました。変えられません。")  # what people read; stood in the rows before BY_LINK
LONGEST = 200  # characters of a value


def proved(application: Application) -> frozenset[str]:
    """Keys of the fixed items whose answers a proof gave: what only a link fixed can be corrected like any other."""
    return frozenset(key for key, why in application.fixed.items() if why not in (BY_LINK, WHY))


def in_words(why: str) -> str:
    """Why an answer is fixed, for the resident. why: of Application.fixed."""
    return gettext(WHY if why == BY_LINK else why)


@dataclass(frozen=True, slots=True)
class Linked:
    """One answer of a link. text: as it stands in the link."""

    item: FieldDef
    text: str
    answer: Any

    @property
    def is_fixed(self) -> bool:
        return self.item.options.get("from_link") == FIXED

    @property
    def tidy_text(self) -> str:
        """`text` as the item's box would show the answer, where it is the same one: typed in full width, each character
        takes nine bytes of an address."""
        type_ = FIELD_TYPES[self.item.type]
        shown = type_.boxes(self.item, self.answer) if type_.has_box else normalize("NFKC", self.text)
        try:
            is_same = _answer(self.item, clean_line(shown)) == self.answer
        except Refused:
            return self.text
        return clean_line(shown) if is_same else self.text

    @property
    def shown(self) -> str:
        """The answer, for people."""
        return FIELD_TYPES[self.item.type].display(self.item, self.answer)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a link brings: answers that can be taken, and key of an item -> why its value cannot."""

    taken: tuple[Linked, ...]
    refused: Mapping[str, str]


def linkable(definition: FormDefinition) -> list[FieldDef]:
    """The items that a link may fill, as the editor says. Never one that is sensitive."""
    return [item for item in definition.fields() if item.options.get("from_link") and not item.holds_sensitive]


def brought_by(version: FormVersion, given: Mapping[str, str], today: date) -> Brought:
    """The values of a link, by 項目名, looked at like typed ones. What is no item of a link is not even looked at."""
    taken, refused = [], {}
    for item in linkable(version.engine.definition):
        text = clean_line(given.get(item.name, "")[: LONGEST + 1])
        if not text:
            continue
        try:
            answer = _answer(item, text)
        except Refused as problem:
            refused[item.key] = problem.message
        else:
            taken.append(Linked(item, text, answer))
    broken = _broken(version, taken, today)
    return Brought(tuple(each for each in taken if each.item.key not in broken), {**refused, **broken})


def _answer(item: FieldDef, text: str) -> Any:
    if len(text) > LONGEST:
        raise Refused(f"{LONGEST}文字までです。")
    type_ = FIELD_TYPES[item.type]
    answer = type_.normalise(item, type_.written(item, text))
    if answer is None:
        raise Refused("値がありません。")
    return answer


def _broken(version: FormVersion, taken: list[Linked], today: date) -> dict[str, str]:
    """Those that break an 入力規則: an answer that cannot be changed must not stand in the way."""
    journey = Journey(version.engine, {each.item.key: each.answer for each in taken}, today)
    keys = {each.item.key for each in taken}
    return {key: message for step in journey.steps for key, message in journey.problems(step).items() if key in keys}


@transaction.atomic
def take_link(version: FormVersion, standing: Application | None, taken: tuple[Linked, ...]) -> Kept | None:
    """Put the answers into the draft, or into a new one, whose key is returned. Raises NotEditable.

    What a proof fixed stays.
    """
    kept = None if standing else start_draft(version=version)
    opened = kept.application if kept else standing
    assert opened is not None
    application = lock(opened.pk)  # a proof may have come since the page was read
    mine = [each for each in taken if each.item.key not in proved(application)]
    fix_answers(
        application.pk, {each.item.key: each.answer for each in mine if each.is_fixed}, why=BY_LINK, formerly=WHY
    )
    changeable = {each.item.key: each.answer for each in mine if not each.is_fixed}
    keep_answers(application.pk, taken=changeable, unfinished={})
    return kept


def link_to(code: str, values: Mapping[str, str] | None = None) -> str:
    """The short address of a form, that stays whatever its page is called. values: 項目名 -> text."""
    query = f"?{urlencode(values)}" if values else ""
    return f"{settings.BASE_URL}{reverse('short-link', kwargs={'code': code})}{query}"
