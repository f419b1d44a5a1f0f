"""The reference survives a telephone line and a hand-written note."""

from hypothesis import given
from hypothesis import strategies as st

from applications.references import ALPHABET, check_character, is_reference, new_reference

bodies = st.text(alphabet=ALPHABET, min_size=8, max_size=8)


def whole(body: str) -> str:
    return f"{body[:4]}-{body[4:]}-{check_character(body)}"


def test_new_references_are_right_and_differ() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) == 2000
    assert all(is_reference(reference) for reference in made)


@given(bodies)
def test_case_and_hyphens_do_not_matter(body: str) -> None:
    reference = whole(body)
    assert is_reference(reference.lower().replace("-", ""))


@given(bodies, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, wrong: str) -> None:
    plain = whole(body).replace("-", "")
    changed = plain[:place] + wrong + plain[place + 1 :]
    assert is_reference(changed) is (changed == plain)


@given(bodies, st.integers(0, 6))
def test_two_neighbours_exchanged_are_found(body: str, place: int) -> None:
    plain = whole(body).replace("-", "")
    changed = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    assert is_reference(changed) is (changed == plain)


@given(st.text(max_size=30))
def test_any_other_text_is_answered_without_an_error(text: str) -> None:
    assert is_reference(text) in (True, False)
