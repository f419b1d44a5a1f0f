"""A worker that is killed: makes the file that is due, says "now" at the moment that is wanted, and stands still.

python -m tests.exports.victim middle ROWS | whole
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

import django


def say_now() -> None:
    sys.stdout.write("now\n")
    sys.stdout.flush()
    time.sleep(60)


def main(moment: str, rows: int) -> None:
    django.setup()
    from exports import jobs
    from exports.making import Making

    watched = Making._watched

    def silent(*_: Any, **__: Any) -> bool:
        say_now()
        return False

    def slow(self: Making, things: Iterator[Any]) -> Iterator[Any]:
        for number, thing in enumerate(watched(self, things), start=1):
            yield thing
            if number == rows:
                say_now()

    if moment == "middle":
        Making._watched = slow  # type: ignore[method-assign]  # so many rows are written
    else:
        jobs._finish = silent  # the file lies there, and nobody has been told
    jobs.run_due()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
