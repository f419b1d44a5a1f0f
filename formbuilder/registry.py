"""What a setting lists: one object of each class, by its name. Every seam of the program is such a list."""

from collections.abc import Iterable
from typing import Any

from django.utils.module_loading import import_string


def listed(paths: Iterable[str]) -> dict[str, Any]:
    """Name -> object, in the order of the setting. Names are kept in the database, so no two may be the same."""
    found: dict[str, Any] = {}
    for path in paths:
        made = import_string(path)()
        if made.name in found:
            raise ValueError(f"{path}: the name {made.name!r} is taken already")
        found[made.name] = made
    return found
