from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from autodeploy.errors import LabBroken
from autodeploy.lab import images, network, rootfs
from autodeploy.lab.cloudinit import UserData
from autodeploy.lab.network import CANDIDATES


def test_the_range_overlaps_nothing_of_the_machine():
    taken = [IPv4Network("10.213.0.0/16"), IPv4Network("172.27.5.4/32")]
    assert network.free_range(taken) == IPv4Network("172.27.16.0/20")


def test_no_range_left_is_said():
    with pytest.raises(LabBroken):
        network.free_range([IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1")])
    assert network.free_range([]) == CANDIDATES[0]


def test_a_hardware_address_is_local_and_the_names_own():
    one, two = network.mac_of("adlab-1"), network.mac_of("adlab-2")
    assert one != two
    assert one == network.mac_of("adlab-1")
    first = int(one.split(":")[0], 16)
    assert first & 2, "locally administered"
    assert not first & 1, "of one interface"


def spec(**given):
    return rootfs.HostSpec(
        instance_id="i-0123456789abcdef0",
        image=images.DEFAULT,
        public=IPv4Address("10.213.0.9"),
        private=IPv4Address("10.0.17.4"),
        vpc_id="vpc-1",
        vpc=IPv4Network("10.0.0.0/16"),
        subnet=IPv4Network("10.0.16.0/20"),
        groups=(),
        public_key=None,
        user_data=UserData(),
        **given,
    )


def test_a_host_has_its_private_address_only_and_its_subnets_gateway():
    unit = rootfs.network_unit(spec(mac="02:00:00:00:00:09"), mtu=1400).splitlines()
    assert [line for line in unit if line.startswith("Address=")] == ["Address=10.0.17.4/20"]
    assert [line for line in unit if line.startswith("Gateway=")] == ["Gateway=10.0.16.1"]
    assert {"MTUBytes=1400", "MACAddress=02:00:00:00:00:09"} <= set(unit)
    assert "10.213.0.9" not in "".join(unit)
    assert "MACAddress" not in rootfs.network_unit(spec(), mtu=1400)


def test_ec2s_names_of_private_addresses():
    assert spec().hostname == "ip-10-0-17-4"
    assert spec().domain == "ec2.internal"
    assert spec(region="eu-west-1").domain == "eu-west-1.compute.internal"
