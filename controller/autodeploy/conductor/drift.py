"""`drift`: what is otherwise, in AWS and on the hosts, than the live deployment left it."""

from __future__ import annotations

from autodeploy import deployer, provisioner
from autodeploy.aws import Cloud
from autodeploy.conductor import kept
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.standing import settings_of_live, standing
from autodeploy.contracts import (
    ApplicationState,
    DeploymentConfig,
    DeploymentState,
    Difference,
    Drift,
    TechStack,
)
from autodeploy.errors import NotDeployed
from autodeploy.provisioner import Owner
from autodeploy.provisioner.front import host_ports
from autodeploy.runner import login_key
from autodeploy.settings import Settings


def drift(known: ApplicationState, settings: Settings, environment: Environment) -> Drift:
    """Compare an application with what its state and its settings say. Changes nothing.

    SSH is let in while the hosts are looked at, where AWS stands before them.

    Args:
        known: The application.
        settings: Where it lives, and who works on it.
        environment: Where to work.

    Raises:
        NotDeployed: Nothing of it is live.
        CloudError: AWS could not be asked.
    """
    live = known.live
    if live is None or live.deployment is None or live.stack is None:
        raise NotDeployed(
            f"{known.application} ({known.environment}) has no live deployment to compare with",
            remediation="Deploy it first; `autodeploy plan` shows what that would do.",
        )
    whole = settings_of_live(live, known, settings)
    cloud = None if known.target == "ssh" else environment.open_cloud()
    identity = (known.application, known.environment)
    # A deployment's own rules would be differences, and it would lose them with us.
    with environment.store.lease(*identity, "drift", settings.lock_wait):
        differing = _in_aws(known, live.stack, whole, cloud, environment) if cloud else ()
        differing = (*differing, *_secrets(known, whole, cloud, environment))
        on_hosts, unchecked = _on_hosts(
            known, live, live.deployment, live.stack, whole, cloud, environment
        )
    return Drift(deployment=live.id, differences=(*differing, *on_hosts), unchecked=unchecked)


def _in_aws(
    known: ApplicationState,
    stack: TechStack,
    settings: Settings,
    cloud: Cloud,
    environment: Environment,
) -> tuple[Difference, ...]:
    owner = Owner(
        application=known.application, environment=known.environment, deployment=known.last.id
    )
    folder = environment.store.application_folder(known.application, known.environment)
    return provisioner.drift(stack, settings, cloud, owner, folder, known)


def _secrets(
    known: ApplicationState, settings: Settings, cloud: Cloud | None, environment: Environment
) -> tuple[Difference, ...]:
    """Whether the version of the secrets that holds can still be read."""
    if known.secrets is None:
        return ()
    command = Command(repository=None, name=known.application, flags={}, settings=settings)
    place = kept.kept(command, environment, cloud, known.last.id)
    why = place.missing(known.secrets.version)
    return (Difference(what="secrets", kind="missing", reason=(why,)),) if why else ()


def _on_hosts(
    known: ApplicationState,
    live: DeploymentState,
    running: DeploymentConfig,
    stack: TechStack,
    settings: Settings,
    cloud: Cloud | None,
    environment: Environment,
) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    """What differs there, and what could not be compared."""
    artifact = environment.store.artifact(live.id)
    if artifact is None:
        return (), (f"the hosts: nothing here says what {live.id} has built",)
    folder = environment.store.application_folder(known.application, known.environment)
    spec = standing(known, known.hosts, settings, login_key(folder))
    spec = spec.model_copy(update={"ingress_ports": host_ports(stack, settings)})
    with provisioner.admitted(cloud, known.resources, folder, lambda _: None):
        found = deployer.inspect(spec, artifact, running, environment.listener)
    gone = deployer.unlisted(artifact)
    unchecked = (f"files of the layers {', '.join(gone)}: the cache no longer lists them",)
    return found, unchecked if gone else ()
