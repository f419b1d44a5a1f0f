"""One trivial gate, its requirement and one trivial subscriber: the seam, used from outside as any app would."""

from collections.abc import Mapping
from typing import Any, ClassVar

from wagtail import blocks

from applications.gates import Moment
from applications.models import Application, Event
from formbuilder.fields.base import FormulaCompiler


class StampRequirement:
    """The editor asks for a number of stamps."""

    name = "stamp"
    label = "押印（試験用）"

    def block(self) -> blocks.StructBlock:
        return blocks.StructBlock([("stamps", blocks.IntegerBlock(label="個数", default=1))], label=self.label)

    def compile(self, value: Mapping[str, Any], compiler: FormulaCompiler) -> dict[str, int]:
        if value["stamps"] < 1:
            compiler.problem("個数は1以上にしてください。")
        return {"stamps": value["stamps"]}


class StampGate:
    """Open once somebody has stamped often enough."""

    name = "stamp"
    moment = Moment.ARRIVAL
    stamped: ClassVar[dict[int, int]] = {}

    def applies(self, application: Application) -> bool:
        return self.name in application.version.engine.definition.requires

    def is_open(self, application: Application) -> bool:
        wanted: int = application.version.engine.definition.requires[self.name]["stamps"]
        return self.stamped.get(application.pk, 0) >= wanted

    def url(self, application: Application) -> str:
        return f"/stamp/{application.public_id}/"

    def facts(self, application: Application) -> dict[str, Any]:
        return {"押印": f"{self.stamped.get(application.pk, 0)}個"}


class NotingSubscriber:
    """Notes what it hears; fails as often as it is told to."""

    name = "noting"
    kinds = frozenset({"declared", "arrived"})
    heard: ClassVar[list[tuple[int, str]]] = []
    failures: ClassVar[int] = 0

    def deliver(self, event: Event) -> None:
        if NotingSubscriber.failures:
            NotingSubscriber.failures -= 1
            raise ConnectionError("not now")
        self.heard.append((event.application_id, event.kind))


class CompletionStampGate(StampGate):
    """The same, after the decision."""

    name = "completion"
    moment = Moment.COMPLETION
    stamped: ClassVar[dict[int, int]] = {}

    def applies(self, application: Application) -> bool:
        return "stamp" in application.version.engine.definition.requires

    def is_open(self, application: Application) -> bool:
        return bool(self.stamped.get(application.pk))
