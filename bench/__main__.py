"""`make bench`: this project beside a site on wagtail.contrib.forms, in one run."""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from bench.bare import client_alone, figures
from bench.bookers import OurHall
from bench.bookings import measure_bookings
from bench.client import apply_load, exchange
from bench.exports import measure_exports
from bench.machine import NOISY, memory_mb, wait_until_quiet
from bench.phases import Phase, Sample, measure, phases, rounds
from bench.postgres import Cluster, cluster
from bench.report import HEAD, Found, budgets, cells, machine, row_of, save, table
from bench.residents import OurForm, ReferenceForm
from bench.sites import HALL, OURS, REFERENCE, ROOT, WORKERS, Served, Site, prepare, serve
from bench.wire import get

DIRECTORY = ROOT / "var" / "bench"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="how often everything is measured, in turn")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement")
    parser.add_argument("--clients", type=int, default=8, help="processes that ask at the same time")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds of the run to wait for a quiet machine")
    parser.add_argument("--quick", action="store_true", help="see that it runs; the figures say nothing")
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds, given.patience = 1, 0.5, 0.0
    return given


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a run measured. memory: site -> MB of its workers; client, inside: see bare.py, inside.py;
    bookings: see booking_rush.py; exports: see exports.py.
    """

    phases: list[Phase]
    found: Found
    memory: Mapping[str, float]
    client: Mapping[str, float]
    inside: Mapping[str, Any]
    bookings: Mapping[str, Mapping[str, float]]
    exports: Mapping[str, Mapping[str, Mapping[str, float]]]
    postgres: str


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and databases are cleaned up
    given = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    inside = measure_inside(20 if given.quick else 300)
    with cluster(DIRECTORY) as databases:
        try:
            result = measure_sites(databases, inside, given)
        finally:
            for site in (REFERENCE, OURS):
                databases.drop(site.database)
    return report(result, given)


def measure_inside(times: int) -> dict[str, Any]:
    """Rules and rendering, in a process of its own with our settings."""
    (DIRECTORY / OURS.name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "bench.inside", str(times)]
    environment = OURS.environment("", DIRECTORY)
    result = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def measure_sites(databases: Cluster, inside: Mapping[str, Any], given: argparse.Namespace) -> Result:
    """Both sites, served at the same time and loaded in turn; the client alone last."""
    say("preparing both sites")
    urls = {site: databases.recreate(site.database) for site in (REFERENCE, OURS)}
    prepare(urls, DIRECTORY)
    with ExitStack() as stack:
        served = {site: stack.enter_context(serve(site, url, DIRECTORY)) for site, url in urls.items()}
        ours = OurForm(served[OURS].port, OURS.path)
        hall = OurHall(served[OURS].port, HALL)
        todo = phases(ReferenceForm(served[REFERENCE].port, REFERENCE.path), ours, hall)
        warm_up(todo, served, given.clients)
        found = measure_all(todo, served, databases, given)
        memory = {site.name: memory_mb(each.pid) for site, each in served.items()}
        page = exchange(ours.port, get(ours.port, ours.step)).body
    alone = client_alone(page, clients=given.clients, seconds=min(given.seconds, 3.0))
    bookings = measure_function(databases, given)
    say("exports beside wagtail.contrib.forms, openpyxl and COPY")
    environments = {site: site.environment(databases.url_of(site.database), DIRECTORY) for site in (REFERENCE, OURS)}
    rounds = 1 if given.quick else 3
    exports = measure_exports(environments[REFERENCE], environments[OURS], DIRECTORY, rounds=rounds, quick=given.quick)
    return Result(todo, found, memory, figures(alone), inside, bookings, exports, databases.version())


def measure_function(databases: Cluster, given: argparse.Namespace) -> Mapping[str, Mapping[str, float]]:
    """The booking function beside hand-written SQL, without a server: on our site's database, which is idle now."""
    say("the booking function beside raw SQL")
    environment = OURS.environment(databases.url_of(OURS.database), DIRECTORY)
    return measure_bookings(environment, seconds=given.seconds, clients=given.clients, rounds=given.rounds)


def warm_up(todo: list[Phase], served: Mapping[Site, Served], clients: int) -> None:
    """Let every worker load what it needs before it is measured."""
    for phase in todo:
        apply_load(served[phase.site].port, [phase.task() for _ in range(clients)], 0.5)


def measure_all(
    todo: list[Phase], served: Mapping[Site, Served], databases: Cluster, given: argparse.Namespace
) -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {phase.key: [] for phase in todo}
    load = {"clients": given.clients, "seconds": given.seconds, "processors": os.cpu_count() or 1}
    patience = given.patience
    for number, phase in rounds(given.rounds, todo):
        patience -= wait_until_quiet(patience)
        sample = measure(phase, served[phase.site], databases, **load)
        if sample.problem:
            raise SystemExit(f"{phase.title}: {sample.problem}; see {DIRECTORY / phase.site.name}.log")
        say(f"round {number}  {phase.title:42} {sample.units_s:8.1f}/s  others {sample.foreign:.0%}")
        found[phase.key].append(sample)
    return found


def report(result: Result, given: argparse.Namespace) -> int:
    """Print and keep what was found; the exit status says whether the budgets are met."""
    rows = {phase.key: row_of(phase, result.found) for phase in result.phases}
    lines = [cells(row) for row in rows.values()]
    found = budgets(rows, result.inside, result.bookings, result.exports)
    load = f"{given.clients} clients, {given.rounds} rounds of {given.seconds:g} s"
    say(f"\n{machine()}, PostgreSQL {result.postgres}, gunicorn sync × {WORKERS}, {load}")
    say(f"\n{table(lines)}\n")
    say("\n".join(remarks(result)) + "\n")
    say("\n".join(budget.line() for budget in found))
    noisy = max(row.foreign for row in rows.values())
    if noisy > NOISY:
        say(f"\nOthers used up to {noisy:.0%} of the machine: trust × CPU more than the rates, and run it again.")
    named = [dict(zip(HEAD, line, strict=True)) for line in lines]
    path = save(DIRECTORY, {**without_functions(result), "arguments": vars(given), "table": named})
    say(f"-> {path.relative_to(ROOT)}")
    return 0 if given.quick or all(budget.is_met for budget in found) else 1


def without_functions(result: Result) -> dict[str, Any]:
    """What of the result can be written as JSON."""
    samples = {key: [asdict(sample) for sample in each] for key, each in result.found.items()}
    kept = {name: getattr(result, name) for name in ("memory", "client", "inside", "bookings", "exports", "postgres")}
    return {**kept, "samples": samples}


def remarks(result: Result) -> list[str]:
    inside, client = result.inside, result.client
    memory = ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in result.memory.items())
    return [
        f"{inside['items']} items, {inside['rules']} rules, evaluated in Python: {inside['evaluate_ms']:.2f} ms",
        f"a step of 60 items: skin filled {inside['skin_ms']:.2f} ms, Django's as_div {inside['as_div_ms']:.2f} ms",
        *(
            f"bookings by the function, {name}: {each['service']:,.0f}/s, raw SQL {each['raw']:,.0f}/s"
            for name, each in result.bookings.items()
        ),
        *(
            f"export of {size} × 20, {way}: {each['rows']:,.0f} rows/s, {each['mb']:.0f} MB above idle"
            for size, ways in result.exports.items()
            for way, each in ways.items()
        ),
        f"memory of the workers' own: {memory}",
        f"the load client alone: {client['requests_s']:,.0f} requests/s, {client['cpu_ms']:.3f} ms CPU each",
    ]


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
