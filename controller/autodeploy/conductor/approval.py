"""What a plan is of, and whether a plan that was approved is of this very deployment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from autodeploy import __version__
from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import ApplicationState, Source, Subject, TechStack
from autodeploy.errors import PlanOutdated
from autodeploy.settings import IDENTITY, Settings

FOLDER = "what was found in the folder is otherwise"


def subject(
    command: Command,
    source: Source,
    stack: TechStack,
    settings: Settings,
    cloud: Cloud | None,
    known: ApplicationState | None,
) -> Subject:
    """What a plan for this command is of; asks AWS for the account, where it is AWS's."""
    live = known.live.deployment if known and known.live else None
    return Subject(
        application=command.name,
        environment=settings.environment,
        target=settings.target,
        region=cloud.region if cloud else None,
        account=cloud.identity().account if cloud else None,
        path=source.path,
        commit=source.commit,
        settings=_said(settings),
        stack=_digest(stack),
        live_release=live.release if live else None,
        tool_version=__version__,
    )


def refuse_foreign_plan(command: Command) -> None:
    """Refuse an approved plan of another application, before anything is noted of this one.

    Raises:
        PlanOutdated: It is.
    """
    if command.approved is None:
        return
    named = {"application": command.name, "environment": command.settings.environment}
    _refuse(command.approved.subject.model_dump(), named)


def refuse_another_plan(
    command: Command,
    environment: Environment,
    source: Source,
    stack: TechStack,
    settings: Settings,
    known: ApplicationState | None,
) -> None:
    """Refuse an approved plan of something else.

    Raises:
        PlanOutdated: It is of another source or place, made with other settings, or for when
            another release was live.
    """
    if command.approved is None:
        return
    then = command.approved.subject.model_dump()
    # Known without asking anybody.
    _refuse(then, {"target": settings.target})
    cloud = None if settings.target == "ssh" else environment.open_cloud()
    _refuse(then, subject(command, source, stack, settings, cloud, known).model_dump())


def _refuse(then: Mapping[str, Any], present: Mapping[str, Any]) -> None:
    if differing := list(_differing(then, present)):
        raise PlanOutdated(
            "the plan is not of this deployment; nothing was changed",
            cause="\n".join(differing),
            remediation="Give the options that the plan was made with, or plan anew with these: "
            "`autodeploy plan REPOSITORY --out FILE`.",
        )


def _differing(then: Mapping[str, Any], present: Mapping[str, Any]) -> Iterator[str]:
    for name in present:
        before, now = then.get(name), present[name]
        if before == now:
            continue
        if name == "stack":
            yield FOLDER
        elif isinstance(now, dict) and isinstance(before, dict):
            yield from _differing(before, {**dict.fromkeys(before), **now})
        else:
            yield f"{name.replace('_', ' ')}: {before}, not {now}"


def _said(settings: Settings) -> dict[str, Any]:
    """The settings; a variable's value could be a secret, and its digest guessed."""
    said = settings.model_dump(mode="json", exclude=set(IDENTITY))
    return {**said, "env": sorted(settings.env)}


def _digest(stack: TechStack) -> str:
    found = json.dumps(stack.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(found.encode()).hexdigest()
