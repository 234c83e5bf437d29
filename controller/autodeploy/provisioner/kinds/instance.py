"""A host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.contracts import IMAGES, Outage
from autodeploy.provisioner import capacity
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.launch import IMAGE_TAG, IMDSV2, launch
from autodeploy.provisioner.kinds.lifecycle import (
    ENDED,
    await_running,
    await_terminated,
    instances,
    is_running,
    resize,
    start,
)
from autodeploy.provisioner.network import SUBNETS
from autodeploy.provisioner.owner import tags_of
from autodeploy.provisioner.patience import Patience

ARCHITECTURES = {"amd64": "x86_64", "arm64": "arm64"}  # Debian's names, and AWS's
TOKEN = re.compile("[0-9a-f]{64}")
RESIZE = Outage(seconds=120, reason="a host is stopped while it gets another type")


@dataclass(frozen=True)
class Instance(Desired):
    """An EC2 instance with an encrypted disk, IMDSv2 alone, and the SSH host key that we give it.

    Attributes:
        image: `debian-12` or `debian-13`; the newest one is taken when it is made.
        instance_type: EC2's.
        subnet: Logical name of its subnet; where that zone has no room, one of the same kind.
        group: Logical name of its security group.
        arch: `amd64` or `arm64`, which the type must have.
        flexible: Whether a comparable type may stand for it: not where the user chose it.
    """

    type = "AWS::EC2::Instance"
    id_field = "InstanceId"
    replacing = "hosts are replaced at once: nothing answers until the release is on the new ones"
    image: str
    instance_type: str
    subnet: str
    group: str
    arch: str = "amd64"
    flexible: bool = False

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        return instances(look)

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:
        """See Desired."""
        return record["State"]["Name"] not in ENDED

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        return launch(self, [key for key in self._subnets if key in site.ids], site, intend)

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        return (*self._subnets, self.group, "key-pair")

    @property
    def _subnets(self) -> tuple[str, ...]:
        """Where it may be: its own subnet, and those as public or private as that."""
        kinds = {one.key: one.public for one in SUBNETS}
        alike = [key for key in kinds if kinds[key] == kinds.get(self.subnet)]
        return tuple(dict.fromkeys([self.subnet, *alike]))

    def ready(self, site: Site, found: Found) -> Found:
        """See Desired."""
        changed = self.lacks(found, site.ids)
        if not changed and is_running(found.record):
            return found
        return replace(found, record=await_running(site, found))

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        steps = []
        group = ids.get(self.group, self.group)
        if {one["GroupId"] for one in found.record["SecurityGroups"]} != {group}:
            steps.append(
                Step(f"is not in {self.group} alone", lambda site: self._join_group(site, found))
            )
        if found.record["MetadataOptions"]["HttpTokens"] != "required":
            steps.append(
                Step("answers IMDSv1", lambda site: _require_imdsv2(site.cloud, found)),
            )
        if self.gets_type(found):
            reason = (
                f"its type is {found.record['InstanceType']}, not {self.instance_type}: it is "
                "stopped for the change, some 2 minutes of downtime, one host after another"
            )
            steps.append(Step(reason, lambda site: resize(site, found, self.instance_type), RESIZE))
        elif found.record["State"]["Name"] in {"stopping", "stopped"}:
            steps.append(Step("is stopped", lambda site: start(site, found)))
        return steps

    def gets_type(self, found: Found) -> bool:
        """Whether `found` is to get another type."""
        return bool(found.record["InstanceType"] != self.instance_type) and not self.flexible

    def _join_group(self, site: Site, found: Found) -> None:
        site.cloud.ec2().modify_instance_attribute(
            InstanceId=found.id, Groups=[site.ids[self.group]]
        )

    def outdated(self, found: Found) -> str | None:
        """See Desired. Only an image of ours is told from another: a tag may be anybody's."""
        image = image_of(found.record)
        differing = []
        if image != self.image and image in IMAGES:
            differing.append(f"its image is {image}, not {self.image}")
        if found.record["Architecture"] != ARCHITECTURES[self.arch]:
            differing.append(f"its processor is {found.record['Architecture']}, not {self.arch}")
        if not differing:
            return None
        return (
            f"{' and '.join(differing)}: every such host is replaced at once, the application is "
            "down until it is released on them, and what is on their disks is lost"
        )

    def drift(self, found: Found) -> str | None:
        """See Desired."""
        present, image = found.record["InstanceType"], image_of(found.record)
        said = []
        if self.flexible and capacity.is_smaller(present, self.instance_type):
            said.append(
                f"its type is {present}, and the application needs {self.instance_type}: "
                f"--instance-type {self.instance_type} changes it"
            )
        if image not in IMAGES:
            said.append(f"its tag {IMAGE_TAG} says {image}: its image is taken for {self.image}")
        if not TOKEN.fullmatch(found.record.get("ClientToken", "")):
            said.append(
                "it was launched by somebody else: whose key logs in, and whether its disk is "
                "encrypted, nobody has looked at; terminate it, and another one is made"
            )
        return "; ".join(said) or None

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.ec2().terminate_instances(InstanceIds=[found.id])

    @classmethod
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """See Desired."""
        await_terminated(cloud, found, patience)


def _require_imdsv2(cloud: Cloud, found: Found) -> None:
    cloud.ec2().modify_instance_metadata_options(InstanceId=found.id, **IMDSV2)


def image_of(record: Mapping[str, Any]) -> str:
    """The image that an instance was made from, from its tag."""
    return tags_of(record).get(IMAGE_TAG, "unknown")
