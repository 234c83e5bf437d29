"""`deploy`: a repository becomes a running release.

Recon reads the repository. The Compiler builds it while the Provisioner makes what it runs on; as
soon as the hosts run, the Deployer prepares them and the Sheriff hardens them, though a database is
still being made. Then the Deployer releases it, and the Sheriff reviews.

Which runtime the hosts get is known before either, and fetched where it is not the distribution's.
Hosts that exist are looked at before the build: it is made for what they run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

from autodeploy import deployer, provisioner, sheriff, stopping
from autodeploy.aws import Cloud
from autodeploy.conductor import cache, database, existing, names
from autodeploy.conductor.account import open_cloud
from autodeploy.conductor.ahead import ahead
from autodeploy.conductor.approval import refuse_another_plan, refuse_foreign_plan
from autodeploy.conductor.before import is_known_well, unchanged
from autodeploy.conductor.building import Building
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.forecast import Intended, forecast
from autodeploy.conductor.infrastructure import Infrastructure, OnHosts
from autodeploy.conductor.maintenance import settle_maintenance
from autodeploy.conductor.marks import Marks
from autodeploy.conductor.read import read
from autodeploy.conductor.run import Run, begun
from autodeploy.conductor.scaling import scaled
from autodeploy.conductor.securing import announce, securing
from autodeploy.contracts import (
    SECRETS,
    Action,
    BuildRequest,
    Cost,
    DeploymentConfig,
    DeploymentState,
    DeploymentStatus,
    Host,
    InfrastructureSpec,
    Plan,
    Prediction,
    SecurityConfig,
    Source,
    TechStack,
)
from autodeploy.journal import AgentLog, who
from autodeploy.journal.events import Foreseen, HostsKnown, ResourceDone, SourceRead
from autodeploy.runner import connections, keep_login_key
from autodeploy.settings import HOST_SETTINGS, Settings


def deploy(command: Command, environment: Environment) -> DeploymentState:
    """Carry the deployment to its end and give its state, with its error where it failed."""
    refuse_foreign_plan(command)
    with begun("deploy", command, environment) as run:
        carry_out(command, environment, run)
    return run.journal.state


def carry_out(command: Command, environment: Environment, run: Run) -> None:
    """Go all stages of a deployment; where the run goes on, what it has done already is known."""
    _Deployment(command, environment, run).carry_out()


class _Deployment:
    """The stages of one deployment."""

    def __init__(self, command: Command, environment: Environment, run: Run) -> None:
        self._command = command
        self._environment = environment
        self._run = run
        identity = (command.name, command.settings.environment)
        known = environment.store.application(*identity)
        self._before = known.live if known else None
        self._prepared = known.prepared if known else {}
        self._secured = known.secured if known else {}
        self._known_well = known is not None and is_known_well(known)
        self._occupied = known.occupied if known else ()
        self._remembered = known.flags if known else {}
        self._marks = Marks(command, environment, run, known)
        self._known = known
        self._folder = environment.store.application_folder(*identity)
        self._early: deployer.Rollout | None = None
        self._commit: str | None = None

    def carry_out(self) -> None:
        source, stack, settings = self._read()
        given = (source, stack, settings, self._known)
        refuse_another_plan(self._command, self._environment, *given)
        self._commit = source.commit
        self._marks.complete(settings)
        is_another_commit = bool(self._before and source.commit not in {None, self._before.commit})
        is_surely_new = is_another_commit or self._marks.are_new
        log = self._run.journal.agent("deployer")
        with (
            connections(self._folder),
            ahead(self._before, stack, settings, is_surely_new, self._folder, log) as self._early,
        ):
            self._change(source, stack, settings)

    def _change(self, source: Source, stack: TechStack, settings: Settings) -> None:
        """Build, and make the hosts run it."""
        found: InfrastructureSpec | None = None
        if settings.target == "ssh":
            if self._is_as_before(source, stack, settings):
                self._run.changed = False
                return
            found, settings = self._find(stack, settings)
        leaving = existing.leaving(self._occupied, found.hosts) if found else ()
        same_hosts = not found or (self._before and self._before.hosts == found.hosts)
        with self._building(source, stack, settings) as (pool, building):
            if same_hosts and not leaving and self._unchanged(building, settings):
                self._run.changed = False
            elif found:
                self._foresee(stack, settings, Plan())
                infrastructure = Infrastructure(pool, lambda _on_hosts, _stop: found)
                self._release(building, None, infrastructure, stack, settings, leaving)
            else:
                self._put_up(pool, building, stack, settings)

    def _put_up(
        self,
        pool: ThreadPoolExecutor,
        building: Building,
        stack: TechStack,
        settings: Settings,
    ) -> None:
        with ExitStack() as stages:
            log = stages.enter_context(self._run.stage("provisioner"))
            flags = self._command.infrastructure_flags(self._remembered)
            cloud = open_cloud(self._command, self._environment, self._run, flags)
            stage = stages.pop_all()
        make = partial(self._provision, stage, log, cloud, stack, settings)
        infrastructure = Infrastructure(pool, make)
        try:
            with stopping.heard(infrastructure.give_up):
                self._release(building, cloud, infrastructure, stack, settings)
        except BaseException:
            infrastructure.give_up()
            raise

    def _read(self) -> tuple[Source, TechStack, Settings]:
        with self._run.stage("recon") as log:
            source, stack, settings = read(self._command, self._environment, log)
            self._warn_of_another_repository(log)
            log.info(f"{stack.language}, {stack.framework or 'no framework'}")
            said, counts = settings.without_secrets(), scaled(self._command, self._environment)
            log.write(
                SourceRead(
                    commit=source.commit,
                    stack=stack,
                    settings=said,
                    scaled=dict(counts),
                    variables=settings.variable_marks(),
                )
            )
        return source, stack, settings

    def _is_as_before(self, source: Source, stack: TechStack, settings: Settings) -> bool:
        """Whether hosts that exist run just this, as far as can be told without a login."""
        before = self._before
        if before is None or before.commit != source.commit:
            return False
        are_the_same = existing.are_named(before.hosts, settings.addresses)
        if not are_the_same or existing.leaving(self._occupied, before.hosts):
            return False
        said = settings.model_dump(include=settings.model_fields_set & before.host_settings.keys())
        if any(before.host_settings[name] != one for name, one in said.items()):
            return False
        settings = settings.model_copy(update=before.host_settings)
        with self._building(source, stack, settings) as (_pool, building):
            return self._unchanged(building, settings)

    @contextmanager
    def _building(
        self, source: Source, stack: TechStack, settings: Settings
    ) -> Iterator[tuple[ThreadPoolExecutor, Building]]:
        """The build, begun, and the pool in which one more thread has room."""
        name = self._command.name
        # The pool ends last: a thread that fails is heard of by the stage that it belongs to.
        with (
            ThreadPoolExecutor(max_workers=2) as pool,
            Building(self._run, self._environment, name, source, stack, settings) as building,
        ):
            building.start(pool)
            yield pool, building

    def _find(self, stack: TechStack, settings: Settings) -> tuple[InfrastructureSpec, Settings]:
        with self._run.stage("provisioner") as log:
            found = existing.find(stack, settings, self._owner(), self._occupied, log)
            keep_login_key(self._folder, settings.ssh_key)
        return found

    def _warn_of_another_repository(self, log: AgentLog) -> None:
        before = self._before.repository if self._before else None
        if before not in {None, self._command.shown_repository}:
            log.warning(f"{self._command.name} came from {before} before; --name makes another")

    def _unchanged(self, building: Building, settings: Settings) -> bool:
        """Whether the application is up with exactly this build: then nothing need be asked."""
        command = self._command
        if self._before is None or command.refresh or command.yes_data or command.approved:
            return False
        if command.replaces:
            return False
        if self._run.found.status is not DeploymentStatus.PENDING:
            return False
        if settings.ends_tls(building.order.stack) and not self._serves_tls():
            return False
        if names.given_up(settings.domain, self._known):
            return False
        artifact, authority = building.here(), self._environment.authority
        if artifact is None or not self._known_well:
            return False
        marks = (self._marks.secrets, self._marks.restart)
        return unchanged(self._before, artifact, settings, *marks, self._run.journal, authority)

    def _serves_tls(self) -> bool:
        running = self._before.deployment if self._before else None
        return bool(running and (running.url or "").startswith("https:"))

    def _provision(
        self,
        stage: ExitStack,
        log: AgentLog,
        cloud: Cloud,
        stack: TechStack,
        settings: Settings,
        on_hosts: OnHosts,
        stop: threading.Event,
    ) -> InfrastructureSpec:
        with stage:
            owner, approved = self._owner(), self._command.approved

            def hosts_known(spec: InfrastructureSpec) -> None:
                # The world takes its time to hear of a record; and only now, what a load balancer
                # leaves behind is not gone yet.
                if names.is_early(spec, self._known):
                    names.lead(cloud, spec, self._known, owner, log)
                on_hosts(spec)

            return provisioner.provision(
                stack,
                settings,
                cloud,
                owner,
                self._folder,
                log,
                yes_data=self._command.yes_data,
                replaced=frozenset(self._command.replaces),
                beside=self._marks.planned,
                approved=approved.plan if approved else None,
                stop=stop,
                on_plan=partial(self._foresee, stack, settings),
                on_hosts=hosts_known,
            )

    def _foresee(
        self, stack: TechStack, settings: Settings, plan: Plan, cost: Cost | None = None
    ) -> None:
        """Note what this will do and take; a retry keeps what was noted first."""
        if self._run.journal.state.foreseen:
            return
        intended = Intended(self._known, stack, settings, plan, self._commit)
        told = forecast(self._environment.store, self._command.name, intended)
        moved = [one for one in plan.actions if one.key != SECRETS or one.action is not Action.NONE]
        prediction = Prediction(resources=tuple(moved), forecast=told, cost=cost)
        self._run.journal.write(Foreseen(prediction=prediction))

    def _owner(self) -> provisioner.Owner:
        return self._command.owner(self._run.journal.state.id)

    @property
    def _had_tls(self) -> bool:
        return bool(self._known and self._known.domains)

    def _ends_tls(self, hosts: InfrastructureSpec) -> bool:
        return self._had_tls and not hosts.ends_tls

    def _reviewed(self) -> SecurityConfig | None:
        """What was reviewed last, where nothing has come as far as the hosts since."""
        is_doubted = self._command.refresh or (self._known is not None and self._known.touched)
        return None if is_doubted or self._before is None else self._before.security

    def _release(
        self,
        building: Building,
        cloud: Cloud | None,
        infrastructure: Infrastructure,
        stack: TechStack,
        settings: Settings,
        leaving: tuple[Host, ...] = (),
    ) -> None:
        hosts = infrastructure.hosts()
        made_from = settings.model_dump(include=set(HOST_SETTINGS))
        self._run.journal.write(HostsKnown(hosts=hosts.hosts, host_settings=made_from))
        if building.future.done() and not self._ends_tls(hosts):
            building.future.result()
        note = self._run.journal.write
        with provisioner.admitted(cloud, hosts.resources, self._folder, note):
            with self._run.stage("deployer") as log:
                config, spec = self._roll_out(building, cloud, infrastructure, stack, settings, log)
                settle_maintenance(self._known, spec, self._folder, log)
                existing.leave_if_possible(spec, leaving, self._folder, log)
            with stopping.uninterrupted():
                if cloud and not names.is_early(spec, self._known):
                    with self._run.stage("provisioner") as log:
                        names.follow(cloud, spec, self._known, self._owner(), log)
                self._secure(cloud, config, spec, settings)
        if self._command.replaces:
            self._retire(cloud, spec)

    def _secure(
        self,
        cloud: Cloud | None,
        config: DeploymentConfig,
        spec: InfrastructureSpec,
        settings: Settings,
    ) -> None:
        with self._run.stage("sheriff") as log:
            reviewed = self._run.found.security or self._reviewed()
            hosts_told = self._run.journal.state.secured.values()
            told = [one for host in hosts_told for one in host.reports]
            acme = settings.acme.over(self._environment.acme)
            given = (spec, config, told, cloud, reviewed, acme, self._folder, log)
            had_tls = self._had_tls
            security = sheriff.secure(*given, hardened=settings.harden, had_tls=had_tls)
            announce(config, spec, security, log)
        if cloud:
            names.forget_former(cloud, spec, self._known, self._run.journal.agent("provisioner"))

    def _retire(self, cloud: Cloud | None, spec: InfrastructureSpec) -> None:
        """Let hosts go that others have taken the place of, once those have their requests."""
        if cloud is None:
            return
        with self._run.stage("provisioner") as log:
            if spec.load_balancer:
                deployer.Balancer(cloud, spec, is_left=False).settle()
            replaced = frozenset(self._command.replaces)
            provisioner.retire(cloud, self._owner(), self._folder, log, replaced)
            # What went before this run was resumed is in its log yet.
            for one in self._run.journal.state.resources:
                if one.id in replaced:
                    log.write(ResourceDone(action="delete", key=one.key, type=one.type, id=one.id))

    def _roll_out(
        self,
        building: Building,
        cloud: Cloud | None,
        infrastructure: Infrastructure,
        stack: TechStack,
        settings: Settings,
        log: AgentLog,
    ) -> tuple[DeploymentConfig, InfrastructureSpec]:
        hosts, folder = infrastructure.hosts(), self._folder
        refresh = self._command.refresh
        known = {} if refresh else self._prepared
        secured = {} if refresh else self._secured
        wants_database = settings.engine(stack) is not None
        with deployer.rollout(
            hosts,
            building.order.runtime,
            known,
            securing(hosts, settings, secured, log),
            wants_database,
            self._early,
            folder,
            log,
            settings.forks,
        ) as rollout:
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
            user = known.get(database.PREPARED)
            inside = database.variables(rollout, cloud, spec, stack, user, folder, log)
            given = {**cache.variables(cloud, spec, stack), **inside}
            secret, occasion = self._marks.values(cloud), self._occasion()
            candidate = deployer.Candidate(
                artifact,
                spec,
                stack,
                settings,
                given,
                secret,
                occasion,
                self._marks.restart,
                in_maintenance=self._known is not None and self._known.maintenance,
            )
            authority = self._environment.authority
            return deployer.release(rollout, candidate, cloud, folder, log, authority), spec

    def _occasion(self) -> deployer.Occasion:
        running = self._before.deployment if self._before else None
        previous = running.release if running else None
        return deployer.Occasion(self._run.journal.state.id, who(), previous)
