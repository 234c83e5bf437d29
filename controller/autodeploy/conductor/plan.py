"""`plan`: the same road as `deploy`, stopped before anything is changed."""

from __future__ import annotations

from autodeploy import compiler, provisioner
from autodeploy.conductor import existing
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.read import read
from autodeploy.contracts import Plan
from autodeploy.recon import Talk


def plan(command: Command, environment: Environment, talk: Talk) -> Plan:
    """What a deployment would do to each resource. Changes nothing, holds no lease."""
    _source, stack, settings = read(command, environment, talk)
    compiler.refuse(stack, settings)
    folder = environment.store.application_folder(command.name, settings.environment)
    owner = command.owner("plan")
    if settings.target == "ssh":
        known = environment.store.application(command.name, settings.environment)
        existing.find(stack, settings, owner, known.occupied if known else (), talk)
        return Plan()
    cloud = environment.open_cloud()
    return provisioner.plan(stack, settings, cloud, owner, folder, yes_data=command.yes_data)
