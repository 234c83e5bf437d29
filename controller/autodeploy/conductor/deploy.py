"""`deploy`: a repository becomes a running release.

Recon reads the repository. The Compiler builds it while the Provisioner makes what it runs on and
the Deployer prepares the hosts. The Deployer releases it; the Sheriff secures and reviews.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

from autodeploy import compiler, deployer, provisioner, sheriff
from autodeploy.aws import Cloud
from autodeploy.conductor.before import unchanged
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.read import read
from autodeploy.conductor.run import Run, begun
from autodeploy.contracts import (
    BuildArtifact,
    DeploymentState,
    InfrastructureSpec,
    Source,
    TechStack,
)
from autodeploy.journal import AgentLog
from autodeploy.journal.events import ArtifactBuilt, CloudOpened, HostsKnown, SourceRead
from autodeploy.settings import Settings


def deploy(command: Command, environment: Environment) -> DeploymentState:
    """Carry the deployment to its end and give its state, with its error where it failed."""
    with begun("deploy", command, environment) as run:
        _Deployment(command, environment, run).carry_out()
    return run.journal.state


class _Deployment:
    """The stages of one deployment."""

    def __init__(self, command: Command, environment: Environment, run: Run) -> None:
        self._command = command
        self._environment = environment
        self._run = run
        identity = (command.name, command.settings.environment)
        known = environment.store.application(*identity)
        self._before = known.live if known else None
        self._folder = environment.store.application_folder(*identity)

    def carry_out(self) -> None:
        source, stack, settings = self._read()
        with ExitStack() as stages:
            log = stages.enter_context(self._run.stage("compiler"))
            compiler.refuse(stack, settings)
            compiling = stages.pop_all()
        with ThreadPoolExecutor(max_workers=1) as pool:
            building = pool.submit(self._build, compiling, log, source, stack, settings)
            try:
                self._put_up(building, stack, settings)
            except BaseException:
                compiler.stop()
                raise

    def _put_up(
        self, building: Future[BuildArtifact], stack: TechStack, settings: Settings
    ) -> None:
        if self._unchanged(building, settings):
            self._run.changed = False
            return
        cloud, spec = self._provision(stack, settings)
        self._release(building, cloud, spec, stack, settings)

    def _read(self) -> tuple[Source, TechStack, Settings]:
        with self._run.stage("recon") as log:
            source, stack, settings = read(self._command, self._environment, log)
            self._warn_of_another_repository(log)
            log.info(f"{stack.language}, {stack.framework or 'no framework'}")
            log.write(SourceRead(commit=source.commit, stack=stack))
        return source, stack, settings

    def _warn_of_another_repository(self, log: AgentLog) -> None:
        before = self._before.repository if self._before else None
        if before not in {None, self._command.shown_repository}:
            log.warning(f"{self._command.name} came from {before} before; --name makes another")

    def _build(
        self,
        stage: ExitStack,
        log: AgentLog,
        source: Source,
        stack: TechStack,
        settings: Settings,
    ) -> BuildArtifact:
        with stage:
            artifact = compiler.build(source, stack, settings, self._environment.cache, log)
            size = sum(layer.size for layer in artifact.layers)
            log.write(ArtifactBuilt(digest=artifact.digest, size=size))
        return artifact

    def _unchanged(self, building: Future[BuildArtifact], settings: Settings) -> bool:
        """Whether the application is up with exactly this build: then nothing need be asked."""
        if self._before is None or self._command.refresh:
            return False
        return unchanged(self._before, building.result(), settings, self._folder, self._run.journal)

    def _provision(self, stack: TechStack, settings: Settings) -> tuple[Cloud, InfrastructureSpec]:
        with self._run.stage("provisioner") as log:
            cloud = self._environment.open_cloud()
            log.write(CloudOpened(region=cloud.region))
            owner = self._command.owner(self._run.journal.state.id)
            spec = provisioner.provision(stack, settings, cloud, owner, self._folder, log)
            log.write(HostsKnown(hosts=spec.hosts))
        return cloud, spec

    def _release(
        self,
        building: Future[BuildArtifact],
        cloud: Cloud,
        spec: InfrastructureSpec,
        stack: TechStack,
        settings: Settings,
    ) -> None:
        if building.done():
            building.result()
        with self._run.stage("deployer") as log:
            known = self._before.prepared if self._before else {}
            deployer.prepare(spec, stack, settings, known, self._folder, log)
            artifact = building.result()
            config = deployer.release(artifact, spec, stack, settings, self._folder, log)
        with self._run.stage("sheriff") as log:
            sheriff.secure(spec, config, cloud, self._folder, log)
