from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest

from autodeploy.errors import LabBroken
from autodeploy.lab import images, network, rootfs
from autodeploy.lab.cloudinit import UserData
from autodeploy.lab.network import CANDIDATES, Network


def test_the_range_overlaps_nothing_of_the_machine():
    taken = [IPv4Network("10.213.0.0/16"), IPv4Network("172.27.5.4/32")]
    assert network.free_range(taken) == IPv4Network("172.27.16.0/20")


def test_no_range_left_is_said():
    with pytest.raises(LabBroken):
        network.free_range([IPv4Network("0.0.0.0/1"), IPv4Network("128.0.0.0/1")])
    assert network.free_range([]) == CANDIDATES[0]


def spec(public):
    return rootfs.HostSpec(
        instance_id="i-0123456789abcdef0",
        image=images.DEFAULT,
        public=public,
        private=IPv4Address("10.0.1.4"),
        vpc=IPv4Network("10.0.0.0/16"),
        public_key=None,
        user_data=UserData(),
    )


NETWORK = Network(bridge="adlab-0", cidr=IPv4Network("10.213.0.0/20"), mtu=1400)


def test_a_host_has_both_addresses_and_leaves_by_the_public_one():
    unit = rootfs.network_unit(spec(IPv4Address("10.213.0.9")), NETWORK).splitlines()
    assert "Address=10.213.0.9/20" in unit
    assert "Address=10.0.1.4/32" in unit
    assert unit.index("PreferredSource=10.213.0.9") < unit.index("Destination=10.0.0.0/16")


def test_a_private_host_leaves_by_its_only_address():
    unit = rootfs.network_unit(spec(None), NETWORK).splitlines()
    assert [line for line in unit if line.startswith("Address=")] == ["Address=10.0.1.4/32"]
    assert "10.213.0.1" in "".join(line for line in unit if line.startswith("Gateway="))
