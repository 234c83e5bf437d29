"""A host."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from autodeploy.aws import Cloud
from autodeploy.aws.offerings import offerings
from autodeploy.errors import CapacityMissing, CloudError, ResourceFailed, TypeNotOffered
from autodeploy.provisioner import capacity
from autodeploy.provisioner.capacity import Attempt
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.network import SUBNETS
from autodeploy.provisioner.owner import Owner, tags_of
from autodeploy.provisioner.patience import Patience
from autodeploy.provisioner.watch import Watch

IMAGE_PARAMETER = "/aws/service/debian/release/{release}/latest/{arch}"
IMAGE_TAG = "autodeploy:image"
ROOT_DEVICE = "/dev/xvda"  # of Debian's images
ROOT_GIB = 10
ENDED = frozenset({"shutting-down", "terminated"})
TOKEN_OF_ENDED = "IdempotentInstanceTerminated"  # noqa: S105  AWS's error code
MOST_ATTEMPTS = 20
RUNS_SECONDS, RUNNING_SECONDS = 20, 300  # as a rule, at most
TERMINATES_SECONDS, TERMINATED_SECONDS = 40, 600


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
    image: str
    instance_type: str
    subnet: str
    group: str
    arch: str = "amd64"
    flexible: bool = False

    @classmethod
    def describe(cls, look: Look) -> Iterator[Mapping[str, Any]]:
        """See Desired."""
        for reservation in look.tagged("describe_instances", "Reservations"):
            yield from reservation["Instances"]

    @classmethod
    def is_alive(cls, record: Mapping[str, Any]) -> bool:
        """See Desired."""
        return record["State"]["Name"] not in ENDED

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired. Where AWS has no room, the next zone or type is tried."""
        subnets = [key for key in self._subnets if key in site.ids]
        left = capacity.attempts(self.instance_type, subnets, flexible=self.flexible)
        parameters, tried = self._parameters(site), list[Attempt]()
        while True:
            one, *rest = left
            tried.append(one)
            place = {"InstanceType": one.instance_type, "SubnetId": site.ids[one.subnet]}
            try:
                return self._run(site, intend, {**parameters, **place})
            except CloudError as refusal:
                left = capacity.after(one, rest, refusal)
                if not left:
                    raise self._given_up(site.cloud, refusal, tried) from refusal

    def _run(self, site: Site, intend: Intend, parameters: Mapping[str, Any]) -> Found:
        """Run one instance.

        The token makes a retry after a lost answer adopt what was made. AWS remembers the tokens
        of instances that have ended and refuses them: then the next attempt's is taken.
        """
        # A want of capacity has the status of a fault of AWS: boto3 would repeat it for long.
        ec2 = site.cloud.ec2(retries=False)
        first = site.ended.get(self.key, 0)
        for attempt in range(first, first + MOST_ATTEMPTS):
            token = client_token(site.owner, self.key, attempt, parameters)
            intend(token=token)
            try:
                answer = ec2.run_instances(**parameters, ClientToken=token)
            except CloudError as error:
                if error.code != TOKEN_OF_ENDED:
                    raise
                continue
            made = self.found(answer["Instances"][0])
            if made.alive:
                return made
        raise ResourceFailed(f"no attempt at {self.key} gave a new instance", action="RunInstances")

    def _given_up(self, cloud: Cloud, refusal: CloudError, tried: list[Attempt]) -> CloudError:
        if not isinstance(refusal, CapacityMissing | TypeNotOffered):
            return refusal
        missing = isinstance(refusal, TypeNotOffered)
        hint = type_hint(cloud, self.instance_type, self.arch) if missing else None
        return capacity.given_up(refusal, tried, hint)

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
        return replace(found, record=await_running(site, found))

    def _parameters(self, site: Site) -> dict[str, Any]:
        tags = site.owner.specification(
            self.key, "instance", "volume", "network-interface", more={IMAGE_TAG: self.image}
        )
        disk = {
            "VolumeSize": ROOT_GIB,
            "VolumeType": "gp3",
            "Encrypted": True,
            "DeleteOnTermination": True,
        }
        return {
            "ImageId": site.once(
                (self.image, self.arch), lambda: image_id(site.cloud, self.image, self.arch)
            ),
            "MinCount": 1,
            "MaxCount": 1,
            "KeyName": site.owner.name,
            "SecurityGroupIds": [site.ids[self.group]],
            "UserData": user_data(*site.keys.make_host_key(self.key)),
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "BlockDeviceMappings": [{"DeviceName": ROOT_DEVICE, "Ebs": disk}],
            "TagSpecifications": tags,
        }

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:  # noqa: ARG002
        """See Desired."""
        if found.record["State"]["Name"] != "stopped":
            return []
        return [
            Step(
                "is stopped",
                lambda site: site.cloud.ec2().start_instances(InstanceIds=[found.id]),
            )
        ]

    def drift(self, found: Found) -> str | None:
        """See Desired."""
        wanted = {"type": self.instance_type, "image": self.image}
        present = {"type": found.record["InstanceType"], "image": image_of(found.record)}
        if self.flexible and present["type"] in capacity.comparable(self.instance_type):
            present["type"] = self.instance_type
        differing = [
            f"its {name} is {present[name]}, not {wanted[name]}"
            for name in wanted
            if wanted[name] != present[name]
        ]
        if not differing:
            return None
        return f"{' and '.join(differing)}: a change takes `autodeploy destroy` and a new deploy"

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.ec2().terminate_instances(InstanceIds=[found.id])

    @classmethod
    def await_deleted(cls, cloud: Cloud, found: Sequence[Found], patience: Patience) -> None:
        """See Desired."""
        ids = [one.id for one in found]
        patience.until(
            lambda: _have_ended(cloud, ids),
            seconds=TERMINATED_SECONDS,
            usual=TERMINATES_SECONDS,
            what=f"{', '.join(ids)} to terminate",
        )


