"""Network complete: public subnets reach the gateway, private ones do not, whatever was broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreign
import moto_api
from autodeploy.errors import NetworkRefused
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

EVERYWHERE = "0.0.0.0/0"


@pytest.fixture(scope="module")
def controller(tmp_path_factory):
    with moto_api.api():
        made = moto_api.Controller(tmp_path_factory.mktemp("routes"))
        made.ids = {one.key: one.id for one in made.provision().resources}
        yield made


def detach_gateway(ec2, ids):
    ec2.detach_internet_gateway(InternetGatewayId=ids["internet-gateway"], VpcId=ids["vpc"])


def delete_gateway(ec2, ids):
    detach_gateway(ec2, ids)
    ec2.delete_internet_gateway(InternetGatewayId=ids["internet-gateway"])


def delete_default_route(ec2, ids):
    table = ids["route-table-public"]
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock=EVERYWHERE)


def disassociate(table):
    def damage(ec2, ids):
        (found,) = ec2.describe_route_tables(RouteTableIds=[ids[table]])["RouteTables"]
        for one in found["Associations"]:
            ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])

    return damage


def delete_private_table(ec2, ids):
    disassociate("route-table-private")(ec2, ids)
    ec2.delete_route_table(RouteTableId=ids["route-table-private"])


def delete_subnet(key):
    return lambda ec2, ids: ec2.delete_subnet(SubnetId=ids[key])


GATEWAY = st.sampled_from([None, detach_gateway, delete_gateway])
PUBLIC = st.sets(st.sampled_from([delete_default_route, disassociate("route-table-public")]))
PRIVATE = st.sampled_from([None, disassociate("route-table-private"), delete_private_table])
SUBNETS = st.sets(
    st.sampled_from([delete_subnet(f"subnet-{one}") for one in ("private-a", "private-b")])
)


@given(GATEWAY, PUBLIC, PRIVATE, SUBNETS)
def test_the_routes_are_whole_again(controller, gateway, public, private, subnets):
    ec2 = moto_api.client()
    ids = controller.ids
    for damage in (gateway, private, *public, *subnets):
        if damage:
            damage(ec2, ids)
    ids = controller.ids = {one.key: one.id for one in controller.provision().resources}
    mine = [{"Name": "vpc-id", "Values": [ids["vpc"]]}]
    tables = ec2.describe_route_tables(Filters=mine)["RouteTables"]
    (attached,) = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [ids["vpc"]]}]
    )["InternetGateways"]
    found = ec2.describe_subnets(Filters=mine)["Subnets"]
    assert len(found) == 4
    for subnet in found:
        key = next(tag["Value"] for tag in subnet["Tags"] if tag["Key"] == "autodeploy:resource")
        way = way_out(tables, subnet["SubnetId"])
        is_public = "public" in key
        assert way == (attached["InternetGatewayId"] if is_public else None)


parts = st.lists(
    st.builds(foreign.Part, zone=st.sampled_from("abc"), way=st.sampled_from(foreign.WAYS)),
    max_size=4,
)


@pytest.fixture(scope="module")
def guest(controller, tmp_path_factory):
    """An application that lives in networks of others, next to one that has its own."""
    return moto_api.Controller(tmp_path_factory.mktemp("guest"), "guest")


@given(parts, st.booleans(), st.booleans(), st.integers(1, 3))
def test_in_somebody_elses_network_hosts_reach_the_gateway_and_nothing_is_touched(
    guest, parts, main, gateway, number
):
    ec2 = moto_api.client()
    vpc, _ = foreign.make(ec2, moto_api.REGION, parts, main=main, gateway=gateway)
    before = foreign.snapshot(ec2, "guest")
    guest.settings = Settings(target="lab", vpc_id=vpc, hosts=number, load_balancer=False)
    zones = public_zones(ec2, vpc)
    if len(zones) < min(number, 2):
        guest.cloud.calls.clear()
        with pytest.raises(NetworkRefused):
            guest.provision()
        assert moto_api.writes(guest.cloud) == []
    else:
        guest.provision()
        everywhere = moto_api.of("AWS::EC2::Instance")
        records = [one for one in everywhere if one["VpcId"] == vpc]
        assert len(records) == number
        assert {one["Placement"]["AvailabilityZone"] for one in records} <= zones
        assert len({one["Placement"]["AvailabilityZone"] for one in records}) == min(number, 2)
        assert all(one["PublicIpAddress"] for one in records)
        assert foreign.snapshot(ec2, "guest") == before
        guest.destroy()
    assert foreign.snapshot(ec2, "guest") == before
    foreign.destroy(ec2, vpc)
    moto_api.forget_deleted()


def public_zones(ec2, vpc):
    """The zones where a subnet has a way out, asked of AWS."""
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    tables = ec2.describe_route_tables(Filters=mine)["RouteTables"]
    found = ec2.describe_subnets(Filters=mine)["Subnets"]
    return {one["AvailabilityZone"] for one in found if default_route(tables, one["SubnetId"])}


def way_out(tables, subnet):
    """Where AWS sends what a subnet of ours has for elsewhere."""
    own = [one for one in tables if any(a.get("SubnetId") == subnet for a in one["Associations"])]
    assert own, "a subnet of ours has a table of its own"
    return default_route(tables, subnet)


def default_route(tables, subnet):
    """Where AWS sends what a subnet has for elsewhere: its own table, else the main one."""
    own = [one for one in tables if any(a.get("SubnetId") == subnet for a in one["Associations"])]
    main = [one for one in tables if any(a["Main"] for a in one["Associations"])]
    (table,) = own or main
    routes = {one["DestinationCidrBlock"]: one.get("GatewayId") for one in table["Routes"]}
    return routes.get(EVERYWHERE)
