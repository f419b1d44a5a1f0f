import pytest
from django.conf import settings
from django.utils.translation import override

from formbuilder.definition import FieldDef
from formbuilder.fields.base import FieldRefused
from formbuilder.fields.files import FileType
from formbuilder.uploads.policy import FILE_KINDS, PHOTO_KINDS, UploadPolicy
from tests.formbuilder.fields.making import cells, html_of, item, problems_of, refusal, shown, take, type_of

MEGABYTE = 1024 * 1024


def file_type(field: FieldDef) -> FileType:
    found = type_of(field)
    assert isinstance(found, FileType)
    return found


def test_the_answer_is_the_list_of_the_files_that_are_kept() -> None:
    field = item("photo", max_files=2)

    assert take(field, ["a", "b"]) == ["a", "b"]
    assert take(field, []) is None
    assert shown(field, ["a", "b"]) == "2枚"
    assert shown(item("file"), ["a"]) == "1個"
    assert shown(field, None) == ""


def test_too_few_and_too_many_are_refused() -> None:
    field = item("photo", "母子健康手帳", min_files=2, max_files=3)

    assert refusal(field, ["a"]).message == "母子健康手帳は2枚以上添付してください（今は1枚です）。"
    assert refusal(field, list("abcd")).message == "母子健康手帳は3枚までです。いらないものを削除してください。"


@pytest.mark.parametrize(
    ("type_", "count", "told"),
    [
        ("photo", 1, "Passport: attach 2 or more pictures (now 1)."),
        ("photo", 4, "Passport: up to 3 pictures. Delete what you do not need."),
        ("file", 1, "Passport: attach 2 or more files (now 1)."),
        ("file", 4, "Passport: up to 3 files. Delete what you do not need."),
    ],
)
def test_how_many_are_wanted_is_said_in_the_language_of_the_page(type_: str, count: int, told: str) -> None:
    field = item(type_, "Passport", min_files=2, max_files=3)

    with override("en"), pytest.raises(FieldRefused) as refused:
        file_type(field).normalise(field, list("abcd"[:count]))
    assert refused.value.message == told


def test_an_export_names_the_files_one_on_a_line() -> None:
    assert cells(item("file"), ["通帳.pdf", "表紙.jpg"]) == ["通帳.pdf\n表紙.jpg"]
    assert cells(item("file"), None) == [""]


def test_a_photograph_is_a_picture_and_a_file_may_be_a_document() -> None:
    photo, file = item("photo", max_mb=5), item("file")

    assert file_type(photo).policy(photo) == UploadPolicy(PHOTO_KINDS, 5 * MEGABYTE)
    assert file_type(file).policy(file) == UploadPolicy(FILE_KINDS, 10 * MEGABYTE)
    assert "application/pdf" not in photo.options["accept"]
    assert "application/pdf" in file.options["accept"]


def test_the_place_stays_in_a_photograph_only_when_the_editor_wants_it() -> None:
    kept = item("photo", keep_location=True)

    assert file_type(kept).policy(kept).keep_location
    assert not file_type(item("photo")).policy(item("photo")).keep_location


def test_how_many_files_an_item_takes_is_the_editors_choice() -> None:
    several = item("file", max_files=3)

    assert file_type(several).most(several) == 3
    assert "multiple" in html_of(several)
    assert file_type(item("file")).most(item("file")) == 1
    assert "multiple" not in html_of(item("file"))


def test_limits_that_make_no_sense_cannot_be_published() -> None:
    assert len(problems_of("photo", min_files=2, max_files=1)) == 1
    most = settings.UPLOAD_MAX_BYTES // MEGABYTE
    assert problems_of("file", max_mb=most) == []
    assert problems_of("file", max_mb=most + 1) == [
        f"1個の大きさの上限は、この窓口で受け取れる{most}MB以下にしてください。"
    ]


def test_formulas_do_not_see_files() -> None:
    field = item("photo")

    assert type_of(field).scalars(field, ["a"]) == {}
