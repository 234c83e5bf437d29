"""`plan`: the same road as `deploy`, stopped before anything is changed."""

from __future__ import annotations

from autodeploy import provisioner, recon
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import Plan
from autodeploy.errors import StackUnknown
from autodeploy.recon import Talk
from autodeploy.settings import load


def plan(command: Command, environment: Environment, talk: Talk) -> Plan:
    """What a deployment would do to each resource. Changes nothing, holds no lease."""
    clones = environment.cache / "clones" / command.name
    source = recon.clone(command.repository or "", ref=command.ref, folder=clones, log=talk)
    settings = load(command.flags, source.checkout)
    stack = settings.over(recon.detect(source))
    if stack.language is None:
        raise StackUnknown(f"no stack is recognised in {source.url}", step="detect")
    folder = environment.store.application_folder(command.name, settings.environment)
    owner = command.owner("plan")
    return provisioner.plan(stack, settings, environment.open_cloud(), owner, folder)
