"""VPC and subnets: disjoint, inside the VPC, two zones, whatever else the region holds."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreign
from autodeploy.contracts import TechStack
from autodeploy.errors import NetworkRefused
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.foreign import Demand, foreign_network
from autodeploy.provisioner.kinds import Subnet, Vpc
from autodeploy.provisioner.network import free_range, two_zones
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

pytestmark = pytest.mark.property

PRIVATE = [IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
ZONES = [f"eu-central-1{letter}" for letter in "abcdef"]


@st.composite
def taken_by_others(draw):
    """A VPC that somebody else has, often just where ours would go."""
    prefix = draw(st.integers(16, 28))
    low = int(IPv4Network("10.0.0.0/14").network_address)
    address = draw(st.integers(low, low + 2**18 - 1) | st.integers(low, low + 2**24 - 1))
    return str(IPv4Network((address, prefix), strict=False))


@given(
    st.lists(taken_by_others(), max_size=30),
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
        zones = [one.zone for one in subnets if ("public" in one.key) is public]
        assert len(zones) == len(set(zones)) == 2
        assert set(zones) <= available | set(used.values())


@st.composite
def networks(draw):
    """Somebody's VPC, as AWS describes its subnets and route tables; and which zones it serves how.

    The oracle is in the order of making: a subnet is public when it was given a way out.
    """
    subnets, tables, zones = [], [], {True: set(), False: set()}
    main_leads_out = draw(st.booleans())
    tables.append(_table(draw, main_leads_out, {"Main": True}))
    for number in range(draw(st.integers(0, 6))):
        id_, zone = f"subnet-{number:08x}", draw(st.sampled_from(ZONES))
        leads_out = main_leads_out
        if draw(st.booleans()):
            leads_out = draw(st.booleans())
            tables.append(_table(draw, leads_out, {"Main": False, "SubnetId": id_}))
        usable = draw(st.booleans() | st.just(True))
        state = "available" if usable else "pending"
        room = draw(st.integers(0, 4000))
        subnets.append(
            {
                "SubnetId": id_,
                "AvailabilityZone": zone,
                "State": state,
                "AvailableIpAddressCount": room,
                "public": leads_out,
            }
        )
        if usable:
            zones[leads_out].add(zone)
    return draw(st.permutations(subnets)), draw(st.permutations(tables)), zones


def _table(draw, leads_out, association):
    ways = [{"GatewayId": "igw-1", "State": "active"}]
    dead_ends = [
        {"NatGatewayId": "nat-1", "State": "active"},
        {"GatewayId": "vgw-1", "State": "active"},
        {"GatewayId": "igw-1", "State": "blackhole"},
        None,
    ]
    way = draw(st.sampled_from(ways if leads_out else dead_ends))
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    routes = [local] + ([{"DestinationCidrBlock": "0.0.0.0/0", **way}] if way else [])
    return {"Associations": [association], "Routes": draw(st.permutations(routes))}


@given(networks(), st.integers(1, 2), st.sampled_from([0, 2]), st.data())
def test_in_somebody_elses_network_subnets_are_of_their_kind_in_two_zones(
    network, public, private, data
):
    subnets, tables, zones = network
    wanted = [Demand("public", public, "hosts"), Demand("private", private, "a database")]
    used = data.draw(st.sets(st.sampled_from([one["SubnetId"] for one in subnets] or ["none"])))
    if len(zones[True]) < public or len(zones[False]) < private:
        with pytest.raises(NetworkRefused):
            foreign_network("vpc-1", foreign.found("vpc-1", subnets, tables), wanted, used)
        return
    found = foreign_network("vpc-1", foreign.found("vpc-1", subnets, tables), wanted, used)
    assert found.pop("vpc") == "vpc-1"
    by_id = {one["SubnetId"]: one for one in subnets}
    for kind in (True, False):
        taken = [by_id[id_] for key, id_ in found.items() if ("public" in key) is kind]
        assert len(taken) == min(2, len(zones[kind]))
        assert len({one["AvailabilityZone"] for one in taken}) == len(taken)
        assert all(one["public"] is kind and one["State"] == "available" for one in taken)
    there = foreign.found("vpc-1", subnets[::-1], tables[::-1])
    again = foreign_network("vpc-1", there, wanted, frozenset(found.values()))
    assert set(again.values()) == {"vpc-1", *found.values()}


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
