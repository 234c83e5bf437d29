"""Network complete: public subnets reach the gateway, private ones do not, whatever was broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api

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


def keep_addresses(ec2, ids):
    ec2.modify_subnet_attribute(
        SubnetId=ids["subnet-public-b"], MapPublicIpOnLaunch={"Value": False}
    )


def delete_subnet(key):
    return lambda ec2, ids: ec2.delete_subnet(SubnetId=ids[key])


GATEWAY = st.sampled_from([None, detach_gateway, delete_gateway])
PUBLIC = st.sets(
    st.sampled_from([delete_default_route, disassociate("route-table-public"), keep_addresses])
)
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
        assert subnet["MapPublicIpOnLaunch"] is is_public


def way_out(tables, subnet):
    """Where AWS sends what a subnet has for elsewhere: its own table, else the main one."""
    own = [one for one in tables if any(a.get("SubnetId") == subnet for a in one["Associations"])]
    main = [one for one in tables if any(a["Main"] for a in one["Associations"])]
    (table,) = own or main
    assert own, "a subnet of ours has a table of its own"
    routes = {one["DestinationCidrBlock"]: one.get("GatewayId") for one in table["Routes"]}
    return routes.get(EVERYWHERE)
