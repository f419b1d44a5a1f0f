"""What the storage holds is what the rows say."""

from collections.abc import Callable

import pytest

from applications.answers import opened
from applications.attachments import remove_files
from applications.models import Attachment
from applications.services import attach
from formbuilder.models import FormPage
from tests.applications.residents import APPLICANT, STEPS, Resident
from tests.formbuilder.uploads.samples import inspected, jpeg
from tests.support.cast import Cast, key_of, make_form


@pytest.fixture
def form(cast: Cast) -> FormPage:
    return make_form(cast.children, steps=STEPS)


@pytest.fixture
def resident(form: FormPage) -> Resident:
    resident = Resident(form)
    resident.fill("1", APPLICANT)
    return resident


# --- the storage


def test_a_file_whose_row_could_not_be_written_is_not_left_behind(
    resident: Resident, stored: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(Attachment, "save", refuse)
    with pytest.raises(RuntimeError):
        attach(resident.draft.pk, field_key=key_of("表紙"), checked=inspected(jpeg()), most=2)
    assert stored() == 0


@pytest.mark.parametrize("name", ["多胎", "no such item"])
def test_a_file_is_kept_only_for_an_item_that_takes_files(resident: Resident, name: str) -> None:
    assert attach(resident.draft.pk, field_key=key_of(name), checked=inspected(jpeg()), most=2) is None
    assert not Attachment.objects.exists()


def test_removing_no_files_asks_nothing_of_the_storage(resident: Resident) -> None:
    remove_files(resident.draft.attachments.all())
    assert opened(resident.draft) == {key_of(name): answer for name, answer in APPLICANT.items()}
