"""A whole unit of work once more, when the database gave up on it for the sake of another."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from reservations.refusals import Busy

log = logging.getLogger(__name__)

TRIES = 3
PAUSE = 0.05  # seconds, times the number of the try
GIVEN_UP = {"40001", "40P01"}  # serialization_failure, deadlock_detected
TOO_LONG = {"55P03"}  # lock_not_available: lock_timeout

Given = ParamSpec("Given")
Result = TypeVar("Result")


def again(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Repeat the function after a deadlock, from its beginning; Busy when a lock could not be had in time."""

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        for attempt in range(1, TRIES + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as problem:
                code = getattr(problem.__cause__, "sqlstate", None)
                if code in TOO_LONG or _is_locked(problem):
                    raise Busy from problem
                if code not in GIVEN_UP or connection.in_atomic_block:
                    raise
                log.warning("%s: %s, try %s", function.__name__, code, attempt)
                time.sleep(PAUSE * attempt)
        raise Busy

    return run


def _is_locked(problem: OperationalError) -> bool:
    """SQLite waited for its one writer longer than the setting allows."""
    return connection.vendor == "sqlite" and "locked" in str(problem)
