"""A host's root file system: an overlay over the base image, and what makes the host itself."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from autodeploy.contracts import Contract
from autodeploy.errors import LabError
from autodeploy.lab import machine
from autodeploy.lab.cloudinit import SshKeys, UserData
from autodeploy.lab.images import Image
from autodeploy.lab.run import run, succeeds

FIRST_BOOT = """[Unit]
Description=What the user data asks for, once
After=network-online.target
Wants=network-online.target
ConditionPathExists=!/var/lib/cloud/instance/boot-finished

[Service]
Type=oneshot
ExecStart=/var/lib/cloud/instance/script
ExecStartPost=/usr/bin/touch /var/lib/cloud/instance/boot-finished

[Install]
WantedBy=multi-user.target
"""


class HostSpec(Contract):
    """What one host is to be.

    Attributes:
        instance_id: EC2's identifier; the host's name on this machine.
        image: What it boots.
        public: Its address in the lab's range; None where it is to have none.
        private: Its address in its subnet.
        vpc_id: EC2's identifier of its VPC.
        vpc: The VPC's (first) range.
        subnet: Its subnet's range.
        groups: The identifiers of its security groups, of the same VPC.
        public_key: The key pair's public half; None where it has none.
        user_data: What else it is to have.
        mac: Its interface's hardware address; None for one of systemd-nspawn's.
        region: Where it is: EC2's names inside of a VPC have it in them.
    """

    instance_id: str
    image: Image
    public: IPv4Address | None
    private: IPv4Address
    vpc_id: str
    vpc: IPv4Network
    subnet: IPv4Network
    groups: tuple[str, ...]
    public_key: str | None
    user_data: UserData
    mac: str | None = None
    region: str = "us-east-1"

    @property
    def hostname(self) -> str:
        """What it calls itself: EC2's name for its private address, unless it was told one."""
        return self.user_data.hostname or f"ip-{str(self.private).replace('.', '-')}"

    @property
    def domain(self) -> str:
        """Where EC2's names of private addresses are."""
        if self.region == "us-east-1":
            return "ec2.internal"
        return f"{self.region}.compute.internal"


def create(folder: Path, lowers: Sequence[Path], spec: HostSpec, mtu: int) -> Path:
    """Mount a fresh overlay below `folder` and write the host's identity into it.

    Args:
        folder: Where its difference from the image is kept.
        lowers: The layers of its image, the top one first.
        spec: What it is to be.
        mtu: Bytes that a frame may carry.

    The image is ours, so no path in it leads outside. That is no longer so once the host has run:
    nothing may be written from here after that.

    Raises:
        LabError: The user data's host key is no key.
        LabBroken: The kernel refuses the overlay.
    """
    root = folder / "root"
    for name in ("upper", "work", "root"):
        (folder / name).mkdir(mode=0o755, parents=True)
    lower = ":".join(map(str, lowers))
    layers = f"lowerdir={lower},upperdir={folder / 'upper'},workdir={folder / 'work'}"
    run("mount", "-t", "overlay", "-o", layers, f"autodeploy-{spec.instance_id}", str(root))
    machine.copy_into(root, spec.image.suite)
    (root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    (root / "etc/hostname").write_text(f"{spec.hostname}\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {spec.hostname}\n")
    (root / "etc/systemd/network/10-lab.network").write_text(network_unit(spec, mtu))
    (root / "etc/resolv.conf").write_text(f"search {spec.domain}\nnameserver {spec.vpc[2]}\n")
    # Its network is made in a router's namespace, and would inherit that.
    (root / "etc/sysctl.d/10-lab.conf").write_text("net.ipv4.ip_forward = 0\n")
    _authorize(root, spec.public_key)
    _host_key(root, spec.user_data.ssh_keys)
    _first_boot(root, spec.user_data.script())
    return root


def remove(folder: Path) -> None:
    """Unmount a host's overlay and delete its folder; no process may be in it any more.

    Raises:
        LabBroken: It cannot be unmounted.
    """
    root = folder / "root"
    while os.path.ismount(root):
        if not succeeds("umount", str(root)):
            run("umount", "--lazy", str(root))
    if folder.is_dir():
        shutil.rmtree(folder)


def network_unit(spec: HostSpec, mtu: int) -> str:
    """systemd-networkd's file for the host's interface."""
    return "\n".join(
        [
            "[Match]",
            "Name=host0",
            "[Link]",
            f"MTUBytes={mtu}",
            *([f"MACAddress={spec.mac}"] if spec.mac else []),
            "[Network]",
            "LinkLocalAddressing=no",
            "IPv6AcceptRA=no",
            f"Address={spec.private}/{spec.subnet.prefixlen}",
            f"Gateway={spec.subnet[1]}",
            "",
        ]
    )


def _authorize(root: Path, public_key: str | None) -> None:
    home = root / "home/admin"
    owner = home.stat()
    keys = home / ".ssh/authorized_keys"
    keys.parent.mkdir(mode=0o700)
    keys.write_text(f"{public_key.strip()}\n" if public_key else "")
    keys.chmod(0o600)
    for one in (keys.parent, keys):
        os.chown(one, owner.st_uid, owner.st_gid)


def _host_key(root: Path, given: SshKeys | None) -> None:
    path = root / "etc/ssh/ssh_host_ed25519_key"
    if given is None:
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path))
        return
    path.touch(mode=0o600)
    path.write_text(f"{given.ed25519_private.rstrip()}\n")
    path.with_suffix(".pub").write_text(f"{given.ed25519_public.strip()}\n")
    if not _belong_together(path, given):
        raise LabError("the user data's ssh_keys are not the two halves of one ed25519 key")


def _belong_together(path: Path, given: SshKeys) -> bool:
    if not succeeds("ssh-keygen", "-y", "-P", "", "-f", str(path)):
        return False
    derived = run("ssh-keygen", "-y", "-P", "", "-f", str(path))
    return derived.split()[:2] == given.ed25519_public.split()[:2]


def _first_boot(root: Path, script: str | None) -> None:
    if script is None:
        return
    path = root / "var/lib/cloud/instance/script"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o700)
    path.write_text(script)
    (root / "etc/systemd/system/cloud-final.service").write_text(FIRST_BOOT)
    wanted = root / "etc/systemd/system/multi-user.target.wants/cloud-final.service"
    wanted.symlink_to("/etc/systemd/system/cloud-final.service")
