"""What tests of the lab share: booting a host, waiting, and looking for what is left."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import yaml

from autodeploy.lab import images, names, network
from autodeploy.lab.info import LabInfo
from autodeploy.lab.processes import identity
from autodeploy.lab.site import BRIDGE_PREFIX, Site

ATTACH_SECONDS = 5


@dataclass(frozen=True)
class Machine:
    """A host that a test has booted."""

    ec2: Any
    keys: Path
    instance_id: str
    address: str
    private_address: str

    def described(self) -> dict[str, Any]:
        found = self.ec2.describe_instances(InstanceIds=[self.instance_id])
        return found["Reservations"][0]["Instances"][0]

    def state(self) -> str:
        return self.described()["State"]["Name"]

    def at_its_new_address(self) -> Machine:
        """The same host, started again: its public address is another."""
        address = self.described()["PublicIpAddress"]
        (self.keys / "known").write_text(f"{address} {(self.keys / 'host.pub').read_text()}")
        return replace(self, address=address)

    def ssh(self, command: str) -> subprocess.CompletedProcess[str]:
        options = [
            *("BatchMode=yes", "ConnectTimeout=2", "StrictHostKeyChecking=yes"),
            f"UserKnownHostsFile={self.keys / 'known'}",
        ]
        login = f"admin@{self.address}"
        return subprocess.run(
            ["ssh", "-i", self.keys / "user", *(f"-o{one}" for one in options), login, command],
            capture_output=True,
            text=True,
            check=False,
        )

    def through(self, other: Machine) -> Callable[[str], subprocess.CompletedProcess[str]]:
        """Runs commands on a host that only this one reaches."""
        (self.keys / "known").open("a").write((other.keys / "known").read_text())
        known = f"-oUserKnownHostsFile={self.keys / 'known'}"
        jump = f"ssh -i {self.keys / 'user'} {known} -W %h:%p admin@{self.address}"
        words = [
            "ssh",
            "-i",
            other.keys / "user",
            known,
            f"-oProxyCommand={jump}",
            "-oBatchMode=yes",
        ]
        login = f"admin@{other.private_address}"
        return lambda command: subprocess.run(
            [*words, login, command], capture_output=True, text=True, check=False
        )

    def answers(self) -> bool:
        return self.ssh("true").returncode == 0

    def run(self, command: str) -> str:
        done = self.ssh(command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


def boot_host(
    info: LabInfo,
    keys: Path,
    release: int = 12,
    cloud_config: dict[str, Any] | None = None,
    wait: bool = True,
    **parameters: Any,
) -> Machine:
    """A host of a bare image that answers by SSH, unless nobody is to wait for that."""
    ec2 = api(info, "ec2")
    name = f"{keys.parent.name}-{keys.name}"  # Modules of one lab may call theirs alike.
    keys.mkdir()
    for half in ("user", "host"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", keys / half]
        subprocess.run(make, check=True)
    ec2.import_key_pair(KeyName=name, PublicKeyMaterial=(keys / "user.pub").read_bytes())
    if not {"SecurityGroupIds", "NetworkInterfaces"} & parameters.keys():
        parameters["SecurityGroupIds"] = [open_group(ec2, parameters.get("SubnetId"), name)]
    halves = {
        "ed25519_private": (keys / "host").read_text(),
        "ed25519_public": (keys / "host.pub").read_text(),
    }
    asked = {"ssh_keys": halves, **(cloud_config or {})}
    (instance,) = ec2.run_instances(
        ImageId=next(one.ami for one in images.IMAGES if one.release == release),
        MinCount=1,
        MaxCount=1,
        KeyName=name,
        UserData=f"#cloud-config\n{yaml.safe_dump(asked)}",
        **parameters,
    )["Instances"]
    private = instance["PrivateIpAddress"]
    address = instance.get("PublicIpAddress", private)
    (keys / "known").write_text(f"{address} {(keys / 'host.pub').read_text()}")
    machine = Machine(ec2, keys, instance["InstanceId"], address, private)
    if wait:
        until(machine.answers)
    return machine


def open_group(ec2: Any, subnet: str | None, name: str) -> str:
    """A group that lets SSH in from anywhere, and its members among each other."""
    vpcs = (
        ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
        if subnet
        else ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    )
    group = ec2.create_security_group(GroupName=name, Description="-", VpcId=vpcs[0]["VpcId"])
    allow(ec2, group["GroupId"], "tcp", 22, 22)
    return group["GroupId"]


def default_group(ec2: Any) -> str:
    """The default VPC's default group, whose members reach each other."""
    named = [{"Name": "group-name", "Values": ["default"]}]
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    groups = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
    return next(one["GroupId"] for one in groups if one["VpcId"] == vpcs[0]["VpcId"])


