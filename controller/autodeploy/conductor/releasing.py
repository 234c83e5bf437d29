"""The release of a deployment, from the first host that runs to the hosts that may go."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from autodeploy import deployer, provisioner, sheriff, stopping
from autodeploy.aws import Cloud
from autodeploy.conductor import cache, database, existing, names
from autodeploy.conductor.building import Building
from autodeploy.conductor.deployment import Deployment, Wanted
from autodeploy.conductor.infrastructure import Infrastructure
from autodeploy.conductor.maintenance import settle_maintenance
from autodeploy.conductor.securing import announce, securing
from autodeploy.contracts import (
    BuildArtifact,
    BuildRequest,
    DeploymentConfig,
    Host,
    InfrastructureSpec,
    SecurityConfig,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import HostsKnown, ResourceDone
from autodeploy.settings import HOST_SETTINGS


@dataclass(frozen=True)
class Releasing:
    """The last stages of one deployment, over what is built and made meanwhile.

    Attributes:
        deployment: Which.
        wanted: What is to run.
        building: The artifact, in the making.
        infrastructure: What it is to run on, in the making.
        cloud: Where that is; None for hosts that exist.
        early: A play that was started ahead; None for none.
    """

    deployment: Deployment
    wanted: Wanted
    building: Building
    infrastructure: Infrastructure
    cloud: Cloud | None
    early: deployer.Rollout | None

    def release(self, leaving: tuple[Host, ...] = ()) -> None:
        """Prepare and harden the hosts, release, review.

        Args:
            leaving: Hosts that exist and are no longer named: the application leaves them.
        """
        run, folder = self.deployment.run, self.deployment.folder
        hosts = self.infrastructure.hosts()
        made_from = self.wanted.settings.model_dump(include=set(HOST_SETTINGS))
        run.journal.write(HostsKnown(hosts=hosts.hosts, host_settings=made_from))
        if self.building.future.done() and not self._ends_tls(hosts):
            self.building.future.result()
        with provisioner.admitted(self.cloud, hosts.resources, folder, run.journal.write):
            with run.stage("deployer") as log:
                config, spec = self._roll_out(hosts, log)
                settle_maintenance(self.deployment.known, spec, folder, log)
                existing.leave_if_possible(spec, leaving, folder, log)
            with stopping.uninterrupted():
                self._lead(spec)
                self._secure(config, spec)
        self._retire(spec)

    def _ends_tls(self, hosts: InfrastructureSpec) -> bool:
        return self.deployment.had_tls and not hosts.ends_tls

    def _roll_out(
        self, hosts: InfrastructureSpec, log: AgentLog
    ) -> tuple[DeploymentConfig, InfrastructureSpec]:
        building, infrastructure = self.building, self.infrastructure
        folder, authority = self.deployment.folder, self.deployment.environment.authority
        with self._rollout(hosts, log) as rollout:
            if self._ends_tls(hosts):
                # The group lets nobody in to HTTPS any more: whatever fails, none is led there.
                rollout.prepared()
            built = infrastructure.meanwhile(building.future, rollout.result)
            if isinstance(built, BuildRequest):
                rollout.prepared()
            artifact = building.artifact(hosts, folder)
            rollout.send_ahead(artifact)
            spec = infrastructure.meanwhile(infrastructure.whole, rollout.result)
            rollout.prepared()
            candidate = self._candidate(rollout, artifact, spec, log)
            return deployer.release(rollout, candidate, self.cloud, folder, log, authority), spec

    def _rollout(
        self, hosts: InfrastructureSpec, log: AgentLog
    ) -> AbstractContextManager[deployer.Rollout]:
        """The play that prepares and hardens the hosts, where they are not as they should be."""
        settings, known = self.wanted.settings, self.deployment.believed
        return deployer.rollout(
            hosts,
            self.building.order.runtime,
            known.prepared if known else {},
            securing(hosts, settings, known.secured if known else {}, log),
            settings.engine(self.wanted.stack) is not None,
            self.early,
            self.deployment.folder,
            log,
            settings.forks,
        )

    def _candidate(
        self,
        rollout: deployer.Rollout,
        artifact: BuildArtifact,
        spec: InfrastructureSpec,
        log: AgentLog,
    ) -> deployer.Candidate:
        deployment, cloud, stack = self.deployment, self.cloud, self.wanted.stack
        known, believed = deployment.known, deployment.believed
        user = believed.prepared.get(database.PREPARED) if believed else None
        inside = database.variables(rollout, cloud, spec, stack, user, deployment.folder, log)
        return deployer.Candidate(
            artifact,
            spec,
            stack,
            self.wanted.settings,
            given={**cache.variables(cloud, spec, stack), **inside},
            secrets=deployment.marks.values(cloud),
            occasion=deployment.occasion,
            restart=deployment.marks.restart,
            in_maintenance=known is not None and known.maintenance,
        )

    def _lead(self, spec: InfrastructureSpec) -> None:
        """Let a domain that is live lead to what serves now."""
        deployment, known = self.deployment, self.deployment.known
        if self.cloud and not names.is_early(spec, known):
            with deployment.run.stage("provisioner") as log:
                names.follow(self.cloud, spec, known, deployment.owner, log)

    def _secure(self, config: DeploymentConfig, spec: InfrastructureSpec) -> None:
        deployment, cloud, settings = self.deployment, self.cloud, self.wanted.settings
        run = deployment.run
        with run.stage("sheriff") as log:
            reviewed = run.found.security or self._reviewed()
            told = [one for host in run.journal.state.secured.values() for one in host.reports]
            acme = settings.acme.over(deployment.environment.acme)
            given = (spec, config, told, cloud, reviewed, acme, deployment.folder, log)
            had_tls = deployment.had_tls
            security = sheriff.secure(*given, hardened=settings.harden, had_tls=had_tls)
            announce(config, spec, security, log)
        if cloud:
            names.forget_former(cloud, spec, deployment.known, run.journal.agent("provisioner"))

    def _reviewed(self) -> SecurityConfig | None:
        """What was reviewed last, where nothing has come as far as the hosts since."""
        believed, before = self.deployment.believed, self.deployment.before
        return before.security if before and believed and not believed.touched else None

    def _retire(self, spec: InfrastructureSpec) -> None:
        """Let hosts go that others have taken the place of, once those have their requests."""
        deployment, cloud = self.deployment, self.cloud
        replaced = frozenset(deployment.command.replaces)
        if cloud is None or not replaced:
            return
        with deployment.run.stage("provisioner") as log:
            if spec.load_balancer:
                deployer.Balancer(cloud, spec, is_left=False).settle()
            provisioner.retire(cloud, deployment.owner, deployment.folder, log, replaced)
            # What went before this run was resumed is in its log yet.
            for one in deployment.run.journal.state.resources:
                if one.id in replaced:
                    log.write(ResourceDone(action="delete", key=one.key, type=one.type, id=one.id))
