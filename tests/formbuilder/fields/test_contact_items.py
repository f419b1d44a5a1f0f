import pytest

from tests.formbuilder.fields.making import item, refusal, take


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" hanako@example.jp ", "hanako@example.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        ("Hanako.Mihon@Example.JP", "Hanako.Mihon@example.jp"),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp"),  # carriers once gave such addresses out
        ("ab.@ezweb.ne.jp", "ab.@ezweb.ne.jp"),
        ("a+tag@mail.example.co.jp", "a+tag@mail.example.co.jp"),
        ("", None),
    ],
)
def test_addresses_that_work_are_taken(typed: str, kept: str | None) -> None:
    assert take(item("email"), typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["hanako", "@example.jp", "hanako@", "hanako@localhost", "a@b@example.jp", "はな@example.jp", "a b@example.jp",
     ".a@example.jp", "a@-example.jp", "a@example..jp", "a@example.jp\nBcc: x@example.jp", "a,b@example.jp",
     "<a@example.jp>"],
)  # fmt: skip
def test_addresses_that_cannot_work_are_refused(typed: str) -> None:
    assert "hanako@example.jp" in refusal(item("email"), typed).message


def test_an_address_has_at_most_254_characters() -> None:
    longest = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 7}.jp"
    assert len(longest) == 254

    assert take(item("email"), longest) == longest
    assert "254文字以内" in refusal(item("email"), "a" * 10_000 + "@example.jp").message


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("０９０（１２３４）５６７８", "090-1234-5678"),
        ("0252281000", "025-228-1000"),
        ("+81 25 228 1000", "025-228-1000"),
        ("025ー228ー1000", "025-228-1000"),
        ("", None),
    ],
)
def test_telephone_numbers_get_their_hyphens(typed: str, kept: str | None) -> None:
    assert take(item("phone"), typed) == kept


@pytest.mark.parametrize("typed", ["1234", "090-1234-567", "電話なし", "0" * 10_000, "+1 650 253 0000"])
def test_wrong_telephone_numbers_are_refused(typed: str) -> None:
    refusal(item("phone"), typed)
