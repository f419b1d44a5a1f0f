from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formbuilder.expressions.cycles import find_cycle

KEYS = st.sampled_from("abcdef")


@pytest.mark.parametrize(
    ("dependencies", "cycle"),
    [
        ({}, None),
        ({"a": {"b"}, "b": {"c"}}, None),
        ({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}, None),
        ({"a": {"a"}}, ["a", "a"]),
        ({"a": {"b"}, "b": {"a"}}, ["a", "b", "a"]),
        ({"x": {"a"}, "a": {"b"}, "b": {"c"}, "c": {"a"}}, ["a", "b", "c", "a"]),
        ({"a": {"gone"}}, None),
    ],
)
def test_a_cycle_is_given_as_a_chain_that_ends_where_it_began(
    dependencies: dict[str, set[str]], cycle: list[str] | None
) -> None:
    assert find_cycle(dependencies) == cycle


def test_a_chain_of_ten_thousand_items_is_no_problem() -> None:
    chain = {str(number): {str(number + 1)} for number in range(10_000)}

    assert find_cycle(chain) is None
    assert find_cycle(chain | {"10000": {"9999"}}) == ["9999", "10000", "9999"]


def test_many_shared_needs_do_not_take_exponential_time() -> None:
    layers = {f"{level}{side}": {f"{level + 1}a", f"{level + 1}b"} for level in range(200) for side in "ab"}

    assert find_cycle(layers) is None


@given(st.dictionaries(KEYS, st.sets(KEYS)))
def test_a_chain_is_found_exactly_when_the_items_cannot_be_put_in_order(dependencies: dict[str, set[str]]) -> None:
    cycle = find_cycle(dependencies)

    if cycle is None:
        left = {key: set(needs) for key, needs in dependencies.items()}
        while left:
            ready = [key for key, needs in left.items() if not needs & set(left)]
            assert ready
            for key in ready:
                del left[key]
    else:
        assert len(cycle) > 1
        assert cycle[0] == cycle[-1]
        assert all(need in dependencies[key] for key, need in pairwise(cycle))
