"""An application in a network that somebody else has made."""

from collections import Counter

import pytest

import foreign
import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import CloudError, NetworkRefused, ResourceFailed
from autodeploy.provisioner.foreign import Demand, foreign_network
from autodeploy.settings import Settings
from foreign import Part

pytestmark = pytest.mark.slow

WEB = TechStack(language="python", processes={"web": "run"}, databases=("postgresql",))
TWO = [Part("a", "own"), Part("b", "main"), Part("a", "none"), Part("b", "none")]
OURS = ["AWS::EC2::SecurityGroup", "AWS::EC2::KeyPair", "AWS::EC2::Instance"]


def wants(controller, vpc, **said):
    controller.settings = Settings(target="lab", vpc_id=vpc, **said)


def network(*parts, **more):
    """A foreign VPC: its identifier, and its subnets."""
    return foreign.make(moto_api.client(), moto_api.REGION, list(parts), **more)


def test_only_what_is_ours_is_made_and_the_network_stays_when_all_of_it_goes(controller):
    vpc, subnets = network(*TWO, main=True)
    before = foreign.snapshot(moto_api.client())
    wants(controller, vpc, hosts=3, load_balancer=False)
    planned = controller.plan()
    assert sorted({one.type for one in planned.actions}) == sorted(OURS)
    spec = controller.provision()
    records = moto_api.of("AWS::EC2::Instance")
    assert {one["VpcId"] for one in records} == {vpc}
    assert {subnets[one["SubnetId"]] for one in records} == {Part("a", "own"), Part("b", "main")}
    assert all(one["PublicIpAddress"] for one in records)
    assert not controller.plan().changes
    assert controller.provision() == spec
    assert foreign.snapshot(moto_api.client()) == before
    removed = controller.destroy()
    assert sorted({one.type for one in removed}) == sorted(OURS)
    assert foreign.snapshot(moto_api.client()) == before


def test_a_load_balancer_and_a_database_are_in_it_too(controller):
    vpc, subnets = network(*TWO, main=True)
    before = foreign.snapshot(moto_api.client())
    controller.stack = WEB
    wants(controller, vpc, hosts=2)
    spec = controller.provision()
    there = moto_api.everything()
    (balancer,) = there["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    stands = {subnets[one["SubnetId"]] for one in balancer["AvailabilityZones"]}
    assert stands == {Part("a", "own"), Part("b", "main")}
    (group,) = there["AWS::RDS::DBSubnetGroup"]
    lies = {subnets[one["SubnetIdentifier"]] for one in group["Subnets"]}
    assert lies == {Part("a", "none"), Part("b", "none")}
    controller.cloud.calls.clear()
    assert controller.provision() == spec
    assert moto_api.writes(controller.cloud) == []
    asked = Counter(one.action for one in controller.cloud.calls)
    # RDS describes a subnet group without its tags, and its subnets are not ours.
    assert asked.pop("rds:ListTagsForResource") == 1
    assert set(asked.values()) == {1}
    controller.destroy()
    assert foreign.snapshot(moto_api.client()) == before


def test_a_host_alone_is_content_with_one_zone_and_stays_where_it_is(controller):
    vpc, (subnet, *_) = network(Part("b", "own"))
    wants(controller, vpc)
    spec = controller.provision()
    ec2 = moto_api.client()
    other = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.200.64.0/20", AvailabilityZone=f"{moto_api.REGION}a"
    )["Subnet"]["SubnetId"]
    (table,) = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )["RouteTables"]
    ec2.associate_route_table(RouteTableId=table["RouteTableId"], SubnetId=other)
    wants(controller, vpc, hosts=2)
    assert controller.provision().hosts[0] == spec.hosts[0]
    records = moto_api.of("AWS::EC2::Instance")
    assert [one["SubnetId"] for one in records] == [subnet, other]


@pytest.mark.parametrize(
    ("parts", "more", "said", "message"),
    [
        ([], {}, {}, "has public subnets in 0 zones and needs them in 1, for 1 host"),
        (TWO, {"gateway": False}, {}, "has public subnets in 0 zones"),
        (TWO, {"main": False}, {"hosts": 2}, "in 1 zone and needs them in 2, for 2 hosts"),
        ([Part("a", "own")] * 2, {}, {"hosts": 2}, "in 1 zone and needs them in 2"),
        ([Part("a", "own")], {}, {"load_balancer": True}, "in 2, for a load balancer"),
        ([Part("a", "own")], {}, {"database": True}, "has private subnets in 0 zones"),
    ],
)
def test_a_network_that_has_not_got_what_is_needed(controller, parts, more, said, message):
    vpc, _ = network(*parts, **more)
    controller.stack = WEB
    wants(controller, vpc, **{"database": False, "load_balancer": False, **said})
    with pytest.raises(NetworkRefused) as caught:
        controller.provision()
    assert caught.value.message.startswith(vpc)
    assert message in caught.value.message
    assert moto_api.writes(controller.cloud) == []


GATEWAY = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}


def subnet(**said):
    usual = {"AvailabilityZone": "us-west-2a", "State": "available", "SubnetId": "subnet-1"}
    return {**usual, **said}


