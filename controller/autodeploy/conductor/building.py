"""The artifact in the making: in a thread of its own, and, where this machine cannot, on a host."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from autodeploy import compiler, stopping
from autodeploy.conductor.command import Environment
from autodeploy.conductor.run import Run
from autodeploy.contracts import BuildArtifact, BuildRequest, InfrastructureSpec, Source, TechStack
from autodeploy.journal import AgentLog
from autodeploy.journal.events import ArtifactBuilt
from autodeploy.settings import Settings


class Building:
    """The Compiler's stage, from its beginning to the artifact, wherever that is built.

    Attributes:
        future: What this machine made of it.
        order: What is built.
    """

    future: Future[BuildArtifact | BuildRequest]

    def __init__(
        self,
        run: Run,
        environment: Environment,
        application: str,
        source: Source,
        stack: TechStack,
        settings: Settings,
    ) -> None:
        """Begin the stage; what cannot be built at all is refused here."""
        self._run, self._environment = run, environment
        cache = environment.cache
        with ExitStack() as stage:
            self._log: AgentLog = stage.enter_context(run.stage("compiler"))
            compiler.refuse(stack, settings)
            runtime = compiler.runtime(stack, settings, cache, self._log)
            self.order = compiler.Order(application, source, stack, settings, runtime, cache)
            stage.enter_context(stopping.heard(compiler.stop))
            self._stage = stage.pop_all()

    def __enter__(self) -> Building:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End what goes on: builds here, and a stage that has waited for a host."""
        if error is not None:
            compiler.stop()
        self._stage.__exit__(kind, error, traceback)

    def start(self, pool: ThreadPoolExecutor) -> None:
        """Build on this machine, in a thread of the pool."""
        self.future = pool.submit(self._build)

    def here(self) -> BuildArtifact | None:
        """The artifact, once this machine has built it; None where it takes a host."""
        built = self.future.result()
        return built if isinstance(built, BuildArtifact) else None

    def artifact(self, spec: InfrastructureSpec, folder: Path) -> BuildArtifact:
        """The artifact, built on the first host where that is needed.

        Args:
            spec: The hosts, prepared.
            folder: The application's private folder.
        """
        built = self.future.result()
        if isinstance(built, BuildArtifact):
            return built
        with self._stage:
            return self._done(compiler.build_on_host(self.order, built, spec, folder, self._log))

    def _build(self) -> BuildArtifact | BuildRequest:
        with ExitStack() as stage:
            stage.push(self._stage.pop_all())
            built = compiler.build(self.order, self._log)
            if isinstance(built, BuildArtifact):
                return self._done(built)
            self._stage = stage.pop_all()
            return built

    def _done(self, artifact: BuildArtifact) -> BuildArtifact:
        self._environment.store.keep(self._run.journal.state.id, artifact)
        self._log.write(ArtifactBuilt(digest=artifact.digest, size=artifact.size))
        return artifact
