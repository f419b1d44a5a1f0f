"""What may be told of an exception: its text may hold an address or an answer, and a log keeps what it is given."""

import traceback
from pathlib import Path


def where_it_failed(problem: Exception) -> str:
    """Class and place, without the text."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return f"{type(problem).__name__} at {Path(place.filename).name}:{place.lineno}"
