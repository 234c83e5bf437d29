"""What a host hears of itself and of others: metadata, names, its console, a reboot."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from ipaddress import IPv4Address

import pytest

from autodeploy.lab.names import Names
from autodeploy.lab.site import Site
from labkit import api, pids_of, until

pytestmark = pytest.mark.lab
URL = "http://169.254.169.254/latest"
TOKEN = f"-X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {URL}/api/token"


@pytest.fixture(scope="module")
def machine(lab, module_boot):
    return module_boot(lab, cloud_config={"hostname": "shop-1"})


@pytest.fixture(scope="module")
def other(lab, module_boot):
    return module_boot(lab)


def status(machine, words):
    return int(machine.run(f"curl -s -o /dev/null -w '%{{http_code}}' {words}"))


def metadata(machine, path):
    return machine.run(f'curl -sf -H "X-aws-ec2-metadata-token: $(curl -sf {TOKEN})" {URL}/{path}')


def test_a_host_knows_itself_and_nobody_else(machine, other):
    for one in (machine, other):
        described = one.described()
        assert metadata(one, "meta-data/instance-id") == one.instance_id
        assert metadata(one, "meta-data/ami-id") == described["ImageId"]
        assert metadata(one, "meta-data/local-ipv4") == one.private_address
        assert metadata(one, "meta-data/public-ipv4") == one.address
        assert metadata(one, "meta-data/hostname") == described["PrivateDnsName"]
        assert metadata(one, "meta-data/mac") == one.run("cat /sys/class/net/host0/address")
        assert metadata(one, "meta-data/placement/region") == "us-east-1"
        zone = described["Placement"]["AvailabilityZone"]
        assert metadata(one, "meta-data/placement/availability-zone") == zone
        groups = [group["GroupName"] for group in described["SecurityGroups"]]
        assert metadata(one, "meta-data/security-groups").split() == groups
        key = (one.keys / "user.pub").read_text().split()[1]
        assert key in metadata(one, "meta-data/public-keys/0/openssh-key")
    assert "hostname: shop-1" in metadata(machine, "user-data")


def test_the_identity_document(machine):
    document = json.loads(metadata(machine, "dynamic/instance-identity/document"))
    assert document["instanceId"] == machine.instance_id
    assert document["privateIp"] == machine.private_address


def test_nothing_without_a_token(machine):
    assert status(machine, f"{URL}/meta-data/instance-id") == 401
    assert status(machine, f"-H 'X-aws-ec2-metadata-token: made-up' {URL}/meta-data/") == 401
    assert status(machine, f"-X PUT {URL}/api/token") == 400
    assert status(machine, f"-H 'X-Forwarded-For: 10.0.0.1' {TOKEN}") == 403


def test_tokens_may_be_made_optional_and_the_service_switched_off(machine):
    change = machine.ec2.modify_instance_metadata_options
    change(InstanceId=machine.instance_id, HttpTokens="optional")
    assert machine.run(f"curl -sf {URL}/meta-data/instance-id") == machine.instance_id
    change(InstanceId=machine.instance_id, HttpEndpoint="disabled")
    assert status(machine, f"{URL}/meta-data/") == 403
    change(InstanceId=machine.instance_id, HttpEndpoint="enabled", HttpTokens="required")
    assert status(machine, f"{URL}/meta-data/") == 401


def test_a_token_travels_no_further_than_its_hop_limit(machine):
    """The answer's time to live, as tc's neighbour on the host sees it: one hop is the host."""
    change = machine.ec2.modify_instance_metadata_options
    change(InstanceId=machine.instance_id, HttpPutResponseHopLimit=1)
    inside = "sudo ip netns exec far curl -s -m 1 -o /dev/null -w '%{http_code}'"
    machine.run(
        "sudo ip netns add far && sudo ip link add near type veth peer name far netns far && "
        "sudo ip address add 192.168.9.1/24 dev near && sudo ip link set near up && "
        "sudo ip -n far address add 192.168.9.2/24 dev far && sudo ip -n far link set far up && "
        "sudo ip -n far route add default via 192.168.9.1 && "
        "echo 1 | sudo tee /proc/sys/net/ipv4/ip_forward && sudo nft add table ip n && "
        "sudo nft 'add chain ip n p { type nat hook postrouting priority 100; }' && "
        "sudo nft add rule ip n p ip saddr 192.168.9.2 masquerade"
    )
    assert machine.ssh(f"{inside} {TOKEN}").stdout.strip() == "000"
    change(InstanceId=machine.instance_id, HttpPutResponseHopLimit=2)
    assert machine.ssh(f"{inside} {TOKEN}").stdout.strip() == "200"


def resolves(machine, name):
    return machine.ssh(f"getent ahostsv4 {name}").stdout.split()[:1]


def test_names(machine, other):
    ec2s = other.described()["PrivateDnsName"]
    assert resolves(machine, ec2s) == [other.private_address]
    assert resolves(machine, ec2s.split(".")[0]) == [other.private_address]
    assert resolves(machine, "deb.debian.org")
    assert resolves(machine, "no-such-host.ec2.internal") == []


def test_a_name_of_the_labs_is_known_everywhere_until_it_is_removed(machine):
    names, name = Names(Site.here()), "db.lab.test"
    names.add(name, [IPv4Address(machine.private_address)])
    try:
        assert until(lambda: resolves(machine, name)) == [machine.private_address]
        here = subprocess.check_output(["getent", "ahostsv4", name], text=True).split()[0]
        assert here == machine.private_address
        names.add(name, [IPv4Address(machine.address)])
        until(lambda: resolves(machine, name) == [machine.address])
    finally:
        names.remove(name)
    until(lambda: resolves(machine, name) == [])
    assert subprocess.run(["getent", "ahostsv4", name], check=False).returncode != 0


def test_a_resolver_that_dies_is_started_again(machine):
    resolver = machine.run("grep -Po '(?<=^nameserver ).*' /etc/resolv.conf")
    marks = (str(Site.here().folder), f"--listen-address={resolver}")
    (pid,) = pids_of("dnsmasq", *marks)
    os.kill(pid, signal.SIGKILL)
    until(lambda: pids_of("dnsmasq", *marks) not in ([], [pid]))
    until(lambda: resolves(machine, "deb.debian.org"))


def test_the_console_is_the_hosts(lab, machine):
    said = api(lab, "ec2").get_console_output(InstanceId=machine.instance_id)["Output"]
    assert "Debian GNU/Linux" in said or "Debian GNU/Linux" in base64.b64decode(said).decode()


def test_a_reboot_on_request(machine):
    since = "systemctl show --property=UserspaceTimestampMonotonic"
    before = machine.run(since)
    machine.ec2.reboot_instances(InstanceIds=[machine.instance_id])
    assert machine.state() == "running"
    until(lambda: machine.ssh(since).stdout.strip() not in {"", before})
    assert machine.described()["PublicIpAddress"] == machine.address


def test_a_host_that_powers_itself_off_is_stopped_or_terminated_as_asked(lab, boot):
    stops = boot(lab, wait=False)
    ends = boot(lab, wait=False, InstanceInitiatedShutdownBehavior="terminate")
    for one, state in ((stops, "stopped"), (ends, "terminated")):
        until(one.answers)
        one.ssh("sudo systemctl poweroff")
        until(lambda one=one, state=state: one.state() == state)
        reason = one.described()["StateReason"]["Code"]
        assert reason == "Client.InstanceInitiatedShutdown"
    until(lambda: not (Site.here().hosts / ends.instance_id).exists())
