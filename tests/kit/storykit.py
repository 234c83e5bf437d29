"""Whole deployments in this process: AWS is moto, what builds and what works on hosts stands in.

The Conductor, its journal, Recon and the Provisioner are the real ones.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from git import Actor, Repo
from pydantic import SecretStr

import moto_api
from autodeploy import compiler, conductor, deployer, provisioner
from autodeploy.contracts import (
    ApplicationState,
    BuildArtifact,
    DeploymentConfig,
    DeploymentState,
    SecurityConfig,
)
from autodeploy.errors import (
    BuildFailed,
    NetworkUnreachable,
    RollbackRefused,
    TaskFailed,
    UnhealthyRelease,
)
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import (
    HostPrepared,
    MigrationBegun,
    ReleaseActivated,
    SecurityReviewed,
)
from autodeploy.settings import load

NAME = "shop"
AGENTS = ("recon", "compiler", "provisioner", "deployer", "sheriff")
SOMEBODY = Actor("a", "a@example.org")


@dataclass
class World:
    """One application, from its repository to its hosts.

    Attributes:
        breaks: The agents that fail.
        call: With `provisioner` among them: the number of the mutating call that AWS refuses
            after it was carried out.
        serving: The release that has the traffic.
        error: How they fail; None for the way that is usual.
        prepared: How often a host was prepared.
        migrates: Whether a release has a release command.
        gone: The releases that the hosts have no more.
        scale: What its settings say of how many processes run.
        environments: The secrets by the release that runs with them.
    """

    folder: Path
    breaks: set[str] = field(default_factory=set)
    call: int = 1
    error: Exception | None = None
    serving: str | None = None
    prepared: int = 0
    migrates: bool = False
    gone: set[str] = field(default_factory=set)
    scale: dict[str, int] = field(default_factory=dict)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = DirectoryStore(self.folder / "store")
        self.repository = self.folder / NAME
        Repo.init(self.repository)
        (self.repository / "Procfile").write_text("web: gunicorn shop\n")
        (self.repository / "requirements.txt").write_text("flask\npsycopg2\n")
        self.commit("one")

    def commit(self, text: str) -> str:
        """Another commit on the branch; gives its hash."""
        (self.repository / "text").write_text(text)
        repo = Repo(self.repository)
        repo.git.add(A=True)
        return str(repo.index.commit(text, author=SOMEBODY, committer=SOMEBODY).hexsha)

    @property
    def environment(self) -> conductor.Environment:
        return conductor.Environment(
            store=self.store, cache=self.folder / "cache", open_cloud=moto_api.cloud
        )

    @property
    def known(self) -> ApplicationState:
        found = self.store.application(NAME, "production")
        assert found
        return found

    def command(self, **flags: Any) -> conductor.Command:
        flags = {"target": "lab", **flags}
        return conductor.Command(
            repository=str(self.repository), name=NAME, flags=flags, settings=load(flags)
        )

    def deploy(self, **flags: Any) -> DeploymentState:
        with self._refusing():
            return conductor.deploy(self.command(**flags), self.environment)

    def set(self, *gone: str, **given: str) -> DeploymentState:
        """Secrets that are set, and others that have no value any more."""
        values = {name: SecretStr(one) for name, one in given.items()}
        change = conductor.Change(values, frozenset(gone))
        command = replace(self.command(), repository=None)
        return conductor.configure(command, self.environment, change)

    def release_again(self, *, restarts: bool = False) -> DeploymentState:
        """Another release of what is live, as a change of secrets makes one, or a restart."""
        make = partial(conductor.live_again, profile=None, restarts=restarts)
        return conductor.release_anew(make, self.known, self.environment)

    @property
    def given(self) -> dict[str, str]:
        """The secrets that what serves runs with."""
        return self.environments[self.serving or ""]

    def retry(self) -> DeploymentState:
        command = conductor.again(self.known, None)
        with self._refusing():
            return conductor.retry(command, self.environment, self.known)

    def rollback(
        self, release: str | None = None, *, yes_data: bool | None = None
    ) -> DeploymentState:
        """The newest deployment undone; where that removes all, data too unless `yes_data` says."""
        yes_data = not self.known.earlier if yes_data is None else yes_data
        settings = load({"target": "lab", "region": self.known.region})
        command = conductor.Command(None, NAME, {}, settings, yes_data=yes_data)
        with self._refusing():
            return conductor.rollback(command, self.environment, self.known, release)

    def killed(
        self, calls: int, act: Callable[[], DeploymentState] | None = None
    ) -> DeploymentState:
        """A run whose controller dies after so many mutating calls, where it makes as many."""
        with suppress(moto_api.Crash), moto_api.crash_after(calls):
            (act or self.deploy)()
        return self.known.last

    def destroy(self) -> None:
        """Begin with an empty account."""
        conductor.destroy(self.command(), self.environment)
        self.serving = None
        self.forget()

    def forget(self) -> None:
        """Drop all logs: they grow, and each look reads all of them."""
        shutil.rmtree(self.store.root / "deployments")

    @property
    def live(self) -> str | None:
        """The release that has the traffic, as the journal has it."""
        found = self.store.application(NAME, "production")
        return found.live.deployment.release if found and found.live else None

    def assert_as_the_state_says(self) -> None:
        """The account, asked service by service, has what the journal says and nothing else."""
        there = moto_api.counts()
        said: dict[str, int] = {}
        for one in self.known.resources:
            said[one.type] = said.get(one.type, 0) + 1
        assert there == said

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        seen = []

        def refuse(model: Any, http_response: Any, parsed: Any, **_: Any) -> None:
            if model.name.startswith(moto_api.READS):
                return
            seen.append(model.name)
            if len(seen) == self.call and "provisioner" in self.breaks and not self.error:
                http_response.status_code = 400
                parsed["Error"] = {"Code": "UnauthorizedOperation", "Message": "not today"}

        with moto_api.hook("after-call", refuse):
            yield

    def break_at(self, agent: str, error: Exception) -> None:
        if agent in self.breaks:
            raise self.error or error

    def provision(self, *given: Any, **more: Any) -> Any:
        if self.error:
            self.break_at("provisioner", self.error)
        return PROVISION(*given, **more)

    def build(self, order: compiler.Order, _log: Any) -> BuildArtifact:
        self.break_at("compiler", BuildFailed("make", 2, "no rule"))
        digest = digest_of(order.source.commit or "")
        sbom = self.folder / "sbom.json"
        sbom.write_text("{}")
        command = "migrate" if self.migrates else None
        return BuildArtifact(
            digest=digest, layers=(), processes={"web": "x"}, release_command=command, size=1,
            commit=order.source.commit, sbom=sbom,
        )  # fmt: skip

    @contextmanager
    def rollout(self, spec: Any, _runtime: Any, known: Any, *rest: Any) -> Iterator[Any]:
        log = rest[4]
        for host in spec.hosts:
            self.prepared += known.get(host.name) != host.instance_id
            log.write(HostPrepared(host=host.name, fingerprint=host.instance_id))
        yield SimpleNamespace(
            result=Future(), prepared=lambda: None, send_ahead=lambda _artifact: None
        )

    def release(self, _rollout: Any, candidate: Any, _cloud: Any, _folder: Any, log: Any, _a: Any):
        artifact, spec = candidate.artifact, candidate.spec
        if artifact.release_command:
            log.write(MigrationBegun(command=artifact.release_command))
        self.break_at("deployer", UnhealthyRelease("it does not answer", cause="503"))
        secrets, self.scale = candidate.secrets, candidate.settings.scale
        self.serving = release_of(artifact.commit or "", secrets.version, candidate.restart)
        values = {name: one.get_secret_value() for name, one in secrets.values.items()}
        self.environments[self.serving] = values
        config = DeploymentConfig(
            release=self.serving, artifact=artifact.digest, url=spec.url, processes={},
            load_balancer=spec.load_balancer, health_path="/", health_status=200,
            hosts=tuple(host.name for host in spec.hosts), fingerprint=artifact.digest,
            secrets=secrets.version, restart=candidate.restart,
        )  # fmt: skip
        log.write(ReleaseActivated(deployment=config))
        return config

    def refuse_gone(self, _spec: Any, release: str, _folder: Any) -> None:
        if release in self.gone:
            raise RollbackRefused(f"release {release} is no longer on host-1")

    def give_back(self, _spec: Any, releases: Any, *_: Any) -> None:
        self.break_at("deployer", TaskFailed("no", cause=None, step="s", host="h", reported={}))
        (self.serving,) = set(releases.values())

    def secure(self, *given: Any, hardened: bool, **_: Any) -> SecurityConfig:
        self.break_at("sheriff", TaskFailed("no", cause="ufw", step="s", host="h", reported={}))
        security = SecurityConfig(hardened=hardened)
        given[-1].write(SecurityReviewed(security=security))
        return security

    def clone(self, *given: Any, **more: Any) -> Any:
        self.break_at("recon", NetworkUnreachable("nobody answers"))
        return CLONE(*given, **more)


def digest_of(commit: str) -> str:
    return hashlib.sha256(commit.encode()).hexdigest()


def release_of(commit: str, *marks: str | None) -> str:
    """The name of the release that is made of a commit, with its secrets' version and restart."""
    return digest_of(commit + "".join(filter(None, marks)))[:12]


