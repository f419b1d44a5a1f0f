"""What the run found: a table for people, a JSON file for comparison, and whether the budgets are met."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.phases import Phase, Sample

Cells = Sequence[str]
Found = Mapping[str, Sequence[Sample]]  # phase key -> one sample of each round, in the order of the rounds


@dataclass(frozen=True, slots=True)
class Row:
    """One phase: medians over the rounds; of others' share the worst.

    ratio, cpu_ratio: medians of what each round gave beside the reference of the same round. CPU: per unit, the
    reference's over ours.
    """

    phase: Phase
    units_s: float
    requests_s: float
    p50: float
    p95: float
    app_cpu: float
    db_cpu: float | None
    client: float
    foreign: float
    ratio: float
    cpu_ratio: float


def row_of(phase: Phase, found: Found) -> Row:
    samples, beside = found[phase.key], found[phase.beside]

    def middle(value: Callable[[Sample], float]) -> float:
        return statistics.median(map(value, samples))

    return Row(
        phase=phase,
        units_s=middle(lambda sample: sample.units_s),
        requests_s=middle(lambda sample: sample.requests_s),
        p50=middle(lambda sample: sample.p50),
        p95=middle(lambda sample: sample.p95),
        app_cpu=middle(lambda sample: sample.app_cpu),
        db_cpu=None if samples[0].db_cpu is None else middle(lambda sample: sample.db_cpu or 0.0),
        client=middle(lambda sample: sample.client),
        foreign=max(sample.foreign for sample in samples),
        ratio=statistics.median(mine.units_s / theirs.units_s for mine, theirs in zip(samples, beside, strict=True)),
        cpu_ratio=statistics.median(
            theirs.unit_cpu / mine.unit_cpu for mine, theirs in zip(samples, beside, strict=True)
        ),
    )


LOAD_HEAD = ("what", "per s", "× ref.", "requests/s", "p50 ms", "p95 ms")
CPU_HEAD = ("app CPU ms", "DB CPU ms", "× CPU", "client", "others")
HEAD = (*LOAD_HEAD, *CPU_HEAD)


def cells(row: Row) -> Cells:
    """One line of the table. CPU columns are per request, `× CPU` per unit."""
    is_reference = row.phase.key == row.phase.beside
    return (
        row.phase.title,
        f"{row.units_s:,.0f}",
        "" if is_reference else f"{row.ratio:.2f}",
        f"{row.requests_s:,.0f}",
        f"{row.p50:.1f}",
        f"{row.p95:.1f}",
        f"{row.app_cpu:.2f}",
        "–" if row.db_cpu is None else f"{row.db_cpu:.2f}",
        "" if is_reference else f"{row.cpu_ratio:.2f}",
        f"{row.client:.0%}",
        f"{row.foreign:.0%}",
    )


def table(lines: Sequence[Cells]) -> str:
    """Markdown; ready for docs/performance.md."""
    rule = ["---" if at == 0 else "---:" for at in range(len(HEAD))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEAD, rule, *lines))


@dataclass(frozen=True, slots=True)
class Budget:
    """What was promised, and what came out. at_least: False means at most."""

    title: str
    value: float
    goal: float
    at_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def line(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{'met    ' if self.is_met else 'NOT MET'}  {self.title}: {self.value:.2f} (goal {sign} {self.goal:g})"


def budgets(
    rows: Mapping[str, Row],
    inside: Mapping[str, float],
    bookings: Mapping[str, Mapping[str, float]],
    exports: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> list[Budget]:
    """The goals of today; docs/performance.md says which come later."""
    ways = exports[max(exports, key=int)]
    return [
        Budget("rows of a CSV per second, × wagtail's", ways["csv"]["rows"] / ways["wagtail_csv"]["rows"], 6),
        Budget("rows of an Excel file per second, × openpyxl", ways["xlsx"]["rows"] / ways["openpyxl"]["rows"], 4),
        Budget("MB above idle of the larger of both", max(ways["csv"]["mb"], ways["xlsx"]["mb"]), 64, False),
        Budget("GET of a step, per second, × reference", rows["get"].ratio, 3),
        Budget("POST of a step, per second, × reference", rows["begin"].ratio, 1),
        Budget("applications received per second, × reference", rows["submit"].ratio, 1),
        Budget("bookings of one hot slot by the function, × raw SQL", bookings["one"]["ratio"], 0.5),
        Budget("bookings of 20 slots by the function, × raw SQL", bookings["spread"]["ratio"], 0.5),
        Budget("the same in as many processes as the web server has", bookings["workers"]["ratio"], 0.5),
        Budget(f"ms to evaluate {inside['items']} items and {inside['rules']} rules", inside["evaluate_ms"], 5, False),
    ]


def machine() -> str:
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()}"


def save(directory: Path, content: Mapping[str, Any]) -> Path:
    """Write the results; the file's name is the time of the run."""
    now = datetime.now(UTC).astimezone()
    path = directory / f"{now:%Y%m%d-%H%M%S}.json"
    document = {"at": now.isoformat(timespec="seconds"), "machine": machine(), **content}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
