from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.errors import LabBroken
from autodeploy.lab.api.addresses import Addresses

CIDR = IPv4Network("10.213.0.0/28")


@given(st.lists(st.booleans(), max_size=60))
def test_no_two_hosts_have_one_address(takes):
    addresses, held = Addresses(CIDR), []
    for take in takes:
        if not take:
            addresses.give_back(held.pop(0) if held else None)
        elif len(held) < CIDR.num_addresses - 3:
            held.append(addresses.take())
    assert len(set(held)) == len(held)
    assert {CIDR[0], CIDR[1], CIDR[-1]}.isdisjoint(held)
    assert all(one in CIDR for one in held)


def test_an_address_is_not_given_out_again_at_once():
    addresses = Addresses(CIDR)
    first = addresses.take()
    addresses.give_back(first)
    assert addresses.take() != first


def test_all_of_them_are_given_out_and_no_more():
    addresses = Addresses(CIDR)
    assert len({addresses.take() for _ in range(CIDR.num_addresses - 3)}) == 13
    with pytest.raises(LabBroken):
        addresses.take()
