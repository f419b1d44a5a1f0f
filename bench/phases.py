"""What is measured on the two sites, and how one measurement goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from psycopg import sql

from bench.bookers import OurHall
from bench.client import Load, Task, apply_load
from bench.machine import Meter
from bench.postgres import Cluster
from bench.residents import OurForm, ReferenceForm
from bench.sites import OURS, REFERENCE, Served, Site

SENT = sql.SQL("SELECT count(*) FROM wagtailforms_formsubmission")
DRAFTS = sql.SQL("SELECT count(*) FROM applications_application")
CHANGES = sql.SQL("SELECT sum(revision) FROM applications_application")
RECEIVED = sql.SQL(
    "SELECT count(*) FROM applications_application WHERE reference IS NOT NULL AND received_at IS NOT NULL"
)
HELD = sql.SQL("SELECT sum(taken) FROM reservations_bucket")


@dataclass(frozen=True, slots=True)
class Phase:
    """One thing that residents do. beside: the phase of the reference site that it is compared with.

    counted: rises by one for every unit that was answered well, or the measurement is worth nothing.
    """

    key: str
    title: str
    site: Site
    task: Callable[[], Task]
    beside: str
    counted: sql.SQL | None = None


def phases(reference: ReferenceForm, ours: OurForm, hall: OurHall) -> list[Phase]:
    """In the order in which a round measures them."""
    return [
        Phase("ref-get", "reference: GET form", REFERENCE, reference.look, "ref-get"),
        Phase("get", "ours: GET step, no draft", OURS, ours.look, "ref-get"),
        Phase("get-draft", "ours: GET step, with a draft", OURS, ours.look_again, "ref-get"),
        Phase("ref-post", "reference: POST form (stored)", REFERENCE, reference.submit, "ref-post", SENT),
        Phase("begin", "ours: POST step (a draft begun)", OURS, ours.begin, "ref-post", DRAFTS),
        Phase("change", "ours: POST step (a draft changed)", OURS, ours.change, "ref-post", CHANGES),
        Phase("submit", "ours: POST step + POST check (received)", OURS, ours.submit, "ref-post", RECEIVED),
        Phase("ref-visit", "reference: whole visit, 2 requests", REFERENCE, reference.visit, "ref-visit", SENT),
        Phase("visit", "ours: whole visit, 5 requests", OURS, ours.visit, "ref-visit", RECEIVED),
        Phase("book-one", "ours: POST step + POST slot (1 hot slot)", OURS, lambda: hall.book(1), "ref-post", HELD),
        Phase("book-many", "ours: POST step + POST slot (20 slots)", OURS, lambda: hall.book(20), "ref-post", HELD),
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one phase. Times in ms; cpu per request; client, foreign: shares of the machine."""

    phase: str
    units: int
    units_s: float
    requests_s: float
    p50: float
    p95: float
    app_cpu: float
    db_cpu: float | None
    client: float
    foreign: float
    wrong: int
    stored: int | None

    @property
    def unit_cpu(self) -> float:
        """ms of the application's CPU for one unit."""
        return self.app_cpu * self.requests_s / self.units_s

    @property
    def problem(self) -> str:
        """Why the measurement is worth nothing; "" when it is sound."""
        if self.wrong:
            return f"{self.wrong} answers were not what they should be"
        if self.stored is not None and self.stored != self.units:
            return f"{self.units} were answered as stored, {self.stored} are in the database"
        return "" if self.units else "nothing was answered"


def measure(phase: Phase, served: Served, cluster: Cluster, *, clients: int, seconds: float, processors: int) -> Sample:
    """Load one site with one phase, and see who used the machine, and what was stored."""
    tasks = [phase.task() for _ in range(clients)]
    before = _counted(phase, cluster)
    pids = {"app": served.pid} | ({"db": cluster.pid} if cluster.pid else {})
    meter = Meter(pids)
    load = apply_load(served.port, tasks, seconds)
    foreign = meter.stop(load.cpu)
    after = _counted(phase, cluster)
    stored = None if before is None or after is None else after - before
    return _sample(phase, load, meter, foreign=foreign, stored=stored, processors=processors)


def _counted(phase: Phase, cluster: Cluster) -> int | None:
    return None if phase.counted is None else cluster.number(phase.site.database, phase.counted)


def _sample(phase: Phase, load: Load, meter: Meter, *, foreign: float, stored: int | None, processors: int) -> Sample:
    per_request = 1000 / max(load.requests, 1)
    return Sample(
        phase=phase.key,
        units=load.good,
        units_s=load.good / load.elapsed,
        requests_s=load.requests / load.elapsed,
        p50=load.percentile(0.5),
        p95=load.percentile(0.95),
        app_cpu=meter.used["app"] * per_request,
        db_cpu=meter.used["db"] * per_request if "db" in meter.used else None,
        client=load.cpu / (load.elapsed * processors),
        foreign=foreign,
        wrong=load.wrong,
        stored=stored,
    )


def rounds(number: int, phases_: list[Phase]) -> Iterator[tuple[int, Phase]]:
    """Every phase in every round, in turn, so that a slow minute of the machine falls on all of them."""
    for round_ in range(1, number + 1):
        for phase in phases_:
            yield round_, phase
