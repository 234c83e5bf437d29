"""VPC and subnets: disjoint, inside the VPC, two zones, whatever else the region holds."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import TechStack
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.kinds import Subnet, Vpc
from autodeploy.provisioner.network import free_range, two_zones
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

pytestmark = pytest.mark.property

PRIVATE = [IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
ZONES = [f"eu-central-1{letter}" for letter in "abcdef"]


@st.composite
def foreign(draw):
    """A VPC that somebody else has, often just where ours would go."""
    prefix = draw(st.integers(16, 28))
    low = int(IPv4Network("10.0.0.0/14").network_address)
    address = draw(st.integers(low, low + 2**18 - 1) | st.integers(low, low + 2**24 - 1))
    return str(IPv4Network((address, prefix), strict=False))


@given(
    st.lists(foreign(), max_size=30),
    st.sets(st.sampled_from(ZONES), min_size=2),
    st.dictionaries(st.sampled_from([0, 1]), st.sampled_from(ZONES), max_size=1),
)
def test_the_network_is_sound(taken, available, used):
    around = Surroundings(free_range(taken), two_zones(available, used), None)
    resources = desired(TechStack(), Settings(), around)
    (vpc,) = [IPv4Network(one.cidr) for one in resources if isinstance(one, Vpc)]
    subnets = [one for one in resources if isinstance(one, Subnet)]
    ranges = [IPv4Network(one.cidr) for one in subnets]

    assert any(vpc.subnet_of(private) for private in PRIVATE)
    assert not any(vpc.overlaps(IPv4Network(one)) for one in taken)
    assert all(one.subnet_of(vpc) for one in ranges)
    assert sum(one.num_addresses for one in ranges) == len(
        {address for one in ranges for address in (int(one[0]) + n for n in range(4096))}
    )
    for public in (True, False):
        zones = [one.zone for one in subnets if one.public is public]
        assert len(zones) == len(set(zones)) == 2
        assert set(zones) <= available | set(used.values())


@given(st.sampled_from(PRIVATE), st.integers(16, 24), st.data())
def test_a_vpc_of_any_size_holds_its_subnets(private, prefix, data):
    span = 2 ** (32 - prefix)
    places = private.num_addresses // span
    place = data.draw(st.integers(0, max(0, places - 1)))
    vpc = IPv4Network((int(private.network_address) + place * span, prefix))
    around = Surroundings(str(vpc), ("a", "b"), None)
    resources = desired(TechStack(), Settings(), around)
    ranges = [IPv4Network(one.cidr) for one in resources if isinstance(one, Subnet)]
    assert all(one.subnet_of(vpc) and one.prefixlen <= 28 for one in ranges)
    assert not any(one.overlaps(two) for one in ranges for two in ranges if one is not two)
