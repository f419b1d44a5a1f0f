"""What a form's page has been translated into: what is missing, and what its version takes along."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cms.languages import LANGUAGES, NATIVE, Language
from formbuilder.compiler import CompileErrors
from formbuilder.definition import FormDefinition
from formbuilder.items import Problem
from formbuilder.japanese.text import clean_block, clean_line
from formbuilder.tidy import clean_html, safe_html
from formbuilder.translating import Text, texts_of

OTHERS = tuple(language for language in LANGUAGES if language.code != NATIVE)
LONGEST = 20_000  # characters of a translation
SHOWN = 30  # characters of a text in a message


class TranslatedPage(Protocol):
    """What is needed of a FormPage."""

    summary: Any
    guide: Any
    translations: Any
    required_languages: Any

    def compile(self) -> FormDefinition: ...


@dataclass(frozen=True, slots=True)
class Progress:
    language: Language
    done: int
    total: int
    is_required: bool

    @property
    def missing(self) -> int:
        return self.total - self.done


def with_translations(definition: FormDefinition, given: Any, required: Iterable[str]) -> FormDefinition:
    """The definition with the translations of its texts. Raises CompileErrors where a required language lacks one."""
    texts = texts_of(definition)
    said = {code: found for code, translations in tidy(given).items() if (found := _of(texts, translations))}
    problems = [
        Problem(text.block, f"{language.label}の訳がありません: 「{text.source[:SHOWN]}」", text.where)
        for language in OTHERS
        if language.code in set(required)
        for text in texts
        if text.source not in said.get(language.code, {})
    ]
    if problems:
        raise CompileErrors(problems, definition)
    return replace(definition, translations=said)


def _of(texts: Iterable[Text], translations: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for text in texts:
        given = translations.get(text.source, "")
        if said := _cleaned(text, given):
            found[text.source] = said
    return found


def _cleaned(text: Text, given: str) -> str:
    if text.is_rich:
        return clean_html(safe_html(given))
    return clean_block(given) if text.is_block else clean_line(given)


def tidy(given: Any) -> dict[str, dict[str, str]]:
    """Language -> text -> translation, of whatever a form file or a draft holds."""
    if not isinstance(given, Mapping):
        return {}
    known = {language.code for language in OTHERS}
    found = {
        code: {
            source: said
            for source, said in translations.items()
            if isinstance(source, str) and isinstance(said, str) and said.strip() and len(said) <= LONGEST
        }
        for code, translations in given.items()
        if code in known and isinstance(translations, Mapping)
    }
    return {code: translations for code, translations in found.items() if translations}


def page_texts(page: TranslatedPage) -> list[Text]:
    """Those of the form, as far as it can be compiled, and those of its guide page."""
    try:
        definition = page.compile()
    except CompileErrors as errors:
        definition = errors.draft
    found = {text.source: text for text in texts_of(definition)}
    for source, where, is_rich in (page.summary, "概要", False), (page.guide, "案内", True):
        if source:
            found.setdefault(source, Text(source, "", where, is_rich))
    return list(found.values())


def progress(page: TranslatedPage, texts: Iterable[Text]) -> list[Progress]:
    sources, said = [text.source for text in texts], tidy(page.translations)
    return [
        Progress(
            language,
            sum(source in said.get(language.code, {}) for source in sources),
            len(sources),
            language.code in page.required_languages,
        )
        for language in OTHERS
    ]


def changed(page: TranslatedPage, texts: Iterable[Text], language: str, given: Mapping[str, str]) -> int:
    """Put translations of known texts into the page, unsaved; an empty one is taken out. How many differ."""
    said, count = tidy(page.translations), 0
    mine = said.setdefault(language, {})
    for text in texts:
        if text.source not in given:
            continue
        new = given[text.source].strip()[:LONGEST]
        if new != mine.get(text.source, ""):
            count += 1
            mine[text.source] = new
    page.translations = tidy(said)
    return count
