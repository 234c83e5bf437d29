"""What the network lets through: for each kind of rule what is dropped, and what is not."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from autodeploy.aws import Cloud, controller_address
from autodeploy.lab.network import mac_of
from autodeploy.lab.site import Site
from labkit import allow, api
from labnet import (
    is_nobodys,
    leads_to_the_lab,
    make_vpc,
    outside,
    ping,
    reaches,
    serve,
    ssh_group,
    tcp,
    udp,
)

pytestmark = pytest.mark.lab
NOWHERE = "203.0.113.0/24"


@pytest.fixture(scope="module")
def site(lab, module_boot):
    """Two hosts in a public subnet and one in a private one; `server` answers."""
    ec2 = api(lab, "ec2")
    vpc = make_vpc(ec2)
    ssh = ssh_group(vpc)
    subnets = {"server": vpc.public, "client": vpc.public, "inner": vpc.private}
    found = SimpleNamespace(ec2=ec2, vpc=vpc, ssh=ssh, lab=lab)
    for name, subnet in subnets.items():
        wait = subnet == vpc.public
        machine = module_boot(lab, SubnetId=subnet, SecurityGroupIds=[ssh], wait=wait)
        setattr(found, name, machine)
    serve(found.server)
    return found


@pytest.fixture
def group(site, request):
    """A new group of the server's, besides the one for SSH."""
    made = site.vpc.group(request.node.name[:200])
    put(site.server, site.ssh, made)
    yield made
    put(site.server, site.ssh)


def put(machine, *groups):
    machine.ec2.modify_instance_attribute(InstanceId=machine.instance_id, Groups=list(groups))


def permission(protocol, first, last, **peer):
    ports = {} if protocol == "-1" else {"FromPort": first, "ToPort": last}
    return [{"IpProtocol": protocol, **ports, **(peer or cidr("0.0.0.0/0"))}]


def cidr(*blocks):
    return {"IpRanges": [{"CidrIp": one} for one in blocks]}


@pytest.mark.parametrize(
    ("rule", "probe", "other"),
    [
        (("tcp", 8000, 8001), lambda at: tcp(at, 8001), lambda at: tcp(at, 8002)),
        (("tcp", 8002, 8002), lambda at: tcp(at, 8002), lambda at: tcp(at, 8001)),
        (("udp", 9000, 9000), udp, tcp),
        (("icmp", 8, -1), ping, udp),
        (("icmp", -1, -1), ping, tcp),
        (("tcp", 0, 65535), tcp, ping),
    ],
)
def test_ports_and_types(site, group, rule, probe, other):
    at = site.server.address
    assert not probe(at)
    site.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permission(*rule))
    assert probe(at)
    assert not other(at)
    site.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=permission(*rule))
    assert not probe(at)


def test_all_protocols(site, group):
    site.ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=permission("-1", None, None)
    )
    at = site.server.address
    assert tcp(at)
    assert udp(at)
    assert ping(at)


def test_addresses(site, group):
    at = site.server.address
    allow(site.ec2, group, "tcp", 8000, 8000, **cidr(NOWHERE))
    assert not tcp(at)
    here = controller_address(Cloud(endpoint_url=site.lab.endpoint_url))
    allow(site.ec2, group, "tcp", 8000, 8000, **cidr(f"{here}/32"))
    assert tcp(at)
    assert not reaches(site.client, site.server.private_address)


def test_a_prefix_list(site, group):
    made = site.ec2.create_managed_prefix_list(
        PrefixListName="lab",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": f"{site.client.private_address}/32"}],
    )["PrefixList"]["PrefixListId"]
    allow(site.ec2, group, "tcp", 8000, 8000, PrefixListIds=[{"PrefixListId": made}])
    assert reaches(site.client, site.server.private_address)
    assert not tcp(site.server.address)


def test_a_group_means_its_members_by_their_private_addresses(site, group):
    members = site.vpc.group("members")
    allow(site.ec2, group, "tcp", 8000, 8000, UserIdGroupPairs=[{"GroupId": members}])
    assert not reaches(site.client, site.server.private_address)
    put(site.client, site.ssh, members)
    assert reaches(site.client, site.server.private_address)
    assert not reaches(site.client, site.server.address), "by way of the public addresses"
    assert not tcp(site.server.address)
    put(site.client, site.ssh)
    assert not reaches(site.client, site.server.private_address)


def test_a_host_is_seen_by_its_public_address_on_the_public_way(site, group):
    allow(site.ec2, group, "tcp", 8000, 8000, **cidr(f"{site.client.address}/32"))
    assert reaches(site.client, site.server.address)
    assert not reaches(site.client, site.server.private_address)


def test_any_group_of_a_host_may_let_it_in(site, group):
    other = site.vpc.group("other")
    allow(site.ec2, group, "tcp", 8000, 8000)
    allow(site.ec2, other, "tcp", 8001, 8001)
    assert not tcp(site.server.address, 8001)
    put(site.server, site.ssh, group, other)
    assert tcp(site.server.address, 8000)
    assert tcp(site.server.address, 8001)


def test_the_default_group_lets_its_members_in_and_nobody_else(site):
    (found,) = site.ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [site.vpc.vpc_id]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    put(site.server, site.ssh, found["GroupId"])
    assert not reaches(site.client, site.server.private_address)
    put(site.client, site.ssh, found["GroupId"])
    try:
        assert reaches(site.client, site.server.private_address)
        assert not tcp(site.server.address)
    finally:
        put(site.client, site.ssh)
        put(site.server, site.ssh)


