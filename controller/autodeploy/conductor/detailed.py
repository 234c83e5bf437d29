"""What a deployment would change on hosts that exist: its preparing play, in check mode."""

from __future__ import annotations

from autodeploy import compiler, deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.standing import standing
from autodeploy.contracts import Action, ApplicationState, Difference, Host, Plan, TechStack
from autodeploy.provisioner.front import host_ports
from autodeploy.recon import Talk
from autodeploy.runner import login_key
from autodeploy.settings import Settings

GOES = frozenset({Action.REPLACE, Action.DELETE})


def on_hosts(
    command: Command,
    environment: Environment,
    known: ApplicationState | None,
    stack: TechStack,
    settings: Settings,
    cloud: Cloud | None,
    planned: Plan,
    talk: Talk,
) -> tuple[Difference, ...]:
    """What tasks would change, or that none would, of hosts that are there and stay.

    SSH is let in for that, where AWS stands before them; so nobody else works on the application
    meanwhile.

    Args:
        command: What is to be deployed.
        environment: Where to work.
        known: The application; None where it was never deployed.
        stack: What is deployed.
        settings: All settings of that.
        cloud: Where; None where hosts exist.
        planned: What is done to the infrastructure.
        talk: Told of what is fetched.

    Raises:
        LeaseHeld: Another controller works on the application.
        CloudError: AWS refused.
    """
    hosts = staying(known, planned)
    if known is None or not hosts:
        return ()
    identity = (command.name, settings.environment)
    folder = environment.store.application_folder(*identity)
    runtime = compiler.runtime(stack, settings, environment.cache, talk)
    spec = standing(known, hosts, settings, settings.ssh_key or login_key(folder))
    spec = spec.model_copy(update={"ingress_ports": host_ports(stack, settings)})
    with (
        environment.store.lease(*identity, "plan --detailed", settings.lock_wait),
        provisioner.admitted(cloud, known.resources, folder, lambda _: None),
    ):
        return told(hosts, deployer.foresee(spec, runtime, environment.listener))


def told(hosts: tuple[Host, ...], found: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """What was found, and each host that was looked at where nothing was. Pure."""
    differing = {one.host for one in found}
    same = (
        Difference(host=host.name, what="nothing would change", kind="none", reason=())
        for host in hosts
        if host.name not in differing
    )
    return (*found, *same)


def staying(known: ApplicationState | None, planned: Plan) -> tuple[Host, ...]:
    """The hosts that are there and that the plan neither replaces nor removes. Pure."""
    going = {one.id for one in planned.actions if one.action in GOES}
    return tuple(host for host in known.hosts if host.instance_id not in going) if known else ()
