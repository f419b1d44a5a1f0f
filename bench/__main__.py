"""`make bench`: this project beside a site on wagtail.contrib.forms, in one run."""

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.bare import bare_server
from bench.client import Load, apply_load, exchange
from bench.phases import Phase, Sample, measure, phases, rounds
from bench.postgres import Cluster, cluster
from bench.report import HEAD, NOISY, Row, budgets, cells, machine, save, table
from bench.residents import OurForm, ReferenceForm
from bench.sites import OURS, REFERENCE, ROOT, Served, Site, prepare, serve
from bench.wire import get

DIRECTORY = ROOT / "var" / "bench"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="how often everything is measured, in turn")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--clients", type=int, default=8, help="processes that ask at the same time")
    parser.add_argument("--quick", action="store_true", help="see that it runs; the figures say nothing")
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds = 1, 1.0
    return given


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and databases are cleaned up
    given = arguments()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    inside = measure_inside(20 if given.quick else 300)
    with cluster(DIRECTORY / "postgres") as databases:
        try:
            version = databases.version()
            rows, samples, client = measure_sites(databases, given)
        finally:
            for site in (REFERENCE, OURS):
                databases.drop(site.database)
    return report(rows, samples, client, inside, given, version)


def measure_inside(times: int) -> dict[str, Any]:
    """Rules and rendering, in a process of its own with our settings."""
    (DIRECTORY / OURS.name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-W", "ignore", "-m", "bench.inside", str(times)]
    environment = OURS.environment("", DIRECTORY)
    result = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def measure_sites(databases: Cluster, given: argparse.Namespace) -> tuple[dict[str, Row], list[Sample], Load]:
    """Both sites, served at the same time and loaded in turn; the client alone last."""
    say("preparing both sites")
    urls = {site: databases.recreate(site.database) for site in (REFERENCE, OURS)}
    prepare(urls, DIRECTORY)
    with ExitStack() as stack:
        served = {site: stack.enter_context(serve(site, url, DIRECTORY)) for site, url in urls.items()}
        here, ours = served[REFERENCE], served[OURS]
        todo = phases(ReferenceForm(here.port, REFERENCE.path), OurForm(ours.port, OURS.path))
        warm_up(todo, served, given.clients)
        samples = [sample for sample in measure_all(todo, served, databases, given)]
        form = OurForm(ours.port, OURS.path)
        page = exchange(ours.port, get(ours.port, form.step)).body
    rows = {phase.key: Row.of(phase, [s for s in samples if s.phase == phase.key]) for phase in todo}
    return rows, samples, client_alone(page, given)


def warm_up(todo: list[Phase], served: dict[Site, Served], clients: int) -> None:
    """Let every worker load what it needs before it is measured."""
    for phase in todo:
        apply_load(served[phase.site].port, [phase.task() for _ in range(clients)], 0.5)


def measure_all(
    todo: list[Phase], served: dict[Site, Served], databases: Cluster, given: argparse.Namespace
) -> list[Sample]:
    found = []
    processors = os.cpu_count() or 1
    for number, phase in rounds(given.rounds, todo):
        sample = measure(
            phase,
            served[phase.site],
            databases,
            clients=given.clients,
            seconds=given.seconds,
            processors=processors,
        )
        if sample.problem:
            raise SystemExit(f"{phase.title}: {sample.problem}; see {DIRECTORY / phase.site.name}.log")
        say(f"round {number}  {phase.title:42} {sample.units_s:8.1f}/s  others {sample.foreign:.0%}")
        found.append(sample)
    return found


def client_alone(page: bytes, given: argparse.Namespace) -> Load:
    """The load client against a server that only answers: what it could do at most."""
    with bare_server(page) as port:
        request = get(port, "/")
        tasks = [lambda line: line.say(request).status == 200] * given.clients
        return apply_load(port, tasks, min(given.seconds, 3.0))


def report(
    rows: dict[str, Row],
    samples: list[Sample],
    client: Load,
    inside: dict[str, Any],
    given: argparse.Namespace,
    version: str,
) -> int:
    lines = [cells(row, rows[row.phase.beside]) for row in rows.values()]
    found = budgets(rows, inside)
    alone = {"requests_s": client.requests / client.elapsed, "cpu_ms": 1000 * client.cpu / client.requests}
    inside_lines = [
        f"{inside['items']} items, {inside['rules']} rules, evaluated in Python: {inside['evaluate_ms']:.2f} ms",
        f"a step of 60 items: skin filled {inside['skin_ms']:.2f} ms, Django's as_div {inside['as_div_ms']:.2f} ms "
        f"({inside['as_div_ms'] / inside['skin_ms']:.0f} ×)",
        f"the load client against a bare server: {alone['requests_s']:,.0f} requests/s, {alone['cpu_ms']:.3f} ms CPU each",
    ]
    say(f"\nPostgreSQL {version}, gunicorn sync × 2, {given.clients} clients, {given.rounds} × {given.seconds:g} s, {machine()}")
    say(f"\n{table(lines)}\n")
    say("\n".join(inside_lines) + "\n")
    say("\n".join(budget.line() for budget in found))
    noisy = max(row.foreign for row in rows.values())
    if noisy > NOISY:
        say(f"\nOthers used up to {noisy:.0%} of the machine: trust × CPU more than the rates, and run it again.")
    path = save(
        DIRECTORY,
        {
            "arguments": vars(given),
            "postgres": version,
            "table": [dict(zip(HEAD, line, strict=True)) for line in lines],
            "samples": [sample.as_json() for sample in samples],
            "client": alone,
            "inside": inside,
        },
    )
    say(f"-> {path.relative_to(ROOT)}")
    return 0 if given.quick or all(budget.is_met for budget in found) else 1


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
