"""Starting the lab, taking it away, and what is left whoever dies before."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from ipaddress import IPv4Address
from pathlib import Path

import pytest

import autodeploy
from autodeploy.lab import client, netns, processes
from autodeploy.lab.names import Names
from autodeploy.lab.site import Site
from labkit import api, left_of, pids_of, until
from labnet import make_vpc

pytestmark = pytest.mark.lab
METADATA = "http://169.254.169.254/latest/meta-data/"


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "autodeploy", "lab", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def kill_daemon(site):
    pid = int(json.loads(site.daemon_record.read_bytes())["identity"].split(":")[1])
    os.kill(pid, signal.SIGKILL)
    until(lambda: not client.status().running)


def nspawn_of(machine):
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        words = one.read_bytes().split(b"\0")
        if words[0] == b"systemd-nspawn" and f"--machine={machine.instance_id}".encode() in words:
            return int(one.parent.name)
    raise AssertionError("no such systemd-nspawn")


def test_up_twice_is_one_lab_and_down_leaves_nothing(site, boot):
    assert not client.status().running
    first = client.up()
    daemon = site.daemon_record.read_text()
    machine = boot(first)
    assert client.up().endpoint_url == first.endpoint_url
    assert site.daemon_record.read_text() == daemon
    assert [host.instance_id for host in client.status().hosts] == [machine.instance_id]
    assert client.down()
    assert left_of(site) == []
    assert not client.status().running
    assert not client.down()


def test_commands_print_one_json_document(site):
    up = json.loads(cli("up", "--json").stdout)
    assert up["running"]
    assert up["endpoint_url"].startswith("http://127.0.0.1:")
    status = json.loads(cli("status", "--json").stdout)
    assert status == {**up, "hosts": []}
    assert cli("down").returncode == 0
    assert cli("down").stdout == "The lab does not run; nothing is left.\n"
    assert json.loads(cli("status", "--json").stdout)["running"] is False


def test_down_after_the_daemon_was_killed(site, boot):
    boot(client.up())
    kill_daemon(site)
    assert client.down()
    assert left_of(site) == []


def test_up_after_the_daemon_was_killed_begins_anew(site, boot):
    before = boot(client.up())
    kill_daemon(site)
    info = client.up()
    assert info.hosts == ()
    assert not (site.hosts / before.instance_id).exists()
    assert boot(info).answers()


def test_a_host_whose_nspawn_was_killed_is_terminated_and_gone(site, boot):
    machine = boot(client.up())
    os.kill(nspawn_of(machine), signal.SIGKILL)
    until(lambda: machine.state() == "terminated")
    assert "ended with -9" in machine.described()["StateReason"]["Message"]
    until(lambda: not (site.hosts / machine.instance_id).exists())
    assert client.status().hosts == ()


def test_down_after_everything_was_killed(site, boot):
    machine = boot(client.up())
    Names(site).add("db.lab.test", [IPv4Address(machine.address)])
    kill_daemon(site)
    os.kill(nspawn_of(machine), signal.SIGKILL)
    (resolver,) = pids_of("dnsmasq", str(site.folder))
    os.kill(resolver, signal.SIGKILL)
    kinds = {line.split()[0] for line in left_of(site)}
    assert kinds >= {"link", "namespace", "name", "folder"}, "what down is to find"
    assert client.down()
    assert left_of(site) == []


def test_a_namespace_without_a_record_is_found_by_its_name(site):
    subprocess.run(["ip", "netns", "add", site.namespace("vpc-0123456789abcdef0")], check=True)
    site.folder.mkdir(parents=True)
    assert client.down()
    assert left_of(site) == []


def test_a_deleted_vpc_leaves_nothing_and_two_may_have_one_range(site, boot):
    info = client.up()
    ec2 = api(info, "ec2")
    vpcs = [make_vpc(ec2) for _ in range(2)]
    hosts = [boot(info, wait=False, SubnetId=vpc.public) for vpc in vpcs]
    for one in hosts:
        until(one.answers)
    assert hosts[0].private_address == hosts[1].private_address
    assert hosts[0].run("cat /etc/machine-id") != hosts[1].run("cat /etc/machine-id")
    names = [site.namespace(vpc.vpc_id) for vpc in vpcs]
    internet = site.namespace("internet")
    assert netns.leftovers(site.namespaces) == sorted([internet, *names])
    delete_vpc(vpcs[0], hosts[0])
    assert netns.leftovers(site.namespaces) == sorted([internet, names[1]])
    assert len(pids_of("dnsmasq", str(site.folder))) == 1
    assert hosts[1].answers()


def delete_vpc(vpc, machine):
    ec2 = vpc.ec2
    group = machine.described()["SecurityGroups"][0]["GroupId"]
    ec2.terminate_instances(InstanceIds=[machine.instance_id])
    table = ec2.describe_route_tables(RouteTableIds=[vpc.table])["RouteTables"][0]
    for one in table["Associations"]:
        ec2.disassociate_route_table(AssociationId=one["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=vpc.table)
    ec2.detach_internet_gateway(InternetGatewayId=vpc.gateway, VpcId=vpc.vpc_id)
    for subnet in (vpc.public, vpc.private):
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc.vpc_id)


def test_the_checkout_that_started_it_may_be_gone(site, boot, tmp_path):
    """The daemon has read all that it needs of it."""
    copy = tmp_path / "checkout"
    shutil.copytree(Path(autodeploy.__file__).parent, copy / "autodeploy")
    subprocess.run(
        [sys.executable, "-m", "autodeploy", "lab", "up"],
        env={**os.environ, "PYTHONPATH": str(copy)},
        cwd=copy,
        check=True,
    )
    shutil.rmtree(copy)
    info = client.up()
    machine = boot(info)
    assert machine.run(f"curl -s -o /dev/null -w '%{{http_code}}' {METADATA}") == "401"
    machine.ec2.stop_instances(InstanceIds=[machine.instance_id])
    until(lambda: machine.state() == "stopped")
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])
    api(info, "elbv2").describe_load_balancers()


def test_records_of_an_earlier_boot_harm_nobody(site):
    """After a reboot the records are there, and their numbers belong to others."""
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        boot_id, pid, started = processes.identity(bystander.pid).split(":")
        for known in (f"{boot_id}:{pid}:{int(started) - 1}", f"another-boot:{pid}:{started}"):
            site.hosts.joinpath("i-0123456789abcdef0/root").mkdir(parents=True)
            site.network_record.write_text("{}")
            site.daemon_record.write_text(json.dumps({"identity": known, "port": 1}))
            assert not client.status().running
            assert client.down()
            assert bystander.poll() is None
            assert left_of(site) == []
    finally:
        bystander.kill()
        bystander.wait()


def test_two_labs_side_by_side(site, boot, tmp_path, monkeypatch):
    here = client.up()
    mine = boot(here)
    with monkeypatch.context() as patch:
        patch.setenv("AUTODEPLOY_HOME", str(tmp_path / "other"))
        other = Site.here()
        try:
            there = client.up()
            theirs = boot(there)
            assert there.endpoint_url != here.endpoint_url
            assert theirs.address != mine.address
            assert [host.instance_id for host in client.status().hosts] == [theirs.instance_id]
        finally:
            client.down()
        assert left_of(other) == []
    assert mine.answers()
    assert [host.instance_id for host in client.status().hosts] == [mine.instance_id]


def test_a_user_who_is_not_root_is_told_so():
    program = """if True:
        import os
        from autodeploy.errors import LabUnsupported
        from autodeploy.lab import client
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        try:
            client.up()
        except LabUnsupported as error:
            print(error.cause, "|", error.remediation)
    """
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "AUTODEPLOY_HOME": home},
            capture_output=True,
            text=True,
            check=False,
        )
    assert "root: you are not root" in done.stdout, done.stderr
    assert "sudo" in done.stdout
