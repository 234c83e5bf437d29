"""Builds on a host, where this machine cannot build for it.

The same builder runs with another shell: the work folder goes to the host, the command runs there
as an unprivileged user in a transient unit, and what it made comes back. The result is the same
kind of artifact, in the same cache.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from autodeploy.compiler.environ import CERTIFICATES
from autodeploy.compiler.processes import Running
from autodeploy.compiler.shell import Shell
from autodeploy.contracts import BuildRequest, InfrastructureSpec
from autodeploy.journal import AgentLog
from autodeploy.runner import Place, Play, pin, run, write_inventory

PLAYBOOK = "build.yml"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
WORK = "build"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What names folders of this machine: on a host the tools' own defaults hold, below the home.
OF_THIS_MACHINE = frozenset(
    {"PATH", *CERTIFICATES, "UV_CACHE_DIR", "NPM_CONFIG_CACHE", "GOPATH", "GOCACHE"}
)


class NeedsHost(Exception):
    """This machine cannot build it for the host; carries the request."""

    def __init__(self, reason: str, packages: Sequence[str]) -> None:
        super().__init__(reason)
        self.request = BuildRequest(reason=reason, packages=tuple(sorted(set(packages))))


class HostShell(Shell):
    """Runs the commands of one build on a host.

    Attributes:
        place: Where they run.
    """

    def __init__(
        self,
        place: Place,
        here: Path,
        environment: Mapping[str, str],
        timeout: float,
        log: AgentLog,
    ) -> None:
        """`here` is the work folder on this machine; the rest is as for Shell."""
        super().__init__(environment, timeout, log)
        self.place = place
        self._here = here
        self.environment = host_environment(environment, self._there)

    def run(
        self,
        command: Sequence[str] | str,
        cwd: Path,
        extra: Mapping[str, str] | None = None,
        remediation: str | None = None,
    ) -> None:
        """As Shell's, there; what the command made is here afterwards."""
        self.place.send(self._here, WORK)
        super().run(command, cwd, extra, remediation)
        self._fetch()

    def run_all(self, commands: Sequence[Sequence[str] | str], cwd: Path) -> None:
        """As Shell's; the files go there once and come back once."""
        self.place.send(self._here, WORK)
        for command in commands:
            super().run(command, cwd)
        self._fetch()

    def _start(self, argv: list[str], cwd: Path, extra: Mapping[str, str]) -> Running:
        variables = {name: self._there(value) for name, value in extra.items()}
        process = self.place.start(
            [self._there(word) for word in argv],
            self._there(str(cwd)),
            {**self.environment, **variables},
            self.left,
        )
        self._running = Running(process, secrets.token_hex(8), isolated=False)
        return self._running

    def _there(self, text: str) -> str:
        """A text of this machine's as it reads on the host."""
        return text.replace(str(self._here), f"{self.place.work}/{WORK}")

    def _fetch(self) -> None:
        back = self._here.with_name(f"{self._here.name}.back")
        try:
            self.place.fetch(WORK, back, self._log.warning)
            for old in self._here.iterdir():
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
            for new in back.iterdir():
                new.rename(self._here / new.name)
        finally:
            shutil.rmtree(back, ignore_errors=True)


def host_environment(environment: Mapping[str, str], there: Callable[[str], str]) -> dict[str, str]:
    """A build's variables as they are on a host: its own PATH, caches and authorities."""
    kept = {key: there(one) for key, one in environment.items() if key not in OF_THIS_MACHINE}
    index = {"PIP_INDEX_URL": kept["UV_DEFAULT_INDEX"]} if "UV_DEFAULT_INDEX" in kept else {}
    return {
        **index,
        **kept,
        **dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PIP_CERT"), AUTHORITIES),
        "PATH": SYSTEM_PATH,
    }


@contextmanager
def have_place(
    request: BuildRequest, spec: InfrastructureSpec, folder: Path, log: AgentLog
) -> Iterator[tuple[Place, list[str]]]:
    """A place on the first host, with the request's packages; both are gone at the end.

    Args:
        request: What is needed.
        spec: The hosts.
        folder: The application's private folder.
        log: The Compiler's log.

    Yields:
        The place, and a list: the packages that it is told of stay on the host.
    """
    first = spec.model_copy(update={"hosts": spec.hosts[:1]})
    known_hosts = pin(spec.hosts, folder)
    keep: list[str] = []

    def play(tag: str) -> None:
        variables = {
            "build_application": spec.application,
            "build_packages": list(request.packages),
            "build_keep": keep,
        }
        inventory = write_inventory(first, folder / "build.json", known_hosts, variables)
        run(Play(playbook=PLAYBOOK, inventory=inventory, tags=(tag,)), log, "compiler")

    try:
        play("prepare")
        yield Place(spec.hosts[0], spec.ssh_key, known_hosts, spec.application), keep
    finally:
        play("remove")
