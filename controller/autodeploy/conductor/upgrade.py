"""`hosts upgrade`: newer packages on every host, one after another, while the others serve."""

from __future__ import annotations

from autodeploy import deployer, provisioner
from autodeploy.conductor.access import hosts_of
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.run import alone
from autodeploy.conductor.standing import standing
from autodeploy.contracts import ApplicationState
from autodeploy.errors import HostError, NotDeployed, ResourceFailed
from autodeploy.runner import connections, login_key

ALL_HEALTHY_SECONDS = 120


def upgrade(
    command: Command, environment: Environment, name: str | None, *, reboots: bool
) -> list[deployer.Upgrade]:
    """Upgrade the host of this name, or all; the log of the newest run says what was done.

    What it was killed in, the same command goes on with: hosts that have all are let be.

    Args:
        command: Names the application.
        environment: Where.
        name: The host's name; None for all.
        reboots: Whether they are rebooted also where nothing asks for it.

    Raises:
        NotDeployed: There is no such host.
        LeaseHeld: Another controller works on the application.
        HostError: A host failed or did not come back; those after it are as they were.
        ResourceFailed: A host is not healthy for the load balancer, or not again.
        CloudError: AWS refused, or could not be asked.
    """
    store, where = environment.store, command.settings.environment
    folder = store.application_folder(command.name, where)
    with alone("upgrade", command, environment):
        known = store.application(command.name, where)
        if known is None:
            raise NotDeployed(f"{command.name} has no host yet")
        chosen = hosts_of(known, name)
        journal = store.open(known.last.id, environment.listener)
        log = journal.agent("deployer")
        cloud = None if known.target == "ssh" else environment.open_cloud()
        note = journal.write
        with provisioner.admitted(cloud, known.resources, folder, note), connections(folder):
            spec = standing(known, known.hosts, command.settings, login_key(folder))
            running = known.live.deployment if known.live else None
            balancer = None
            if cloud and running and running.load_balancer:
                balancer = deployer.Balancer(cloud, spec, is_left=True)
                balancer.readmit(log)
            some = spec.model_copy(update={"hosts": tuple(chosen)})
            deployer.log_in(some, folder, log)
            try:
                if balancer:
                    # Where another host does not serve, nobody would while one is away.
                    balancer.settle(ALL_HEALTHY_SECONDS)
                return deployer.upgrade(
                    spec, chosen, running, balancer, folder, log, reboots=reboots
                )
            except (HostError, ResourceFailed) as error:
                error.remediation = _how_to_go_on(known)
                raise


def _how_to_go_on(known: ApplicationState) -> str:
    """What there is to do where a host failed; those after it were not begun."""
    named = f"{known.application} -e {known.environment}"
    look = f"Look at it with `autodeploy ssh {named} --host NAME` and mend it"
    other = f", or take another: `autodeploy hosts replace {named} NAME`"
    rest = f"; `autodeploy hosts upgrade {named}` then goes on with the rest."
    return f"{look}{'' if known.target == 'ssh' else other}{rest}"
