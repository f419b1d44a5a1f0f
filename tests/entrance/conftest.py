import pytest
from django.conf import LazySettings

from tests.support.cast import Cast, make_cast


@pytest.fixture(autouse=True)
def quick_passwords(settings: LazySettings) -> None:
    """The real hasher takes its time on purpose, and here they log in hundreds of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()
