"""Hosts: what boots, how it is reached, what it can do, how it goes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from autodeploy.lab import client, images
from autodeploy.lab.site import Site
from labkit import api, open_group, until

pytestmark = pytest.mark.lab
DEFAULT = images.DEFAULT.ami


@pytest.mark.parametrize("release", [12, 13])
def test_a_host_is_a_debian_that_works(lab, boot, release):
    machine = boot(lab, release=release)
    running = machine.ssh("systemctl is-system-running --wait").stdout.strip()
    assert running in {"running", "degraded"}
    assert machine.run("sudo id --user") == "0"
    assert machine.run(". /etc/os-release; echo $VERSION_ID") == str(release)
    assert "Reading package lists" in machine.run("sudo apt-get update")
    assert machine.run("sudo ufw status") == "Status: inactive"
    assert machine.state() == "running"


def test_the_host_key_is_the_one_that_was_given(lab, boot):
    machine = boot(lab)
    scanned = subprocess.check_output(["ssh-keyscan", "-t", "ed25519", machine.address], text=True)
    assert scanned.split()[1:3] == (machine.keys / "host.pub").read_text().split()[:2]


def test_root_and_passwords_do_not_log_in(lab, boot):
    settings = boot(lab).run("sudo sshd -T")
    assert "permitrootlogin no" in settings
    assert "passwordauthentication no" in settings


def test_two_hosts_reach_each_other_and_are_not_the_same(lab, boot):
    group = [open_group(api(lab, "ec2"), None, "two-hosts")]
    one, two = (boot(lab, wait=False, SecurityGroupIds=group) for _ in range(2))
    until(one.answers)
    until(two.answers)
    assert one.run("cat /etc/machine-id") != two.run("cat /etc/machine-id")
    greeting = f"head -c 4 < /dev/tcp/{two.private_address}/22"
    assert one.run(f"timeout 5 bash -c '{greeting}'") == "SSH-"
    for machine in (one, two):
        machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])


def test_a_terminated_host_is_gone(lab, boot):
    machine = boot(lab)
    site = Site.here()
    namespace = site.namespace(machine.described()["VpcId"])
    assert machine.instance_id in links(namespace)
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])
    assert machine.state() == "terminated"
    assert machine.instance_id not in {host.instance_id for host in client.status().hosts}
    assert not (site.hosts / machine.instance_id).exists()
    assert machine.instance_id not in Path("/proc/self/mountinfo").read_text()
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])
    assert machine.state() == "terminated"
    until(lambda: machine.instance_id not in links(namespace))


def links(namespace):
    return subprocess.check_output(["ip", "-netns", namespace, "link"], text=True)


def test_a_stopped_host_comes_back_with_its_files(lab, boot):
    machine = boot(lab)
    machine.run("echo kept > note && sync")
    machine.ec2.stop_instances(InstanceIds=[machine.instance_id])
    until(lambda: machine.state() == "stopped")
    assert "PublicIpAddress" not in machine.described()
    assert machine.described()["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert not machine.answers()
    machine.ec2.start_instances(InstanceIds=[machine.instance_id])
    before, machine = machine, machine.at_its_new_address()
    assert machine.address != before.address
    until(machine.answers)
    assert not before.answers()
    assert machine.run("cat note") == "kept"
    assert machine.described()["PrivateIpAddress"] == before.private_address


def test_a_host_that_reboots_itself_comes_back(lab, boot):
    machine = boot(lab)
    since = "systemctl show --property=UserspaceTimestampMonotonic"
    before = machine.run(since)
    machine.ssh("sudo systemctl reboot")
    until(lambda: machine.ssh(since).stdout.strip() not in {"", before})
    assert machine.state() == "running"


def test_user_data_names_the_host_and_runs_its_commands(lab, boot):
    asked = {
        "hostname": "shop-1",
        "runcmd": [["touch", "/run/it's"], "echo $((40 + 2)) > /run/sum"],
    }
    machine = boot(lab, cloud_config=asked)
    until(lambda: machine.answers() and machine.ssh("test -e /run/sum").returncode == 0)
    assert machine.run("hostname") == "shop-1"
    assert machine.run("cat /run/sum; ls /run/it\\'s") == "42\n/run/it's"


def test_a_host_key_of_two_halves_that_do_not_fit_ends_the_instance(lab, boot, tmp_path):
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "a"], check=True
    )
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "b"], check=True
    )
    halves = {
        "ed25519_private": (tmp_path / "a").read_text(),
        "ed25519_public": (tmp_path / "b.pub").read_text(),
    }
    machine = boot(lab, cloud_config={"ssh_keys": halves}, wait=False)
    until(lambda: machine.state() == "terminated")
    reason = machine.described()["StateReason"]
    assert reason["Code"] == "Server.InternalError"
    assert "halves" in reason["Message"]
    until(lambda: not (Site.here().hosts / machine.instance_id).exists())


def test_an_image_that_is_not_ours_is_not_found(lab):
    with pytest.raises(ClientError) as raised:
        api(lab, "ec2").run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1)
    assert raised.value.response["Error"]["Code"] == "InvalidAMIID.NotFound"


def test_debian_publishes_its_images(lab):
    found = api(lab, "ec2").describe_images(Owners=["136693071363"])["Images"]
    assert {one["ImageId"] for one in found} == {image.ami for image in images.IMAGES}


def test_calls_are_recorded_without_what_they_carry(lab, boot):
    machine = boot(lab)
    recorded = [call.action for call in client.calls()]
    for action in ("ec2:ImportKeyPair", "ec2:RunInstances"):
        assert action in recorded
    with pytest.raises(ClientError):
        machine.ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])
    last = client.calls()[-1]
    assert (last.action, last.error) == ("ec2:DescribeInstances", "InvalidInstanceID.NotFound")
    assert client.calls(since=last.time) == [last]
    assert machine.instance_id not in Site.here().calls.read_text()
