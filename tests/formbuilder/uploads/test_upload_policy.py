import pytest

from formbuilder.uploads.policy import (
    FILE_KINDS,
    KINDS,
    MEGABYTE,
    PHOTO_KINDS,
    UploadPolicy,
    accept_attribute,
    describe,
    kind_of_mime,
)


def test_a_photo_field_says_what_it_takes() -> None:
    assert describe(UploadPolicy(PHOTO_KINDS, 10 * MEGABYTE)) == "JPEG・PNG・HEIC、1枚10MBまで"


def test_a_file_field_counts_files_not_pictures() -> None:
    assert describe(UploadPolicy(FILE_KINDS, 10 * MEGABYTE)) == "JPEG・PNG・HEIC・PDF、1ファイル10MBまで"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (500 * 1024, "500KB"),
        (1, "1KB"),
        (MEGABYTE, "1MB"),
        (MEGABYTE * 3 // 2, "1.5MB"),
        (2 * MEGABYTE - 1, "1.9MB"),
        (100 * MEGABYTE, "100MB"),
    ],
)
def test_sizes_are_said_without_promising_too_much(size: int, text: str) -> None:
    assert describe(UploadPolicy(frozenset({"pdf"}), size)) == f"PDF、1ファイル{text}まで"


def test_the_browser_is_told_types_and_extensions_of_exactly_the_accepted_kinds() -> None:
    accept = accept_attribute(UploadPolicy(PHOTO_KINDS, MEGABYTE)).split(",")
    assert accept == [
        "image/jpeg",
        "image/png",
        "image/heic",
        "image/heif",
        ".jpg",
        ".jpeg",
        ".png",
        ".heic",
        ".heif",
    ]
    assert accept_attribute(UploadPolicy(frozenset({"pdf"}), MEGABYTE)) == "application/pdf,.pdf"


def test_every_mime_type_and_extension_belongs_to_one_kind() -> None:
    mimes = [mime for kind in KINDS.values() for mime in kind.mimes]
    extensions = [extension for kind in KINDS.values() for extension in kind.extensions]
    assert len(mimes) == len(set(mimes))
    assert len(extensions) == len(set(extensions))
    assert all(kind_of_mime(mime) is kind for kind in KINDS.values() for mime in kind.mimes)
    assert kind_of_mime("text/html") is None


@pytest.mark.parametrize(
    ("kinds", "max_bytes"), [(frozenset({"jpeg", "exe"}), MEGABYTE), (frozenset[str](), MEGABYTE), (PHOTO_KINDS, 0)]
)
def test_a_policy_that_makes_no_sense_is_a_programming_error(kinds: frozenset[str], max_bytes: int) -> None:
    with pytest.raises(ValueError, match="upload policy"):
        UploadPolicy(kinds, max_bytes)
