"""How a host comes into being: where AWS has room, with a token that makes a retry safe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from autodeploy.aws import Cloud
from autodeploy.aws.offerings import offerings
from autodeploy.errors import CapacityMissing, CloudError, ResourceFailed, TypeNotOffered
from autodeploy.provisioner import capacity
from autodeploy.provisioner.capacity import Attempt
from autodeploy.provisioner.kinds.base import Found, Intend, Site
from autodeploy.provisioner.owner import Owner

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import InstanceMetadataOptionsRequestTypeDef

    from autodeploy.provisioner.kinds.instance import Instance

IMAGE_PARAMETER = "/aws/service/debian/release/{release}/latest/{arch}"
IMAGE_TAG = "autodeploy:image"
ROOT_DEVICE = "/dev/xvda"  # of Debian's images
ROOT_GIB = 10
IMDSV2: InstanceMetadataOptionsRequestTypeDef = {
    "HttpTokens": "required",
    "HttpPutResponseHopLimit": 1,
}
TOKEN_OF_ENDED = "IdempotentInstanceTerminated"  # noqa: S105  AWS's error code
MOST_ATTEMPTS = 20


def launch(host: Instance, subnets: Sequence[str], site: Site, intend: Intend) -> Found:
    """Run an instance; where AWS has no room, in the next zone or of the next type.

    Args:
        host: What it is to be.
        subnets: Logical names of the subnets that it may be in, the preferred one first.
        site: Where.
        intend: Called before each attempt.

    Raises:
        CloudError: AWS has no room anywhere, or refused.
    """
    left = capacity.attempts(host.instance_type, subnets, flexible=host.flexible)
    parameters, tried = _parameters(host, site), list[Attempt]()
    while True:
        one, *rest = left
        tried.append(one)
        interface = _interface(site.ids[one.subnet], site.ids[host.group])
        place = {"InstanceType": one.instance_type, "NetworkInterfaces": [interface]}
        try:
            return _run(host, site, intend, {**parameters, **place})
        except CloudError as refusal:
            left = capacity.after(one, rest, refusal)
            if not left:
                raise _given_up(host, site.cloud, refusal, tried) from refusal


def _run(host: Instance, site: Site, intend: Intend, parameters: Mapping[str, Any]) -> Found:
    """Run one instance.

    The token makes a retry after a lost answer adopt what was made. AWS remembers the tokens of
    instances that have ended and refuses them: then the next attempt's is taken.
    """
    # A want of capacity has the status of a fault of AWS: boto3 would repeat it for long.
    ec2 = site.cloud.ec2(retries=False)
    first = site.ended.get(host.key, 0)
    for attempt in range(first, first + MOST_ATTEMPTS):
        token = client_token(site.owner, host.key, attempt, parameters)
        intend(token=token)
        try:
            answer = ec2.run_instances(**parameters, ClientToken=token)
        except CloudError as error:
            if error.code != TOKEN_OF_ENDED:
                raise
            continue
        made = host.found(answer["Instances"][0])
        if made.alive:
            return made
    raise ResourceFailed(f"no attempt at {host.key} gave a new instance", action="RunInstances")


def _given_up(
    host: Instance, cloud: Cloud, refusal: CloudError, tried: list[Attempt]
) -> CloudError:
    if not isinstance(refusal, CapacityMissing | TypeNotOffered):
        return refusal
    missing = isinstance(refusal, TypeNotOffered)
    hint = type_hint(cloud, host.instance_type, host.arch) if missing else None
    return capacity.given_up(refusal, tried, hint)


def type_hint(cloud: Cloud, instance_type: str, arch: str) -> str | None:
    """What to do where a type is not to be had; None where AWS does not tell what is."""
    try:
        offers = offerings(cloud, capacity.candidates(instance_type, arch))
    except CloudError:
        return None
    return capacity.advice(instance_type, offers)


def _parameters(host: Instance, site: Site) -> dict[str, Any]:
    tags = site.owner.specification(
        host.key, "instance", "volume", "network-interface", more={IMAGE_TAG: host.image}
    )
    disk = {
        "VolumeSize": ROOT_GIB,
        "VolumeType": "gp3",
        "Encrypted": True,
        "DeleteOnTermination": True,
    }
    return {
        "ImageId": site.once(
            (host.image, host.arch), lambda: image_id(site.cloud, host.image, host.arch)
        ),
        "MinCount": 1,
        "MaxCount": 1,
        "KeyName": site.owner.name,
        "UserData": user_data(*site.keys.make_host_key(host.key)),
        "MetadataOptions": IMDSV2,
        "BlockDeviceMappings": [{"DeviceName": ROOT_DEVICE, "Ebs": disk}],
        "TagSpecifications": tags,
    }


def _interface(subnet: str, group: str) -> dict[str, Any]:
    """With a public address whatever the subnet says: SSH needs it, also behind a balancer."""
    return {
        "DeviceIndex": 0,
        "SubnetId": subnet,
        "Groups": [group],
        "AssociatePublicIpAddress": True,
        "DeleteOnTermination": True,
    }


def image_id(cloud: Cloud, image: str, arch: str) -> str:
    """The newest AMI of `debian-12` or `debian-13`, as Debian publishes it."""
    name = IMAGE_PARAMETER.format(release=image.removeprefix("debian-"), arch=arch)
    return cloud.ssm().get_parameter(Name=name)["Parameter"]["Value"]


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