def choice(subnets, *routes, used=()):
    """The one public subnet that is chosen, where the main table has these routes."""
    tables = [{"Associations": [{"Main": True}], "Routes": routes}]
    there = foreign.found("vpc-1", subnets, tables)
    return foreign_network("vpc-1", there, [Demand("public", 1, "")], used)["subnet-public-a"]


@pytest.mark.parametrize(
    ("described", "route"),
    [
        (subnet(), {**GATEWAY, "State": "blackhole"}),
        (subnet(), {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}),
        (subnet(), {**GATEWAY, "GatewayId": "vgw-1"}),
        (subnet(), {**GATEWAY, "DestinationCidrBlock": "10.0.0.0/8"}),
        (subnet(State="pending"), GATEWAY),
        (subnet(AvailabilityZone="us-west-2-lax-1a"), GATEWAY),
        (subnet(OutpostArn="arn:aws:outposts:x"), GATEWAY),
        (subnet(Ipv6Native=True), GATEWAY),
    ],
)
def test_no_host_gets_into_a_subnet_that_is_not_for_it(described, route):
    with pytest.raises(NetworkRefused):
        choice([described], route)


def test_a_subnet_that_is_used_goes_before_one_with_more_room():
    there = [
        subnet(SubnetId="subnet-1", AvailableIpAddressCount=5),
        subnet(SubnetId="subnet-2", AvailableIpAddressCount=50),
        subnet(SubnetId="subnet-3", AvailabilityZone="us-west-2b", AvailableIpAddressCount=500),
    ]
    assert choice(there, GATEWAY) == "subnet-2"
    assert choice(there, GATEWAY, used={"subnet-1"}) == "subnet-1"
    assert choice(there, GATEWAY, used={"subnet-3"}) == "subnet-3"


def test_no_such_network(controller):
    wants(controller, "vpc-0123456789abcdef0")
    with pytest.raises(NetworkRefused, match="no VPC vpc-0123456789abcdef0"):
        controller.plan()


def test_what_is_up_does_not_move(controller):
    vpc, _ = network(*TWO, main=True)
    own = controller.provision().resources[0].id
    wants(controller, vpc)
    with pytest.raises(NetworkRefused) as caught:
        controller.provision()
    assert own in caught.value.message
    assert "autodeploy destroy" in caught.value.remediation
    wants(controller, own)
    assert not controller.plan().changes
    controller.destroy()
    wants(controller, vpc)
    controller.provision()
    for other in (None, network(*TWO, main=True)[0]):
        wants(controller, other)
        with pytest.raises(NetworkRefused, match=vpc):
            controller.provision()
    wants(controller, vpc)
    assert {one.action for one in controller.plan().actions} == {Action.NONE}


def test_a_crash_after_every_call_leaves_the_network_as_it_was(controller, one_at_a_time):
    vpc, _ = network(*TWO, main=True)
    before = foreign.snapshot(moto_api.client())
    wants(controller, vpc, hosts=2)
    calls = 0
    for step in ("provision", "destroy"):
        while True:
            try:
                with moto_api.crash_after(1):
                    getattr(controller.restarted(), step)()
            except moto_api.Crash:
                calls += 1
            else:
                break
    assert calls >= 8
    assert foreign.snapshot(moto_api.client()) == before


def tagged(controller, key, range_, zone):
    """A subnet that somebody else has made and tagged as the application's."""
    vpc = next(one["VpcId"] for one in moto_api.of("AWS::EC2::VPC"))
    moto_api.client().create_subnet(
        VpcId=vpc,
        CidrBlock=range_,
        AvailabilityZone=f"{moto_api.REGION}{zone}",
        TagSpecifications=controller.owner.specification(key, "subnet"),
    )


@pytest.mark.parametrize(
    ("range_", "zone", "said"),
    [
        ("10.0.64.0/20", "a", "is in 10.0.64.0/20, not 10.0.0.0/20"),
        ("10.0.0.0/20", "c", "is in eu-central-1c, not eu-central-1a"),
    ],
)
def test_a_subnet_that_is_another_than_its_tags_say_is_named(controller, range_, zone, said):
    with pytest.raises(moto_api.Crash), moto_api.crash_after(1):
        controller.provision()
    tagged(controller, "subnet-public-a", range_, zone)
    tagged(controller, "subnet-private-a", "10.0.32.0/20", "a")
    with pytest.raises(ResourceFailed) as caught:
        controller.plan()
    assert caught.value.message.startswith("subnet-public-a (subnet-")
    assert said in caught.value.message
    assert "change that back" in caught.value.remediation


def test_subnets_that_are_in_one_zone_are_named(controller):
    with pytest.raises(moto_api.Crash), moto_api.crash_after(1):
        controller.provision()
    tagged(controller, "subnet-public-a", "10.0.0.0/20", "a")
    tagged(controller, "subnet-public-b", "10.0.16.0/20", "a")
    with pytest.raises(CloudError, match="are in eu-central-1a alone"):
        controller.plan()
