"""What the run found: a table for people, a JSON file for comparison, and whether the budgets are met."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.phases import Phase, Sample

NOISY = 0.08  # share of the machine that others may use before rates say little

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """Medians of one phase over the rounds; foreign is the worst of them."""

    phase: Phase
    units_s: float
    requests_s: float
    p50: float
    p95: float
    app_cpu: float
    db_cpu: float | None
    client: float
    foreign: float
    unit_cpu: float  # ms of application CPU for one unit

    @classmethod
    def of(cls, phase: Phase, samples: Sequence[Sample]) -> "Row":
        def middle(name: str) -> float:
            return statistics.median(getattr(sample, name) for sample in samples)

        return cls(
            phase=phase,
            units_s=middle("units_s"),
            requests_s=middle("requests_s"),
            p50=middle("p50"),
            p95=middle("p95"),
            app_cpu=middle("app_cpu"),
            db_cpu=None if samples[0].db_cpu is None else middle("db_cpu"),
            client=middle("client"),
            foreign=max(sample.foreign for sample in samples),
            unit_cpu=statistics.median(s.app_cpu * s.requests_s / s.units_s if s.units_s else 0.0 for s in samples),
        )


HEAD = ("what", "per s", "× ref.", "requests/s", "p50 ms", "p95 ms", "app CPU ms", "db CPU ms", "× CPU", "client", "others")


def cells(row: Row, beside: Row) -> Cells:
    """One line of the table. CPU is per request, `× CPU` per unit: the reference's over ours."""
    is_reference = row is beside
    return (
        row.phase.title,
        f"{row.units_s:,.0f}",
        "" if is_reference else f"{row.units_s / beside.units_s:.2f}",
        f"{row.requests_s:,.0f}",
        f"{row.p50:.1f}",
        f"{row.p95:.1f}",
        f"{row.app_cpu:.2f}",
        "–" if row.db_cpu is None else f"{row.db_cpu:.2f}",
        "" if is_reference else f"{beside.unit_cpu / row.unit_cpu:.2f}",
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


def budgets(rows: Mapping[str, Row], inside: Mapping[str, float]) -> list[Budget]:
    """Issue by issue the goals rise; see docs/performance.md."""
    get, post, submit = rows["get"], rows["begin"], rows["submit"]
    reference_get, reference_post = rows["ref-get"], rows["ref-post"]
    return [
        Budget("GET of a step, per second, × reference", get.units_s / reference_get.units_s, 3),
        Budget("POST of a step, per second, × reference", post.units_s / reference_post.units_s, 1),
        Budget("applications stored per second, × reference", submit.units_s / reference_post.units_s, 1),
        Budget(f"ms to evaluate {inside['items']} items and {inside['rules']} rules", inside["evaluate_ms"], 5, False),
    ]


def machine() -> dict[str, Any]:
    return {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def save(directory: Path, content: Mapping[str, Any]) -> Path:
    """Write the results; the file's name is the time of the run."""
    now = datetime.now().astimezone()
    path = directory / f"{now:%Y%m%d-%H%M%S}.json"
    text = json.dumps({"at": now.isoformat(timespec="seconds"), "machine": machine(), **content}, ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")
    return path
