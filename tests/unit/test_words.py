"""How numbers, and names with numbers, stand in what people read."""

from __future__ import annotations

import pytest

from autodeploy.words import natural, number_of


@pytest.mark.parametrize(("count", "said"), [(0, "0 hosts"), (1, "1 host"), (2, "2 hosts")])
def test_one_is_one(count, said):
    assert number_of(count, "host") == said


def test_names_come_by_their_numbers():
    names = ["db", "host", "host-1", "host-2", "host-2-a", "host-10", "host-10-a", "vpc", "2", "10"]
    shuffled = names[::-1]
    assert sorted(shuffled, key=natural) == ["2", "10", *names[:-2]]
