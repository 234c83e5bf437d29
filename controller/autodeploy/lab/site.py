"""Where one lab keeps its things and what it calls them; two homes never share a name."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from autodeploy import paths

BRIDGE_PREFIX = "adlab"


@dataclass(frozen=True)
class Site:
    """The names of the lab of one AUTODEPLOY_HOME.

    Attributes:
        folder: Where all its state is.
        images: The cache of base images; several labs may share it.
    """

    folder: Path
    images: Path

    @classmethod
    def here(cls) -> Site:
        """The lab of the current AUTODEPLOY_HOME."""
        folder = paths.home() / "lab"
        images = os.environ.get("AUTODEPLOY_LAB_IMAGES")
        return cls(folder.resolve(), Path(images).resolve() if images else folder / "images")

    @property
    def key(self) -> str:
        """Eight hexadecimal digits that tell this lab from the others on this machine."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]

    @property
    def bridge(self) -> str:
        """The network interface; at most 15 characters."""
        return f"{BRIDGE_PREFIX}-{self.key}"

    @property
    def table(self) -> str:
        """The nftables table (family inet)."""
        return f"{BRIDGE_PREFIX}_{self.key}"

    @property
    def namespaces(self) -> str:
        """What the names of the VPCs' network namespaces begin with."""
        return f"{self.bridge}-"

    def namespace(self, vpc_id: str) -> str:
        """The network namespace of a VPC, as `ip netns` names it."""
        return f"{self.namespaces}{vpc_id}"

    def uplink(self, vpc_id: str) -> str:
        """The end of a VPC's uplink on the bridge; at most 15 characters."""
        return f"advpc-{hashlib.sha256(f'{self.key}{vpc_id}'.encode()).hexdigest()[:8]}"

    @property
    def cgroup(self) -> str:
        """The parent of the hosts' cgroups."""
        return f"autodeploy-lab-{self.key}"

    @property
    def hosts(self) -> Path:
        """One folder a host."""
        return self.folder / "hosts"

    @property
    def snapshots(self) -> Path:
        """The dumps behind the databases' snapshots."""
        return self.folder / "snapshots"

    @property
    def network_record(self) -> Path:
        """The network that was chosen; there while the lab may have something on the machine."""
        return self.folder / "network.json"

    @property
    def daemon_record(self) -> Path:
        """Which process serves the API, and where."""
        return self.folder / "daemon.json"

    @property
    def names(self) -> Path:
        """Names that every VPC knows, one file a name, in the format of /etc/hosts."""
        return self.folder / "names"

    @property
    def delegations(self) -> Path:
        """Which domains the lab's own name server answers for, as dnsmasq reads it."""
        return self.folder / "delegations.conf"

    @property
    def acme(self) -> Path:
        """What the certificate authority for everybody is configured with, and its log."""
        return self.folder / "acme"

    @property
    def names_mark(self) -> str:
        """The end of this lab's lines in /etc/hosts."""
        return f"# autodeploy-lab {self.key}"

    @property
    def log(self) -> Path:
        """What the daemon writes."""
        return self.folder / "daemon.log"

    @property
    def calls(self) -> Path:
        """Every call of the API, one JSON object a line."""
        return self.folder / "calls.jsonl"
