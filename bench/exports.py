"""Exports beside a site on wagtail.contrib.forms, bare openpyxl and PostgreSQL's COPY: rows a second, and memory.

    python -m bench.exports WAY COUNT FILE

does one of WAYS in this process (settings come from the environment) and prints JSON.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from subprocess import PIPE, run

import django

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (200,)
THEIRS = ("wagtail_csv", "wagtail_xlsx")
OURS = ("copy", "openpyxl", "csv", "xlsx")


def measure_exports(
    reference: Mapping[str, str], ours: Mapping[str, str], directory: Path, *, rounds: int, quick: bool
) -> dict[str, dict[str, dict[str, float]]]:
    """{size: {way: {"rows": a second, "mb": above the idle process}}}: medians, every way in turn in each round.

    reference, ours: environments of the two sites, on databases that are ready.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for size in QUICK_SIZES if quick else SIZES:
        for environment, way in ((reference, "seed_reference"), (ours, "seed_ours")):
            _child(way, size, directory / "seed", environment)
        samples: dict[str, list[dict[str, float]]] = {way: [] for way in (*THEIRS, *OURS)}
        for _ in range(rounds):
            for way, each in samples.items():
                each.append(_child(way, size, directory / way, reference if way in THEIRS else ours))
        found[str(size)] = {
            way: {name: statistics.median(sample[name] for sample in each) for name in ("rows", "mb")}
            for way, each in samples.items()
        }
    return found


def _child(way: str, size: int, file: Path, environment: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, "-W", "ignore", "-m", "bench.exports", way, str(size), str(file)]
    done = run(command, cwd=ROOT, env=dict(environment), stdout=PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(way: str, size: int, file: Path) -> None:
    django.setup()  # before the models are imported
    ways: dict[str, Callable[[int, Path], None]] = import_module(
        "bench.export_ways_reference" if way in (*THEIRS, "seed_reference") else "bench.export_ways"
    ).WAYS
    act = ways[way]
    idle, begun = _peak_mb(), time.perf_counter()
    act(size, file)
    took = time.perf_counter() - begun
    sys.stdout.write(json.dumps({"rows": size / took, "mb": _peak_mb() - idle}) + "\n")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def people(size: int) -> Iterator[dict[str, str]]:
    """Answers to the 20 items, the same at every start."""
    for number in range(size):
        yield {f"f{at}": TEXTS[at % len(TEXTS)].format(number) for at in range(COLUMNS)}


COLUMNS = 20
TEXTS = (
    "見本{0}",
    "花子",
    "ミホン",
    "090-1234-{0:05d}",
    "resident{0}@example.jp",
    "新潟県新潟市中央区学校町通1番町602-1 みほんハイツ{0}号室",
    "2026-04-01",
    "0012345",
    "希望する日時を電話で知らせてください。平日の午前がよいです。",
    "同意する",
)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
