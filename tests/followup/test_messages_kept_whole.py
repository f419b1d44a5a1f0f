"""A message and its files are kept together or not at all: what fails leaves no file behind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from applications.models import Application, private_storage
from dialogue import messages
from dialogue.files import store
from dialogue.models import Letter, LetterFile
from formbuilder.uploads.inspect import CheckedFile, inspect_upload
from tests.followup.following import arrived
from tests.formbuilder.uploads.samples import pdf
from tests.support.cast import Cast

TOKEN = "a" * 22
Keep = Callable[[Application, Cast, CheckedFile], Any]


@pytest.fixture
def case(cast: Cast) -> Application:
    return arrived(cast.form)


@pytest.fixture
def paper() -> CheckedFile:
    return inspect_upload(SimpleUploadedFile("証明.pdf", pdf(), "application/pdf"), messages.POLICY)


def stage(case: Application, _: Cast, paper: CheckedFile) -> None:
    messages.stage(case, token=TOKEN, checked=paper)


def write(case: Application, cast: Cast, paper: CheckedFile) -> None:
    messages.write(case, actor=cast.officer, text="文", token=TOKEN, files=[paper])


def test_the_first_file_goes_when_the_second_cannot_be_stored(
    case: Application, cast: Cast, paper: CheckedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    storage = private_storage()
    save = storage.save

    def full(name: str, content: Any, **others: Any) -> str:
        if made:
            raise OSError("no space left")
        made.append(save(name, content, **others))
        return made[0]

    monkeypatch.setattr(storage, "save", full)
    with pytest.raises(OSError, match="no space"):
        messages.write(case, actor=cast.officer, text="文", token=TOKEN, files=[paper, paper])
    assert len(made) == 1 and not storage.exists(made[0]) and not Letter.objects.exists()


@pytest.mark.parametrize("keep", [stage, write])
def test_the_file_goes_when_the_transaction_cannot_end(
    case: Application, cast: Cast, paper: CheckedFile, monkeypatch: pytest.MonkeyPatch, keep: Keep
) -> None:
    made: list[LetterFile] = []
    commit = connection.savepoint_commit

    def stored(row: LetterFile, content: bytes) -> None:
        store(row, content)
        made.append(row)

    def refuse(point: str) -> None:
        if not made:
            return commit(point)
        monkeypatch.undo()  # once: the way back is open
        raise OperationalError("disk full")

    monkeypatch.setattr(messages, "store", stored)
    monkeypatch.setattr(connection, "savepoint_commit", refuse)
    with pytest.raises(OperationalError, match="disk full"):
        keep(case, cast, paper)
    assert not LetterFile.objects.exists() and not Letter.objects.exists()
    assert [row.file.storage.exists(str(row.file.name)) for row in made] == [False]


def test_what_is_kept_has_its_file(case: Application, cast: Cast, paper: CheckedFile) -> None:
    write(case, cast, paper)
    (row,) = LetterFile.objects.all()
    assert row.file.storage.exists(str(row.file.name))
