"""What moto's models say of a VPC: groups, and which subnets are public."""

from __future__ import annotations

from ipaddress import IPv4Network
from types import SimpleNamespace

import pytest
from moto.ec2.models import EC2Backend

from autodeploy.lab.api.ec2 import LabEC2Backend
from autodeploy.lab.api.ec2_network import TOLD
from autodeploy.lab.api.policies import policy
from autodeploy.lab.groups import Rule

WORLD = IPv4Network("0.0.0.0/0")


@pytest.fixture
def told():
    return []


@pytest.fixture
def backend(told, monkeypatch):
    machines = SimpleNamespace(know=told.append, forget=lambda vpc_id: told.append(vpc_id))
    monkeypatch.setattr(LabEC2Backend, "machines", machines, raising=False)
    return LabEC2Backend("us-east-1", "123456789012")


@pytest.fixture
def vpc(backend):
    made = backend.create_vpc("10.0.0.0/16")
    subnets = [backend.create_subnet(made.id, f"10.0.{third}.0/24") for third in (1, 2)]
    return SimpleNamespace(id=made.id, one=subnets[0], two=subnets[1])


def public(backend, vpc):
    return {str(one) for one in policy(backend, vpc.id).internet}


def test_the_default_vpc_is_public_and_its_group_is_its_members(backend):
    found = policy(backend, backend.default_vpc.id)
    assert len(found.internet) == len(backend.get_default_subnets())
    (group,) = found.groups
    assert group.ingress == (Rule(protocol="-1", peer=group.group_id),)
    assert group.egress == (Rule(protocol="-1", peer=WORLD),)


def test_a_subnet_is_public_by_its_own_table_else_by_the_main_one(backend, vpc):
    assert public(backend, vpc) == set()
    gateway = backend.create_internet_gateway()
    backend.attach_internet_gateway(gateway.id, vpc.id)
    own = backend.create_route_table(vpc.id)
    backend.create_route(own.id, "0.0.0.0/0", gateway_id=gateway.id)
    association = backend.associate_route_table(own.id, subnet_id=vpc.one.id)
    assert public(backend, vpc) == {"10.0.1.0/24"}
    (main,) = [
        one
        for one in backend.route_tables.values()
        if one.main_association_id and one.vpc_id == vpc.id
    ]
    backend.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)
    assert public(backend, vpc) == {"10.0.1.0/24", "10.0.2.0/24"}
    backend.delete_route(own.id, "0.0.0.0/0")
    assert public(backend, vpc) == {"10.0.2.0/24"}
    backend.disassociate_route_table(association)
    assert public(backend, vpc) == {"10.0.1.0/24", "10.0.2.0/24"}
    backend.detach_internet_gateway(gateway.id, vpc.id)
    assert public(backend, vpc) == set()


def test_rules(backend, vpc):
    group = backend.create_security_group("web", "-", vpc.id)
    listed = backend.create_managed_prefix_list(
        address_family="IPv4", entry=[{"Cidr": "10.9.0.0/16"}], prefix_list_name="lab"
    )
    backend.authorize_security_group_ingress(
        group.id,
        "tcp",
        "80",
        "443",
        [{"CidrIp": "10.1.2.3/8"}, {"CidrIpv6": "::/0"}],
        source_groups=[{"GroupId": group.id}],
        prefix_list_ids=[{"PrefixListId": listed.id}],
    )
    (found,) = [one for one in policy(backend, vpc.id).groups if one.group_id == group.id]
    peers = [IPv4Network("10.0.0.0/8"), group.id, IPv4Network("10.9.0.0/16")]
    wanted = [Rule(protocol="tcp", first=80, last=443, peer=peer) for peer in peers]
    assert list(found.ingress) == wanted


def test_a_group_that_moto_made_up_is_left_out(backend, vpc):
    backend.create_network_interface(vpc.one.id, "10.0.1.9", group_ids=["sg-1 } } table inet x {"])
    assert len(backend.groups[vpc.id]) == 2
    assert len(policy(backend, vpc.id).groups) == 1


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_is_a_call_of_motos(name):
    assert callable(getattr(EC2Backend, name))
    assert getattr(LabEC2Backend, name) is not getattr(EC2Backend, name)


def test_the_network_is_told_at_once(backend, vpc, told):
    told.clear()
    backend.create_security_group("web", "-", vpc.id)
    assert told == [{one: policy(backend, one) for one in backend.vpcs}]


def test_a_deleted_vpc_is_forgotten(backend, vpc, told):
    for subnet in (vpc.one, vpc.two):
        backend.delete_subnet(subnet.id)
    backend.delete_vpc(vpc.id)
    assert told[-1] == vpc.id
