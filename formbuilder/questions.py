"""The same form with one question a page: every page is a step of its own, so that everything else works on it.

What is only shown goes with the questions: texts stand before the next one, headings before each that they are about.
As a question may not be there, a text is repeated until a page that is always there has shown it; its copies have keys
of their own, which nothing refers to.
"""

from dataclasses import dataclass, field, replace

from formbuilder.definition import FieldDef, FormDefinition, StepDef
from formbuilder.fields import FIELD_TYPES


def is_question(item: FieldDef) -> bool:
    type_ = FIELD_TYPES[item.type]
    return type_.is_input and type_.is_asked


def by_question(definition: FormDefinition) -> FormDefinition:
    return replace(definition, steps=tuple(page for step in definition.steps for page in _Pages(step).made()))


def is_page(slug: str) -> bool:
    """Whether an address is one of a page with one question, not of a whole step."""
    return "-" in slug


def slug_of_step(slug: str) -> str:
    """Of the step that a page is part of."""
    return slug.partition("-")[0]


@dataclass
class _Pages:
    """Cuts one step into pages, from top to bottom."""

    step: StepDef
    pages: list[StepDef] = field(default_factory=list)
    headings: list[FieldDef] = field(default_factory=list)  # that the next question stands below
    texts: list[FieldDef] = field(default_factory=list)  # that no page that is always there has shown
    copies: int = 0
    used: set[str] = field(default_factory=set)

    def made(self) -> list[StepDef]:
        if not any(map(is_question, self.step.fields)):
            return [replace(self.step, slug=f"{self.step.slug}-1")]
        for item in self.step.fields:
            if item.type == "heading":
                self.headings = [above for above in self.headings if _level(above) < _level(item)] + [item]
            elif is_question(item):
                self._ask(item)
            elif FIELD_TYPES[item.type].goes_before or not self.pages:
                self.texts.append(item)
            else:  # what is calculated, or ends the way here, follows the question before
                self._append(item)
        for text in self.texts:
            if text.key not in self.used:
                self._append(text)
        return self.pages

    def _ask(self, question: FieldDef) -> None:
        intro = self.step.intro if all(may_be_missing(page) for page in self.pages) else ""
        shown = tuple(self._once(item) for item in (*self.headings, *self.texts))
        self.pages.append(
            StepDef(
                key=f"{self.step.key}.{question.key}",
                slug=f"{self.step.slug}-{len(self.pages) + 1}",
                title=self.step.title,
                intro=intro,
                visible=self.step.visible,
                fields=(*shown, question),
            )
        )
        if question.visible is None:
            self.texts = []
        else:  # only what is read can be repeated
            self.texts = [text for text in self.texts if FIELD_TYPES[text.type].goes_before]

    def _once(self, item: FieldDef) -> FieldDef:
        """The item where it is first shown, then copies of it."""
        if item.key not in self.used:
            self.used.add(item.key)
            return item
        self.copies += 1
        return replace(item, key=f"{item.key}~{self.copies}")

    def _append(self, item: FieldDef) -> None:
        last = self.pages[-1]
        self.pages[-1] = replace(last, fields=(*last.fields, item))


def question_of(page: StepDef) -> FieldDef | None:
    return next(filter(is_question, page.fields), None)


def may_be_missing(page: StepDef) -> bool:
    question = question_of(page)
    return question is not None and question.visible is not None


def _level(heading: FieldDef) -> int:
    return int(heading.options.get("level") or 2)
