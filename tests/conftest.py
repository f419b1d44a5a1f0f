"""What every test stands on: its engine (--engine=sqlite or postgres), a migrated database, a clean cache.

A skipped test fails: what cannot run here must say what to do, or not exist.
"""

import os
from collections.abc import Generator, Iterator

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from tests.support import surroundings
from tests.support.databases import begin_anew, database, start_server
from tests.support.stash import HERE, REPORTS

DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup"})

# Time limits per example mean nothing on a loaded machine; in CI fixed examples, so that it judges the change only.
hypothesis_settings.register_profile("madoguchi", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis_settings.load_profile("madoguchi")


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Sets Django up here, the first moment that knows the engine: Wagtail's models differ by database."""
    parser.addoption("--engine", choices=surroundings.ENGINES, default="sqlite", help="the database to test on")
    if settings.configured:
        raise pytest.UsageError("The tests choose their own settings: unset DJANGO_SETTINGS_MODULE and leave out --ds.")
    config = pluginmanager.getplugin("pytestconfig")
    assert isinstance(config, pytest.Config)
    chosen = parser.parse_known_args([str(argument) for argument in config.invocation_params.args])
    config.stash[HERE] = here = surroundings.enter(chosen.engine)
    config.add_cleanup(here.close)
    django.setup()
    # It is loaded now. Left in the environment, it would make pytest-xdist's workers load it before they get here.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.collectonly and (cluster := start_server(config.stash[HERE])):
        config.add_cleanup(cluster.stop)


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.stash[HERE].engine}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches the database: the rest has the same answer on every engine."""
    if config.stash[HERE].engine == "sqlite":
        return
    kept = [item for item in items if _uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and skips are not allowed: {report.longrepr}"
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"{collector.nodeid}: skips are not allowed: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def django_db_setup(pytestconfig: pytest.Config) -> Iterator[None]:
    """In place of pytest-django's: a copy of a migrated database, and after tests with real commits a new copy.

    Django would empty every table after such a test, and with them what Wagtail's migrations put there.
    """
    kept = database(pytestconfig.stash[HERE])
    begin_anew(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: begin_anew(kept))
        yield
    connections.close_all()
    kept.drop()


@pytest.fixture(autouse=True)
def clean_cache() -> None:
    """Wagtail keeps the sites of the test before, by numbers that a new database gives again."""
    cache.clear()
