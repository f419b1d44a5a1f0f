"""Where pytest keeps what hooks and fixtures of different files share."""

import pytest

from tests.support.surroundings import Surroundings

HERE = pytest.StashKey[Surroundings]()
REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()  # phase ("setup", "call", "teardown") -> how it went
