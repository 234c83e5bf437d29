"""Environments of one application in one network: a preview's hosts beside production's."""

from __future__ import annotations

from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import ApplicationState
from autodeploy.errors import NetworkInUse, UsageError
from autodeploy.settings import Settings

VPC = "AWS::EC2::VPC"


def in_shared_network(settings: Settings, command: Command, environment: Environment) -> Settings:
    """The settings, with the network of the environment that `network_of` names.

    Raises:
        UsageError: That environment has none, or has it elsewhere, or another one is named too.
    """
    if settings.network_of is None:
        return settings
    other = environment.store.application(command.name, settings.network_of)
    vpc = _network(other) if other else None
    if other is None or vpc is None:
        raise UsageError(
            f"network_of: {command.name} ({settings.network_of}) has no network",
            remediation=f"Deploy it first: `autodeploy deploy REPO -e {settings.network_of}`.",
        )
    if other.target != settings.target:
        raise UsageError(
            f"network_of: {command.name} ({settings.network_of}) is on the target {other.target}, "
            f"not on {settings.target}"
        )
    if settings.vpc_id not in {None, vpc}:
        raise UsageError(
            f"vpc_id {settings.vpc_id} is not the network of {settings.network_of}: that is {vpc}",
            remediation="Say one of --vpc-id and --network-of.",
        )
    return settings.model_copy(update={"vpc_id": vpc})


def refuse_shared_network(command: Command, environment: Environment) -> None:
    """Refuse to remove an environment while others live in its network.

    Raises:
        NetworkInUse: They do.
    """
    store, where = environment.store, command.settings.environment
    own = store.application(command.name, where)
    vpc = next((one.id for one in own.resources if one.type == VPC), None) if own else None
    if vpc is None:
        return
    others = (
        store.application(name, place)
        for name, place in store.applications()
        if name == command.name and place != where
    )
    guests = [one.environment for one in others if one and one.resources and _network(one) == vpc]
    if guests:
        raise NetworkInUse(
            f"{', '.join(guests)} of {command.name} is in the network of {where}, which stays",
            cause=f"the network is {vpc}",
        )


def _network(known: ApplicationState) -> str | None:
    """The VPC that an environment is in: its own, or one that it was told."""
    own = next((one.id for one in known.resources if one.type == VPC), None)
    runs = [one for one in (known.last, known.change, known.live) if one]
    told = (str(one.settings["vpc_id"]) for one in runs if one.settings.get("vpc_id"))
    return own or next(told, None)
