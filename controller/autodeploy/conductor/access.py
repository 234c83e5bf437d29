"""Access to an application's hosts outside of a deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autodeploy import provisioner
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, Host
from autodeploy.errors import NotDeployed
from autodeploy.runner import command, login_key, pin


@dataclass(frozen=True)
class Login:
    """How to come to one host.

    Attributes:
        host: The host.
        key: The key that opens it; None for OpenSSH's own choice.
        known_hosts: The file that says which key it must prove.
    """

    host: Host
    key: Path | None
    known_hosts: Path

    @property
    def needs_sudo(self) -> bool:
        """Whether it is not root's."""
        return self.host.user != "root"

    def line(self, *words: str, terminal: bool = False) -> list[str]:
        """The `ssh` command line that runs words (none: a shell), with a terminal or without."""
        line = command(self.host, self.key, self.known_hosts, *words, shared=False)
        return [line[0], *(["-t"] if terminal else []), *line[1:]]


@contextmanager
def access(known: ApplicationState, environment: Environment) -> Iterator[None]:
    """Inside the `with`, SSH from this machine reaches the application's hosts.

    Raises:
        CloudError: AWS refused, or could not be asked.
    """
    cloud = None if known.target == "ssh" else environment.open_cloud()
    with provisioner.admitted(cloud, known.resources, lambda _: None):
        yield


@contextmanager
def login(known: ApplicationState, host: str | None, environment: Environment) -> Iterator[Login]:
    """The way to one host, which is open inside the `with`.

    Args:
        known: The application.
        host: The host's name; None for the first.
        environment: Where the Conductor works.

    Raises:
        NotDeployed: There is no such host.
        CloudError: As `access`.
    """
    chosen, *_others = hosts_of(known, host)
    folder = environment.store.application_folder(known.application, known.environment)
    with access(known, environment):
        yield Login(chosen, login_key(folder), pin(known.hosts, folder))


def hosts_of(known: ApplicationState, name: str | None) -> list[Host]:
    """The host of this name; all of them where it is None.

    Raises:
        NotDeployed: There is none.
    """
    chosen = [one for one in known.hosts if name in {None, one.name}]
    if not chosen:
        names = ", ".join(one.name for one in known.hosts) or "none"
        called = f"no host {name}" if name else "no host yet"
        raise NotDeployed(f"{known.application} has {called}", cause=f"it has {names}")
    return chosen
