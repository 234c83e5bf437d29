"""Laying settings over each other, against an oracle that asks each place in turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.settings.layers import Layer, merge

KEYS = st.sampled_from("abc")
SAID = st.dictionaries(KEYS, st.integers() | st.dictionaries(KEYS, st.integers()))


def says(said, keys):
    """What a place says of a setting: a list of none or one."""
    for key in keys:
        if not isinstance(said, dict) or key not in said:
            return []
        said = said[key]
    return [said]


def covers(said, keys):
    """Whether it says something of the setting's holder that leaves no room for it."""
    return bool(says(said, keys[:1])) and not isinstance(said[keys[0]], dict)


def expected(layers, keys):
    for index, said in reversed(list(enumerate(layers))):
        if found := says(said, keys):
            return index, found[0]
        if len(keys) > 1 and covers(said, keys):
            return None
    return None


@given(st.lists(SAID, max_size=4))
def test_the_uppermost_word_counts(said):
    layers = [Layer(one, lambda _keys, n=n: n) for n, one in enumerate(said)]
    merged = merge(layers)
    for first in "abc":
        for second in "abc":
            found = expected(said, (first, second))
            inner = says(merged.values, (first, second))
            assert inner == ([found[1]] if found else [])
            if found:
                assert merged.origin((first, second)) == found[0]
        top = expected(said, (first,))
        whole = says(merged.values, (first,))
        assert bool(whole) == bool(top)
        if top and not isinstance(top[1], dict):
            assert (whole[0], merged.origin((first,))) == (top[1], top[0])