def test_what_a_host_may_send(site, group):
    allow(site.ec2, group, "tcp", 8000, 8002)
    sender, everything = site.vpc.group("sender"), permission("-1", None, None)
    allow(site.ec2, sender, "tcp", 22, 22)
    put(site.client, sender)
    at = site.server.private_address
    try:
        assert reaches(site.client, at)
        site.ec2.revoke_security_group_egress(GroupId=sender, IpPermissions=everything)
        assert not reaches(site.client, at)
        assert site.client.answers(), "replies are let out"
        narrow = permission("tcp", 8001, 8001, **cidr(f"{at}/32"))
        site.ec2.authorize_security_group_egress(GroupId=sender, IpPermissions=narrow)
        assert reaches(site.client, at, 8001)
        assert not reaches(site.client, at, 8000)
    finally:
        put(site.client, site.ssh)


def test_a_connection_outlives_the_rule_that_let_it_in(site, group):
    here = controller_address(Cloud(endpoint_url=site.lab.endpoint_url))
    rule = permission("tcp", 8000, 8000, **cidr(f"{here}/32"))
    with revoked(site, group, rule) as connection:
        connection.sendall(b"still there")
        assert connection.recv(99) == b"still there"
        assert not tcp(site.server.address)


def test_a_connection_that_aws_does_not_track_is_cut(site, group):
    """From anywhere, and the group may send everything."""
    with revoked(site, group, permission("tcp", 8000, 8000)) as connection:
        connection.sendall(b"lost")
        with pytest.raises(TimeoutError):
            connection.recv(99)


@contextlib.contextmanager
def revoked(site, group, rule):
    """A connection that works, and then the rule that let it in is gone."""
    site.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)
    with socket.create_connection((site.server.address, 8000), timeout=1) as connection:
        connection.sendall(b"hello")
        assert connection.recv(99) == b"hello"
        site.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rule)
        yield connection


def test_a_changed_rule(site, group):
    allow(site.ec2, group, "tcp", 8000, 8000)
    (rule,) = site.ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"][-1:]
    changed = {"IpProtocol": "tcp", "FromPort": 8001, "ToPort": 8001, "CidrIpv4": "0.0.0.0/0"}
    site.ec2.modify_security_group_rules(
        GroupId=group,
        SecurityGroupRules=[
            {"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": changed}
        ],
    )
    assert tcp(site.server.address, 8001)
    assert not tcp(site.server.address, 8000)


def test_neighbours_talk_through_the_router(site):
    site.client.ssh(f"timeout 1 bash -c '</dev/tcp/{site.server.private_address}/8000'")
    known = site.client.run("ip neigh").splitlines()
    hardware = {line.split("lladdr ")[1].split()[0] for line in known if "lladdr" in line}
    assert len(known) > 1
    assert hardware == {mac_of(f"{Site.here().namespace(site.vpc.vpc_id)}-br0")}, "as at first"


def test_a_private_subnet_is_reached_from_inside_only(site):
    inner = site.inner
    assert "PublicIpAddress" not in inner.described()
    assert reaches(site.client, inner.private_address, 22)
    assert leads_to_the_lab(site.client.address)
    assert not leads_to_the_lab(inner.private_address)


def test_a_private_subnet_has_no_way_out_but_names(site):
    jump = site.client.through(site.inner)
    assert jump("hostname").stdout.strip() == f"ip-{site.inner.private_address.replace('.', '-')}"
    with outside() as (address, port):
        assert reaches(site.client, address, port)
        assert jump(f"timeout 1 bash -c '</dev/tcp/{address}/{port}'").returncode != 0
    assert jump("getent ahostsv4 deb.debian.org").returncode == 0


def test_the_route_to_the_gateway_opens_and_closes_a_subnet(site):
    vpc = site.vpc
    route = {"RouteTableId": vpc.table, "DestinationCidrBlock": "0.0.0.0/0"}
    assert tcp(site.server.address, 22)
    site.ec2.delete_route(**route)
    assert not tcp(site.server.address, 22)
    site.ec2.create_route(**route, GatewayId=vpc.gateway)
    assert tcp(site.server.address, 22)
    with pytest.raises(ClientError, match="some mapped public address"):
        site.ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.vpc_id)
    assert tcp(site.server.address, 22)


def test_an_elastic_address_takes_the_place_of_the_other(site):
    server = site.server
    eip = site.ec2.allocate_address(Domain="vpc")
    site.ec2.associate_address(AllocationId=eip["AllocationId"], InstanceId=server.instance_id)
    assert server.described()["PublicIpAddress"] == eip["PublicIp"]
    assert tcp(eip["PublicIp"], 22)
    assert is_nobodys(server.address)
    site.ec2.disassociate_address(PublicIp=eip["PublicIp"])
    site.ec2.release_address(AllocationId=eip["AllocationId"])
    object.__setattr__(server, "address", server.at_its_new_address().address)
    assert tcp(server.address, 22)
    assert is_nobodys(eip["PublicIp"])


def test_the_next_host_at_an_address_is_known_as_such(site, boot):
    """The router must not send to the hardware of the one before."""
    groups = [site.ssh]
    first = boot(site.lab, SubnetId=site.vpc.public, SecurityGroupIds=groups)
    assert first.private_address in known_to_the_router(site)
    site.ec2.terminate_instances(InstanceIds=[first.instance_id])
    assert first.private_address not in known_to_the_router(site)
    boot(
        site.lab,
        SubnetId=site.vpc.public,
        SecurityGroupIds=groups,
        PrivateIpAddress=first.private_address,
    )


def known_to_the_router(site):
    namespace = Site.here().namespace(site.vpc.vpc_id)
    listed = subprocess.check_output(["ip", "-netns", namespace, "neighbour"], text=True)
    return {line.split()[0] for line in listed.splitlines()}