CLONE, PROVISION = conductor.read.recon.clone, provisioner.provision


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """An empty account, and an application that was never deployed."""
    one = World(folder)
    nothing = {
        "refuse_gone": one.refuse_gone,
        "log_in": lambda *_: None,
        "gate": lambda *_: 200,
        "run_after": lambda *_: None,
    }
    hosts = SimpleNamespace(
        **{**vars(deployer), **nothing, "rollout": one.rollout, "release": one.release,
           "give_back": one.give_back}
    )  # fmt: skip
    builds = SimpleNamespace(**{**vars(compiler), "build": one.build})
    conduct = "autodeploy.conductor"
    with ExitStack() as stack:
        stack.enter_context(moto_api.api())
        for module in ("releasing", "rollback"):
            stack.enter_context(patch(f"{conduct}.{module}.deployer", hosts))
        stack.enter_context(patch(f"{conduct}.making.provisioner.provision", one.provision))
        stack.enter_context(patch(f"{conduct}.building.compiler", builds))
        stack.enter_context(patch(f"{conduct}.releasing.sheriff.secure", one.secure))
        stack.enter_context(patch(f"{conduct}.releasing.database.variables", lambda *_: {}))
        stack.enter_context(patch(f"{conduct}.deploy.ahead", nothing_early))
        stack.enter_context(patch(f"{conduct}.read.recon.clone", one.clone))
        stack.enter_context(patch(f"{conduct}.looks", nothing_seen))
        yield one


def nothing_seen(asked: Any) -> list[conductor.Look]:
    return [conductor.Look() for _ in asked]


@contextmanager
def nothing_early(*_: Any) -> Iterator[None]:
    yield None
