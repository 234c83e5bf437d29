"""Network complete: what the world reaches has a way to the gateway, and a database has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
import oracle
from autodeploy.contracts import TechStack
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

stacks = st.builds(
    TechStack,
    processes=st.sampled_from([{"web": "run"}, {"worker": "run"}]),
    databases=st.sampled_from([(), ("postgresql",), ("mysql",)]),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    hosts=st.integers(1, 4),
    load_balancer=st.sampled_from([None, True, False]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        yield tmp_path_factory.mktemp("places")


@given(stacks, settings, st.booleans())
def test_each_is_where_it_belongs(folder, stack, wanted, anew):
    """The account is what the example before left, or empty."""
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    if anew:
        controller.destroy()
    controller.provision(yes_data=True)
    there = moto_api.everything()
    (gateway,) = there["AWS::EC2::InternetGateway"]
    ways = ways_out(there)
    zones = {one["SubnetId"]: one["AvailabilityZone"] for one in there["AWS::EC2::Subnet"]}

    hosts = [one["SubnetId"] for one in there["AWS::EC2::Instance"]]
    assert len({zones[one] for one in hosts}) == min(wanted.hosts, 2)
    front = [
        each["SubnetId"]
        for one in there.get(f"{oracle.ELB}LoadBalancer", ())
        for each in one["AvailabilityZones"]
    ]
    assert len({zones[one] for one in front}) == (2 if oracle.has_balancer(stack, wanted) else 0)
    assert {ways[one] for one in hosts + front} == {gateway["InternetGatewayId"]}

    hidden = [
        each["SubnetIdentifier"]
        for one in there["AWS::RDS::DBInstance"]
        for each in one["DBSubnetGroup"]["Subnets"]
    ]
    assert len({zones[one] for one in hidden}) == (2 if oracle.has_database(stack, wanted) else 0)
    assert {ways[one] for one in hidden} <= {None}
    moto_api.forget_deleted()


def ways_out(there):
    """Where AWS sends what each of our subnets has for elsewhere; None for nowhere."""
    found = {one["SubnetId"]: None for one in there["AWS::EC2::Subnet"]}
    for table in there["AWS::EC2::RouteTable"]:
        routes = {one["DestinationCidrBlock"]: one.get("GatewayId") for one in table["Routes"]}
        for one in table["Associations"]:
            found[one["SubnetId"]] = routes.get("0.0.0.0/0")
    return found
