"""The test harness keeps its promises, on the engine of this run."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from wagtail.models import Locale, Page, Site

from tests.support.surroundings import ROOT

SKIPPING = """
import pytest

@pytest.mark.skip(reason="one")
def test_marked(): ...

def test_called():
    pytest.skip("two")

@pytest.mark.xfail(reason="three")
def test_known(): assert False

def test_fine(): ...
"""


@pytest.mark.django_db
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_begins_with_what_migrations_left(turn: str) -> None:
    assert Page.objects.filter(depth=1).count() == Locale.objects.count() == Site.objects.count() == 1
    Site.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_so_does_a_test_with_real_commits(turn: str) -> None:
    assert Page.objects.filter(depth=1).count() == Locale.objects.count() == Site.objects.count() == 1
    Site.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_threads_write_side_by_side() -> None:
    """Each thread has a connection of its own to the same database, and waits for the others instead of failing."""

    def add(port: int) -> None:
        try:
            with transaction.atomic():
                Site.objects.create(hostname="side-by-side", port=port, root_page_id=1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add, args=[port]) for port in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Site.objects.filter(hostname="side-by-side").count() == len(threads)


@pytest.mark.django_db(transaction=True)
def test_sqlite_is_tested_as_it_runs(pytestconfig: pytest.Config) -> None:
    assert connection.vendor == {"sqlite": "sqlite", "postgres": "postgresql"}[pytestconfig.getoption("engine")]
    if connection.vendor == "sqlite":
        assert Path(connection.settings_dict["NAME"]).is_file()
        assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)


def test_files_go_to_the_directory_of_the_run() -> None:
    assert not Path(settings.DATA_DIR).is_relative_to(ROOT)


def test_a_skipped_test_is_a_failed_test(tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "test_missing.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    options = ["-c", "pyproject.toml", "--rootdir", ".", "-p", "tests.conftest", "-p", "no:cacheprovider", "-q"]
    command = [sys.executable, "-m", "pytest", *options, "--continue-on-collection-errors", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in done.stdout
    assert done.stdout.count("skips are not allowed") >= 3
