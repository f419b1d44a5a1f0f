"""The cast, for the tests of applications."""

from collections.abc import Callable
from pathlib import Path

import pytest

from applications.models import private_storage
from tests.support.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def stored() -> Callable[[], int]:
    """Counts the files in the private storage that were not there before the test."""
    root = Path(private_storage().path("attachments"))
    before = set(root.rglob("*"))
    return lambda: sum(path.is_file() and path not in before for path in root.rglob("*"))
