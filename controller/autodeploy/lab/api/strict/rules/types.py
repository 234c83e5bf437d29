"""Instance types: which there are, where, and for which images. Moto has AWS's own tables."""

from __future__ import annotations

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

from autodeploy.lab.api.protocol import Refusal
from autodeploy.lab.api.strict.account import Account, subnet_asked
from autodeploy.lab.api.strict.rules import Parameters


def run_instances(account: Account, asked: Parameters) -> Refusal | None:
    """The type exists, the zone has it, and its processor is the image's."""
    kind = asked.get("InstanceType")
    if kind is None:
        return None
    return (
        unknown(kind)
        or _elsewhere(account, kind, account.zone(subnet_asked(asked)))
        or _other_processor(account, kind, asked.get("ImageId"))
    )


def unknown(kind: str) -> Refusal | None:
    """The refusal of a type that does not exist; None where it does."""
    if kind in INSTANCE_TYPES:
        return None
    message = f"Invalid value '{kind}' for InstanceType."
    return Refusal(code="InvalidParameterValue", message=message)


def vcpus(kind: str) -> int:
    """How many a type has."""
    return int(INSTANCE_TYPES[kind]["VCpuInfo"]["DefaultVCpus"])


def _elsewhere(account: Account, kind: str, zone: str | None) -> Refusal | None:
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(account.region, ())
    zones = sorted(one["Location"] for one in offers if one["InstanceType"] == kind)
    if not zones:
        return Refusal(
            code="Unsupported",
            message="The requested configuration is currently not supported. Please check the "
            "documentation for supported configurations.",
        )
    if zone is None or zone in zones:
        return None
    return Refusal(
        code="Unsupported",
        message=f"Your requested instance type ({kind}) is not supported in your requested "
        f"Availability Zone ({zone}). Please retry your request by not specifying an Availability "
        f"Zone or choosing {', '.join(zones)}.",
    )


def _other_processor(account: Account, kind: str, image: str | None) -> Refusal | None:
    known = account.ec2.amis.get(image)
    supported = INSTANCE_TYPES[kind]["ProcessorInfo"]["SupportedArchitectures"]
    if known is None or known.architecture in supported:
        return None
    return Refusal(
        code="InvalidParameterValue",
        message=f"The architecture '{','.join(supported)}' of the specified instance type does not "
        f"match the architecture '{known.architecture}' of the specified AMI. Specify an instance "
        "type and an AMI that have matching architectures, and try again.",
    )
