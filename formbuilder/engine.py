"""Hands out compiled versions, kept in memory: a step page asks the database nothing about the form."""

from functools import cached_property
from threading import Lock
from typing import Any

from cms.languages import NATIVE, current
from formbuilder.browser import step_rules
from formbuilder.definition import FormDefinition, StepDef
from formbuilder.questions import by_question, may_be_missing, question_of
from formbuilder.runtime import CompiledForm
from formbuilder.skin import StepSkin, make_skin
from formbuilder.steps import StepForm, step_form_class
from formbuilder.translating import translated

KEPT = 256  # compiled versions per process; one of 60 fields takes about 1 MB


class Engine(CompiledForm):
    """A compiled form with the form classes and the HTML of its steps, each made when first asked for."""

    @cached_property
    def _forms(self) -> dict[str, type[StepForm]]:
        return {}

    @cached_property
    def _rules(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def _skins(self) -> dict[tuple[str, str], StepSkin]:
        return {}

    def form(self, step: StepDef) -> type[StepForm]:
        if step.key not in self._forms:
            self._forms[step.key] = step_form_class(self, step)
        return self._forms[step.key]

    def rules(self, step: StepDef) -> dict[str, Any]:
        """What the step's script needs; empty when it needs none."""
        if step.key not in self._rules:
            self._rules[step.key] = step_rules(self, step)
        return self._rules[step.key]

    @cached_property
    def whole_rules(self) -> dict[str, Any]:
        """The same for a page with all steps."""
        return step_rules(self, *self.definition.steps)

    def skin(self, step: StepDef) -> StepSkin:
        which = step.key, current().code  # the program's own texts in it are in the reader's language
        if which not in self._skins:
            self._skins[which] = make_skin(step)
        return self._skins[which]

    @cached_property
    def questions(self) -> "QuestionEngine":
        """The same form with one question a page."""
        return QuestionEngine(by_question(self.definition))


class QuestionEngine(Engine):
    """A form of pages with one question each. A page is there when its question is."""

    def exists(self, step: StepDef, visible: frozenset[str]) -> bool:
        question = question_of(step)
        return question.key in visible if question else super().exists(step, visible)

    @cached_property
    def may_vary(self) -> bool:
        """Whether the number of questions depends on the answers."""
        return any(page.visible is not None or may_be_missing(page) for page in self.definition.steps)


_engines: dict[str, Engine] = {}
_lock = Lock()


def engine_for(definition: FormDefinition, digest: str) -> Engine:
    """The engine of a definition, one per digest and process; the least recently made go first."""
    engine = _engines.get(digest)
    if engine is None:
        engine = Engine(definition)
        with _lock:
            while len(_engines) >= KEPT:
                _engines.pop(next(iter(_engines)))
            _engines[digest] = engine
    return engine


def known_engine(digest: str) -> Engine | None:
    """The engine if this process has made it already: then the definition need not be read at all."""
    return _engines.get(digest)


def spoken_engine(engine: Engine, digest: str, language: str) -> Engine:
    """The engine of the same version in a language: its HTML is made once per version and language."""
    if language == NATIVE:
        return engine
    mine = f"{digest}:{language}"
    return known_engine(mine) or engine_for(translated(engine.definition, language), mine)
