"""`plan`: the same road as `deploy`, stopped before anything is changed."""

from __future__ import annotations

from autodeploy import compiler, provisioner
from autodeploy.conductor import existing, secrets
from autodeploy.conductor.approval import subject
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.cost import cheaper
from autodeploy.conductor.detailed import on_hosts
from autodeploy.conductor.forecast import Intended, forecast
from autodeploy.conductor.foreseen import release_foreseen
from autodeploy.conductor.read import read
from autodeploy.contracts import Plan, SavedPlan
from autodeploy.recon import Talk


def plan(
    command: Command, environment: Environment, talk: Talk, *, detailed: bool = False
) -> SavedPlan:
    """What a deployment would do to each resource. Changes nothing, holds no lease.

    Args:
        command: What is to be deployed.
        environment: Where to look.
        talk: Told what people should know.
        detailed: Whether hosts that exist are looked at too, by SSH: that is let in meanwhile, and
            the lease is held.
    """
    source, stack, settings = read(command, environment, talk)
    compiler.refuse(stack, settings)
    known = environment.store.application(command.name, settings.environment)
    if unset := secrets.unknown(settings, known.secrets if known else None):
        talk.warning(f"a deployment needs secrets that nobody has set: {', '.join(unset)}")
    folder = environment.store.application_folder(command.name, settings.environment)
    owner = command.owner("plan")
    live = known.live if known else None
    artifact = environment.store.artifact(live.id) if live else None
    cloud, planned, cost, whole = None, Plan(), None, settings
    if settings.target == "ssh":
        occupied = known.occupied if known else ()
        _spec, whole = existing.find(stack, settings, owner, occupied, talk)
    compiler.choose(stack, whole, environment.cache, talk)
    if settings.target != "ssh":
        cloud = environment.open_cloud()
        given = (stack, settings, cloud, owner, folder)
        beside = secrets.planned(settings, known.secrets if known else None)
        planned, cost = provisioner.plan(*given, yes_data=command.yes_data, beside=beside)
        ways = cheaper(cost.after, stack, settings, known, environment.store)
        cost = cost.model_copy(update={"suggestions": ways})
    release = release_foreseen(known, artifact, source, whole)
    is_nothing = release.is_live and not planned.changes
    intended = Intended(known, stack, whole, planned, source.commit, is_nothing=is_nothing)
    around = (command, environment, known, stack, whole, cloud, planned, talk)
    return SavedPlan(
        subject=subject(command, source, stack, settings, cloud, known),
        plan=planned,
        cost=cost,
        release=release.said,
        forecast=forecast(environment.store, command.name, intended),
        on_hosts=on_hosts(*around) if detailed else None,
    )
