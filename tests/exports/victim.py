"""A worker that is killed: makes the file that is due, says "now" in the middle of it, and goes on slowly."""

import sys
import time
from collections.abc import Iterator
from typing import Any

import django


def main() -> None:
    django.setup()
    from exports.jobs import run_due
    from exports.making import Making

    watched = Making._watched

    def slow(self: Making, things: Iterator[Any]) -> Iterator[Any]:
        for number, thing in enumerate(watched(self, things), start=1):
            yield thing
            if number == 700:
                sys.stdout.write("now\n")
                sys.stdout.flush()
                time.sleep(60)

    Making._watched = slow  # type: ignore[method-assign]  # the one in the middle of which it dies
    run_due()


if __name__ == "__main__":
    main()
