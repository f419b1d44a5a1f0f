"""Bookings a second: the product's own function beside hand-written SQL, on one database, in one run.

    python -m bench.bookings [SECONDS [CLIENTS [ROUNDS]]]

prints JSON; settings come from the environment, DATABASE_URL names a migrated PostgreSQL database without bookings.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).parent.parent


def measure_bookings(
    environment: Mapping[str, str], *, seconds: float = 3.0, clients: int = 8, rounds: int = 5
) -> dict[str, Any]:
    """booking_rush.measure in a process of its own, with these settings. seconds: of each measurement."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.bookings", str(seconds), str(clients), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(seconds: float = 3.0, clients: float = 8, rounds: float = 5) -> None:
    django.setup()  # before the models are imported
    found = import_module("bench.booking_rush").measure(seconds, int(clients), int(rounds))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
