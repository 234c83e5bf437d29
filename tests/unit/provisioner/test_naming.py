"""Which names hosts get, whatever stands and whatever leaves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.provisioner.naming import host_names, number_of

NAMES = st.sets(st.integers(1, 40).map("host-{}".format), max_size=25)


def test_the_first_hosts_are_counted():
    assert host_names(3, (), ()) == ["host-1", "host-2", "host-3"]


def test_what_stands_stays_and_another_comes_in_the_zone_of_the_one_that_leaves():
    assert host_names(2, ["host-2"], ["host-1"]) == ["host-2", "host-3"]
    assert host_names(2, ["host-1"], ["host-2"]) == ["host-1", "host-4"]
    assert host_names(2, ["host-2", "host-3"], []) == ["host-2", "host-3"]


@given(st.integers(1, 20), NAMES, NAMES)
def test_they_are_as_many_as_asked_and_none_is_one_that_leaves(wanted, there, leaving):
    standing = there - leaving
    names = host_names(wanted, standing, leaving)
    assert len(set(names)) == wanted
    assert not set(names) & leaving
    kept = sorted(standing, key=number_of)[:wanted]
    assert set(kept) <= set(names)
    odd = sum(number_of(one) % 2 for one in names)
    kept_odd = sum(number_of(one) % 2 for one in kept)
    # New ones even the zones out as far as they can.
    new = wanted - len(kept)
    before = abs(2 * kept_odd - len(kept))
    assert abs(2 * odd - wanted) <= max(before - new, wanted % 2)
