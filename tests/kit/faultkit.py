"""An application whose resources come and go beside those of others, and what must be true then.

The Conductor, the journal, the lease and the Provisioner are real; the API is the lab's, strict and
without hosts. Of a deployment the Provisioner's part alone is carried out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import strictkit
from autodeploy import conductor
from autodeploy.aws import Cloud
from autodeploy.conductor.deploy import _Deployment
from autodeploy.contracts import ApplicationState, DeploymentState, TechStack
from autodeploy.journal import DirectoryStore
from autodeploy.settings import Settings

CANARY = "canary-oIEJdz2VQqDBmZfXSvbGHLr1xuWYkAc9"
PACE = 1e-6
STACK = TechStack(language="python", processes={"web": "run"}, databases=("postgresql",))
SETTINGS = Settings(target="lab", hosts=2)


@dataclass(frozen=True)
class Application:
    """One application's commands, on one machine.

    Attributes:
        home: The folder of its state.
        door: Its way to the API.
    """

    home: Path
    door: Cloud
    name: str = "shop"
    settings: Settings = SETTINGS

    def by(self, door: Cloud) -> Application:
        """It, with another way to the API."""
        return replace(self, door=door)

    def deploy(self) -> DeploymentState:
        """Make all that it needs."""
        return conductor.deploy(self._command, self._environment)

    def destroy(self) -> DeploymentState:
        """Remove all that it has."""
        return conductor.destroy(self._command, self._environment)

    @property
    def state(self) -> ApplicationState:
        """What the logs say of it."""
        found = self._environment.store.application(self.name, "production")
        assert found is not None
        return found

    @property
    def private(self) -> Path:
        """Its private folder."""
        return self._environment.store.application_folder(self.name, "production")

    @property
    def _command(self) -> conductor.Command:
        return conductor.Command(
            repository="https://git.test/shop.git",
            name=self.name,
            flags={},
            settings=self.settings,
            yes_data=True,
        )

    @property
    def _environment(self) -> conductor.Environment:
        store = DirectoryStore(self.home)
        return conductor.Environment(store, self.home / "cache", open_cloud=lambda: self.door)


def door(api: strictkit.Api) -> Cloud:
    """A way to the API, where nothing is waited for; it has all clients, and none has talked."""
    made = Cloud(endpoint_url=api.url)
    made.pace = PACE
    for client in (made.ec2, made.rds, made.elbv2):
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
        stack.enter_context(patch.object(_Deployment, "carry_out", _put_up))
        stack.enter_context(patch.object(_Deployment, "_release", _await))
        stack.enter_context(patch.object(secrets, "token_urlsafe", lambda _: CANARY))
        # A killed process loses nothing that it has written, and a sync takes longer than a call.
        stack.enter_context(patch("os.fsync"))
        yield stack.enter_context(strictkit.serving(folder))


def _put_up(deployment: Any) -> None:
    with ThreadPoolExecutor(2) as pool:
        deployment._put_up(pool, None, STACK, deployment._command.settings)


def _await(_deployment: Any, _building: Any, _cloud: Any, infrastructure: Any, *_: Any) -> None:
    infrastructure.whole.result()