def await_running(site: Site, found: Found) -> Mapping[str, Any]:
    """Wait until the instance runs and has a public address, and give its description.

    Raises:
        ResourceFailed: It ended instead, or it took too long.
    """
    record: Mapping[str, Any] = found.record
    look = Look(site.cloud, site.owner)
    watch = site.once(Instance, lambda: Watch(lambda: Instance.observe(look)))
    latest = watch.follow(found.id)

    def runs() -> bool:
        nonlocal record
        seen = latest()
        record = seen.record if seen else record
        return _runs(record)

    if not _runs(record):
        site.patience.until(
            runs,
            seconds=RUNNING_SECONDS,
            usual=RUNS_SECONDS,
            what=f"{found.key} ({found.id}) to run",
        )
    return record


def _runs(record: Mapping[str, Any]) -> bool:
    if record["State"]["Name"] in ENDED:
        reason = record.get("StateReason", {}).get("Message") or None
        raise ResourceFailed(f"{record['InstanceId']} ended while it started", cause=reason)
    return record["State"]["Name"] == "running" and bool(record.get("PublicIpAddress"))


def _have_ended(cloud: Cloud, identifiers: Sequence[str]) -> bool:
    """Whether all are terminated, or not known any more."""
    filters: Any = [{"Name": "instance-id", "Values": identifiers}]
    reservations = cloud.ec2().describe_instances(Filters=filters)["Reservations"]
    records = [one for each in reservations for one in each["Instances"]]
    return all(one["State"]["Name"] == "terminated" for one in records)


def type_hint(cloud: Cloud, instance_type: str, arch: str) -> str | None:
    """What to do where a type is not to be had; None where AWS does not tell what is."""
    try:
        offers = offerings(cloud, capacity.candidates(instance_type, arch))
    except CloudError:
        return None
    return capacity.advice(instance_type, offers)


def image_id(cloud: Cloud, image: str, arch: str) -> str:
    """The newest AMI of `debian-12` or `debian-13`, as Debian publishes it."""
    name = IMAGE_PARAMETER.format(release=image.removeprefix("debian-"), arch=arch)
    return cloud.ssm().get_parameter(Name=name)["Parameter"]["Value"]


def image_of(record: Mapping[str, Any]) -> str:
    """The image that an instance was made from, from its tag."""
    return tags_of(record).get(IMAGE_TAG, "unknown")


def user_data(private_key: str, public_key: str) -> str:
    """Tells cloud-init the host's SSH key, so that nothing is trusted on first use."""
    keys = {"ed25519_private": private_key, "ed25519_public": public_key}
    return "#cloud-config\n" + yaml.safe_dump({"ssh_deletekeys": True, "ssh_keys": keys})


def client_token(owner: Owner, key: str, attempt: int, parameters: Mapping[str, Any]) -> str:
    """RunInstances' idempotency token: the same for the same attempt with the same parameters.

    AWS counts the tags, and so the deployment, among the parameters: a later deployment adopts
    what a crashed one began by its tags, not by its token.
    """
    text = json.dumps(
        [owner.application, owner.environment, key, attempt, parameters], sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()
