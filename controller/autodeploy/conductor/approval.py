"""What a plan is of, and whether a plan that was approved is of this very deployment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from autodeploy import __version__
from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import Source, Subject, TechStack
from autodeploy.errors import PlanOutdated
from autodeploy.settings import IDENTITY, Settings

INPUTS = "the settings, or what was found in the folder, are others"


def subject(
    command: Command, source: Source, stack: TechStack, settings: Settings, cloud: Cloud | None
) -> Subject:
    """What a plan for this command is of; asks AWS for the account, where it is AWS's."""
    return Subject(
        application=command.name,
        environment=settings.environment,
        target=settings.target,
        region=cloud.region if cloud else None,
        account=cloud.identity().account if cloud else None,
        path=source.path,
        commit=source.commit,
        inputs=_digest(stack, settings),
        tool_version=__version__,
    )


def refuse_another_plan(
    command: Command, environment: Environment, source: Source, stack: TechStack, settings: Settings
) -> None:
    """Refuse an approved plan of something else.

    Raises:
        PlanOutdated: It is of another application, source or place, or made with other settings.
    """
    if command.approved is None:
        return
    then = command.approved.subject.model_dump()
    # Known without asking anybody.
    _refuse(then, {"application": command.name, "target": settings.target})
    cloud = None if settings.target == "ssh" else environment.open_cloud()
    _refuse(then, subject(command, source, stack, settings, cloud).model_dump())


def _refuse(then: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    differing = [
        INPUTS if name == "inputs" else f"{name.replace('_', ' ')}: {then[name]}, not {one}"
        for name, one in present.items()
        if then[name] != one
    ]
    if differing:
        raise PlanOutdated(
            "the plan is not of this deployment; nothing was changed",
            cause="\n".join(differing),
            remediation="Give the options that the plan was made with, or plan anew with these: "
            "`autodeploy plan REPOSITORY --out FILE`.",
        )


def _digest(stack: TechStack, settings: Settings) -> str:
    said = settings.model_dump(mode="json", exclude=set(IDENTITY))
    inputs = [{**said, "env": sorted(settings.env)}, stack.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
