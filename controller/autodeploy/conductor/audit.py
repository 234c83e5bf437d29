"""`audit`: a look at the security of what is live. Changes nothing but, where asked, Inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from autodeploy import deployer, sheriff
from autodeploy.aws import Cloud
from autodeploy.conductor.access import access, hosts_of
from autodeploy.conductor.command import Environment
from autodeploy.conductor.standing import settings_of_live, standing
from autodeploy.contracts import (
    ApplicationState,
    Audit,
    DeploymentConfig,
    DeploymentState,
    InfrastructureSpec,
    TopicReport,
    placed,
)
from autodeploy.errors import CloudError, NotDeployed
from autodeploy.provisioner.front import host_ports
from autodeploy.runner import login_key
from autodeploy.settings import Settings
from autodeploy.sheriff import merged, scan


def audit(known: ApplicationState, settings: Settings, environment: Environment) -> Audit:
    """Scan an application's hosts, SSH, TLS and dependencies, and read what Inspector has found.

    SSH is let in while the hosts are looked at, where AWS stands before them.

    Args:
        known: The application.
        settings: Where it lives.
        environment: Where to work.

    Raises:
        NotDeployed: Nothing of it is live.
        CloudError: AWS could not be asked what is let in, or to let SSH in.
    """
    live = known.live
    if live is None or live.deployment is None or live.stack is None:
        raise NotDeployed(f"{known.application} ({known.environment}) has no live deployment")
    folder = environment.store.application_folder(known.application, known.environment)
    whole = settings_of_live(live, known, settings)
    spec = standing(known, tuple(hosts_of(known, None)), whole, login_key(folder))
    front = {"load_balancer": live.deployment.load_balancer, "domain": whole.domain}
    spec = spec.model_copy(update={"ingress_ports": host_ports(live.stack, whole), **front})
    own = deployer.loopback_port(live.deployment.release, whole.port)
    hardening = sheriff.variables(whole) if whole.harden else None
    before = live.security.reports if live.security else ()
    looks = (
        # Before SSH is let in for the look.
        sheriff.network_report(None if known.target == "ssh" else environment.open_cloud(), spec),
        *_on_hosts(known, spec, (own,), hardening, environment),
        *_from_outside(live, live.deployment, environment),
        *_by_inspector(known, environment),
    )
    reports = merged((*before, *looks))
    return Audit(
        application=known.application,
        environment=known.environment,
        deployment=live.id,
        time=datetime.now(UTC),
        findings=placed(reports),
        reports=reports,
        **scan.summed(reports),
    )


def enable_inspector(environment: Environment) -> str:
    """Enable Amazon Inspector for the account and region.

    Args:
        environment: Where to work.

    Returns:
        AWS's word for what it is then: `ENABLED`, or `ENABLING` where that takes longer.

    Raises:
        CloudError: AWS refused.
    """
    return scan.enable_inspector(environment.open_cloud())


def _on_hosts(
    known: ApplicationState,
    spec: InfrastructureSpec,
    own: tuple[int, ...],
    hardening: Mapping[str, bool] | None,
    environment: Environment,
) -> tuple[TopicReport, ...]:
    with access(known, environment):
        told = scan.scan_hosts(spec, own, hardening, environment.listener)
        # After the role: sshd may keep out for a while whoever has asked it so much.
        with ThreadPoolExecutor() as pool:
            asked = pool.map(lambda host: scan.scan_ssh(host, spec.image), spec.hosts)
            return (*told, *asked)


def _from_outside(
    live: DeploymentState, running: DeploymentConfig, environment: Environment
) -> tuple[TopicReport, ...]:
    try:
        sbom = environment.store.sbom(live.id)
    except NotDeployed:
        sbom = None
    return scan.scan_tls(running, environment.authority), scan.scan_dependencies(sbom)


def _by_inspector(known: ApplicationState, environment: Environment) -> tuple[TopicReport, ...]:
    if known.target == "ssh":
        return ()
    return (_inspected(environment.open_cloud, known),)


def _inspected(open_cloud: Callable[[], Cloud], known: ApplicationState) -> TopicReport:
    try:
        return scan.scan_with_inspector(open_cloud(), known.hosts)
    except CloudError as error:
        why = f"Amazon Inspector: not scanned, {error.message}: {error.cause}"
        return TopicReport(topic="inspector", not_verified=(why,))
