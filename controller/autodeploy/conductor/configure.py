"""`secrets set`, `unset` and `import`: another version of an application's secrets."""

from __future__ import annotations

from autodeploy.conductor import kept, secrets
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import begun
from autodeploy.conductor.secrets import Change
from autodeploy.conductor.way import refuse_half_removed
from autodeploy.contracts import DeploymentState
from autodeploy.errors import StateError


def configure(command: Command, environment: Environment, wanted: Change) -> DeploymentState:
    """Make the change, and give the run's state; no release is made.

    Args:
        command: Names the application, which need not be deployed yet.
        environment: Where.
        wanted: What is to be otherwise.
    """
    with begun("configure", command, environment) as run:
        known = environment.store.application(command.name, command.settings.environment)
        if known:
            refuse_half_removed(known, StateError)
        cloud = None
        if command.settings.target != "ssh":
            cloud = open_cloud(command, environment, run, known.flags if known else {})
        place = kept.kept(command, environment, cloud, run.journal.state.id)
        before = known.secrets if known else None
        with run.journal.agent("conductor").step("secrets"):
            run.changed = secrets.change(run, environment, place, before, wanted) != before
    return run.journal.state
