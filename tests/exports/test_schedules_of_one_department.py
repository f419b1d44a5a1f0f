"""A schedule brings what is its department's own, under its own name, for nobody else on the machine to read."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from applications.models import ExportRecord
from cms.access import set_up_roles
from cms.models import Role
from exports.models import ExportJob, ExportTemplate
from exports.schedules import running, services
from exports.schedules.models import Run, RunState, Schedule
from tests.exports.test_schedules import is_due, make, work
from tests.support.cast import Cast, submit


@pytest.fixture
def out(settings: Settings, tmp_path: Path) -> Path:
    settings.EXPORT_ROOT = str(tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def of_both(cast: Cast) -> Schedule:
    """A schedule of one department, whose template takes a form of another one, too."""
    cast.officer.groups.add(set_up_roles(cast.waste)[Role.OFFICER])
    schedule = make(cast)
    ExportTemplate.objects.update(forms=[cast.form.pk, cast.other_form.pk])
    return schedule


def test_no_application_of_another_department_lands_in_the_folder(cast: Cast, out: Path, of_both: Schedule) -> None:
    mine, other = submit(cast.form), submit(cast.other_form)
    is_due()
    work()
    (file,) = (out / "kodomo" / "基幹").iterdir()
    text = file.read_text("utf-8-sig")
    assert str(mine.reference) in text and str(other.reference) not in text
    assert ExportJob.objects.get().departments == [cast.children.pk]
    assert ExportRecord.objects.get().department == cast.children


def test_only_of_another_department_is_nothing(cast: Cast, out: Path, of_both: Schedule) -> None:
    submit(cast.other_form)
    is_due()
    work()
    assert Run.objects.get().state == RunState.EMPTY and not out.exists()


def test_a_file_that_has_others_in_it_is_not_brought(cast: Cast, out: Path, of_both: Schedule) -> None:
    submit(cast.form)
    is_due()
    running.start_due()
    running.go_on()
    job = ExportJob.objects.get()
    del job.spec["department"]  # asked for by a version that knew nothing of it
    job.save()
    submit(cast.other_form)
    ExportJob.objects.update(spec=job.spec | {"until": (timezone.now() + timedelta(days=1)).isoformat()})
    work()
    run = Run.objects.get()
    assert len(ExportJob.objects.get().departments) == 2
    assert (run.state, run.problem) == (RunState.FAILED, running.NOT_OURS) and not out.exists()


def test_two_schedules_of_one_name_time_and_place_leave_two_files(cast: Cast, out: Path) -> None:
    submit(cast.form)
    make(cast)
    make(cast)
    Schedule.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    work()
    assert len(list((out / "kodomo" / "基幹").iterdir())) == 2


def test_a_change_does_not_start_what_was_stopped_meanwhile(cast: Cast) -> None:
    schedule = make(cast)
    services.stop(schedule, "続けて失敗")
    Schedule.objects.update(failures=3)
    services.keep(schedule, "", name="夕方")
    after = Schedule.objects.get()
    assert (after.name, after.failures) == ("夕方", 3) and after.stopped_at is not None
    services.keep(schedule, "neu", name="夕方")
    assert Schedule.objects.get().secret != after.secret


def test_nobody_else_on_the_machine_reads_the_file(cast: Cast, out: Path) -> None:
    submit(cast.form)
    make(cast)
    draft = out / "kodomo" / "基幹"
    is_due()
    work()
    (file,) = draft.iterdir()
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (file, draft, draft.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_nothing_is_made_behind_a_link(cast: Cast, out: Path, tmp_path: Path) -> None:
    submit(cast.form)
    out.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (out / "kodomo").symlink_to(tmp_path / "elsewhere")
    make(cast)
    is_due()
    work()
    assert "外" in Run.objects.get().problem and list((tmp_path / "elsewhere").iterdir()) == []
