"""An application whose resources come and go beside those of others, and what must be true then.

The Conductor, the journal, the lease and the Provisioner are real; the API is the lab's, strict and
without hosts. Of a deployment the Provisioner's part alone is carried out.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr

import memorykit
import strictkit
from autodeploy import conductor
from autodeploy.aws import Cloud
from autodeploy.conductor.deployment import Deployment, Wanted
from autodeploy.conductor.making import making
from autodeploy.conductor.run import Run
from autodeploy.contracts import ApplicationState, DeploymentState, Source, TechStack
from autodeploy.journal import BucketStore, DirectoryStore, Store
from autodeploy.settings import load

CANARY = "canary-oIEJdz2VQqDBmZfXSvbGHLr1xuWYkAc9"
PACE = 1e-6
SOURCE = Source(url="https://git.test/shop.git", checkout=Path("/"), commit=None, name="shop")
STACK = TechStack(language="python", processes={"web": "run"}, databases=("postgresql",))
FLAGS: dict[str, Any] = {"target": "lab", "hosts": 2}
FEWER = {**FLAGS, "hosts": 1, "database": False}
"""With these there is neither a database nor a load balancer."""


@dataclass(frozen=True)
class Application:
    """One application's commands, on one machine.

    Attributes:
        home: The folder of its state.
        door: Its way to the API.
        name: Its name.
        flags: What its command lines say.
        kept: Gives the store of its state, by its home.
    """

    home: Path
    door: Cloud
    name: str = "shop"
    flags: Mapping[str, Any] = field(default_factory=lambda: FLAGS)
    kept: Callable[[Path], Store] = DirectoryStore

    def in_bucket(self) -> Application:
        """It, with its state in a bucket of its own."""
        store = BucketStore(memorykit.MemoryBucket(), memorykit.MemoryVault(), self.home)
        return replace(self, kept=lambda _home: store)

    def elsewhere(self, home: Path) -> Application:
        """It on another machine, which keeps its own copies there; its state is in a bucket."""
        kept = self.store
        assert isinstance(kept, BucketStore)
        store = BucketStore(kept._bucket, kept._vault, home)
        return replace(self, kept=lambda _home: store)

    def by(self, door: Cloud) -> Application:
        """It, with another way to the API."""
        return replace(self, door=door)

    def with_fewer(self) -> Application:
        """It, with settings that ask for less."""
        return replace(self, flags=FEWER)

    def deploy(self) -> DeploymentState:
        """Make all that it needs."""
        return conductor.deploy(self._command, self._environment)

    def configure(self, **given: str) -> DeploymentState:
        """Set secrets."""
        values = {name: SecretStr(one) for name, one in given.items()}
        return conductor.configure(self._command, self._environment, conductor.Change(values))

    def retry(self) -> DeploymentState:
        """Go on with a deployment that has broken off."""
        known = self.state
        return conductor.retry(conductor.again(known, None), self._environment, known)

    def rollback(self) -> DeploymentState:
        """Undo the deployment: it is the first one, so all goes."""
        return conductor.rollback(self._command, self._environment, self.state)

    def destroy(self) -> DeploymentState:
        """Remove all that it has."""
        return conductor.destroy(self._command, self._environment)

    @property
    def store(self) -> Store:
        """Where its state is."""
        return self.kept(self.home)

    @property
    def known(self) -> ApplicationState | None:
        """What the logs say of it; None where they have nothing."""
        return self.store.application(self.name, "production")

    @property
    def state(self) -> ApplicationState:
        """What the logs say of it."""
        assert self.known is not None
        return self.known

    @property
    def private(self) -> Path:
        """Its private folder."""
        return self.store.application_folder(self.name, "production")

    @property
    def places(self) -> list[Path]:
        """Where it has files on this machine."""
        return [self.home]

    @property
    def _command(self) -> conductor.Command:
        return conductor.Command(
            "https://git.test/shop.git", self.name, self.flags, load(self.flags), yes_data=True
        )

    @property
    def _environment(self) -> conductor.Environment:
        return conductor.Environment(self.store, self.home / "cache", open_cloud=lambda: self.door)


def door(api: strictkit.Api) -> Cloud:
    """A way to the API, where nothing is waited for; it has all clients, and none has talked."""
    made = Cloud(endpoint_url=api.url)
    made.pace = PACE
    for client in (made.ec2, made.rds, made.elasticache, made.elbv2):
        client()
        client(retries=False)
    for client in (made.secretsmanager, made.ssm, made.acm):
        client()
    return made


@contextmanager
def serving(folder: Path) -> Iterator[strictkit.Api]:
    """The API. Deployments end with the infrastructure; every password is the canary."""
    folder.mkdir()
    with ExitStack() as stack:
        for one in ("deploy", "retry"):
            stack.enter_context(patch(f"autodeploy.conductor.{one}.carry_out", _put_up))
        stack.enter_context(patch.object(secrets, "token_urlsafe", lambda _: CANARY))
        # A killed process loses nothing that it has written, and a sync takes longer than a call.
        stack.enter_context(patch("os.fsync"))
        yield stack.enter_context(strictkit.serving(folder))


def _put_up(command: conductor.Command, environment: conductor.Environment, run: Run) -> None:
    known = environment.store.application(command.name, command.settings.environment)
    deployment = Deployment(command, environment, run, known)
    wanted = Wanted(SOURCE, STACK, command.settings)
    with (
        ThreadPoolExecutor(2) as pool,
        making(deployment, wanted, pool) as (_cloud, infrastructure),
    ):
        infrastructure.whole.result()