def allow(ec2: Any, group: str, protocol: str, first: int, last: int, **source: Any) -> None:
    """Let the group's members receive; from anywhere unless `source` says otherwise."""
    rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    peer = source or {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**rule, **peer}])


def api(info: LabInfo, service: str) -> Any:
    """A client of the lab's API."""
    return boto3.client(
        service,
        endpoint_url=info.endpoint_url,
        region_name=info.region,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )


def until(condition: Callable[[], Any], seconds: float = 60, pause: float = 0.05) -> Any:
    """What `condition` gives once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(pause)
    return found


def left_of(site: Site) -> list[str]:
    """Everything on this machine that bears the mark of a lab, asked of the kernel."""
    marks = (str(site.folder), site.bridge, site.table, site.cgroup, site.namespaces)
    bridge = site.bridge
    found = [
        f"link {one['ifname']}" for one in links() if bridge in (one["ifname"], one.get("master"))
    ]
    found += [f"link {name}" for name in stray_links()]
    tables = subprocess.check_output(["nft", "list", "tables"], text=True)
    mounts = Path("/proc/self/mountinfo").read_text()
    found += [line for line in (tables + mounts).splitlines() if any(one in line for one in marks)]
    # Unlike Path.rglob, os.walk passes over what another lab takes away meanwhile.
    groups = [one for _path, folders, _files in os.walk("/sys/fs/cgroup") for one in folders]
    found += [f"cgroup {one}" for one in groups if one.startswith(site.cgroup)]
    found += [f"process {pid}" for pid in processes() if any(one in marks_of(pid) for one in marks)]
    found += [f"namespace {one.name}" for one in Path("/run/netns").glob(f"{site.namespaces}*")]
    found += [f"name {line}" for line in names.left(site)]
    found += [f"folder {one}" for one in (site.hosts, site.names, site.acme) if one.exists()]
    return found + machine_settings()


def links() -> list[dict[str, Any]]:
    """This machine's network interfaces, as `ip` describes them."""
    found: list[dict[str, Any]] = json.loads(subprocess.check_output(["ip", "-json", "link"]))
    return found


def stray_links() -> set[str]:
    """Uplinks and hosts' ends that are on no bridge, and stay so.

    Another lab that works beside has such for the moment between making and attaching one.
    """
    found = _unattached()
    deadline = time.monotonic() + ATTACH_SECONDS
    while found and time.monotonic() < deadline:
        time.sleep(0.1)
        found &= _unattached()
    return found


def _unattached() -> set[str]:
    ours = ("vb-i-", "vb-db-", "advpc-")
    return {
        one["ifname"] for one in links() if one["ifname"].startswith(ours) and "master" not in one
    }


def machine_settings() -> list[str]:
    """What the machine still has of any lab, although none of them runs."""
    with network.machine_lock():  # No other lab is half there.
        if any(link["ifname"].startswith(BRIDGE_PREFIX) for link in links()):
            return []
        namespaces = Path("/run/netns")
        empty = namespaces.is_dir() and not any(namespaces.iterdir())
        left = ["settings of the kernel"] if (network.SHARED / "kernel.json").exists() else []
        return left + (["mount /run/netns"] if empty else [])


def processes() -> list[int]:
    """Every process that has not ended, but us."""
    pids = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and identity(pid)]


def marks_of(pid: int) -> str:
    """What a process says of itself: its cgroups, its command line, and whose daemon it is."""
    said = _read(pid, "cgroup") + _read(pid, "cmdline")
    if "autodeploy.lab.daemon" in said:
        homes = [one for one in _read(pid, "environ").split("\0") if one.startswith("AUTODEPLOY_H")]
        said += "".join(f"{home}/lab" for home in homes)
    return said


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def pids_of(program: str, *marks: str) -> list[int]:
    """The processes of a program whose command line has all these marks in it."""
    said = {pid: _read(pid, "cmdline") for pid in processes()}
    return [
        pid
        for pid, line in said.items()
        if line.split("\0")[0] == program and all(mark in line for mark in marks)
    ]
