"""A build's shell on a host: its work folder goes there, and what commands made comes back."""

from __future__ import annotations

import re
import secrets
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autodeploy.compiler.environ import CERTIFICATES
from autodeploy.compiler.processes import Running
from autodeploy.compiler.shell import Shell
from autodeploy.journal import AgentLog
from autodeploy.runner import Place

AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
WORK = "build"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The packages of the libraries that compiled files link to, but for what the host had before.
LIBRARIES = (
    r"find %s -type f \( -name '*.so*' -o -name '*.node' \) -exec ldd {} + 2>/dev/null"
    " | awk '/=> [/]/ {print $3}' | sort -u | xargs -r realpath | xargs -r dpkg -S 2>/dev/null"
    " | cut -d: -f1 | sort -u | grep -vxFf %s > libraries || true"
)


@dataclass(frozen=True)
class Folders:
    """A build's folders on this machine.

    Attributes:
        work: What goes there and comes back.
        downloads: What is fetched; there it is fetched anew.
        toolchains: Those that a command names go there once.
    """

    work: Path
    downloads: Path
    toolchains: Path


class HostShell(Shell):
    """Runs the commands of one build on a host.

    Attributes:
        place: Where they run.
    """

    def __init__(
        self,
        place: Place,
        here: Folders,
        environment: Mapping[str, str],
        timeout: float,
        log: AgentLog,
    ) -> None:
        """As for Shell, with the folders on this machine."""
        super().__init__(environment, timeout, log)
        self.place = place
        self._here = here
        self._sent: set[str] = set()
        self.environment = host_environment(environment, self._there)
        _forget_authority(here.work / "home" / ".npmrc")

    def run(
        self,
        command: Sequence[str] | str,
        cwd: Path,
        extra: Mapping[str, str] | None = None,
        remediation: str | None = None,
    ) -> None:
        """As Shell's, there; what the command made is here afterwards."""
        self._send_tools(
            [*(extra or {}).values(), *([command] if isinstance(command, str) else command)]
        )
        self.place.send(self._here.work, WORK)
        super().run(command, cwd, extra, remediation)
        self._fetch()

    def run_all(self, commands: Sequence[Sequence[str] | str], cwd: Path) -> None:
        """As Shell's; the files go there once and come back once."""
        self.place.send(self._here.work, WORK)
        for command in commands:
            super().run(command, cwd)
        self._fetch()

    def _start(self, argv: list[str], cwd: Path, extra: Mapping[str, str]) -> Running:
        variables = {name: self._there(value) for name, value in extra.items()}
        path = self._path(variables.get("PATH", ""))
        process = self.place.start(
            [self._there(word) for word in argv],
            self._there(str(cwd)),
            {**self.environment, **variables, "PATH": path},
            self.left,
        )
        self._running = Running(process, secrets.token_hex(8), isolated=False)
        return self._running

    def _path(self, path: str) -> str:
        """What of a PATH there is on the host."""
        there = [one for one in path.split(":") if one.startswith(self.place.work)]
        return ":".join([*there, SYSTEM_PATH])

    def _there(self, text: str) -> str:
        """A text of this machine's as it reads on the host."""
        for folder, name in (
            (self._here.work, WORK),
            (self._here.downloads, "downloads"),
            (self._here.toolchains, "toolchains"),
        ):
            text = text.replace(str(folder), f"{self.place.work}/{name}")
        return text

    def _send_tools(self, texts: Sequence[str]) -> None:
        """Send the toolchains that a command or its variables name."""
        named = re.compile(re.escape(f"{self._here.toolchains}/") + r"([\w.@+-]+)")
        for name in {one for text in texts for one in named.findall(text)} - self._sent:
            self.place.send(self._here.toolchains / name, f"toolchains/{name}")
            self._sent.add(name)

    def _fetch(self) -> None:
        here = self._here.work
        back = here.with_name(f"{here.name}.back")
        try:
            self.place.fetch(WORK, back, self._log.warning)
            for old in here.iterdir():
                shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
            for new in back.iterdir():
                new.rename(here / new.name)
        finally:
            shutil.rmtree(back, ignore_errors=True)


def libraries(shell: HostShell, work: Path, folder: str) -> tuple[str, ...]:
    """The host's packages that what was compiled links to, but for what it had before.

    Args:
        shell: The host's.
        work: The work folder on this machine.
        folder: Where the compiled files are, relative to it.
    """
    shell.run(LIBRARIES % (shlex.quote(folder), shell.place.packages), work)
    return tuple((work / "libraries").read_text().split())


def host_environment(environment: Mapping[str, str], there: Callable[[str], str]) -> dict[str, str]:
    """A build's variables as they are on a host: its own PATH, caches and authorities."""
    kept = {key: there(one) for key, one in environment.items() if key not in CERTIFICATES}
    index = {"PIP_INDEX_URL": kept["UV_DEFAULT_INDEX"]} if "UV_DEFAULT_INDEX" in kept else {}
    return {
        **index,
        **kept,
        **dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "PIP_CERT"), AUTHORITIES),
        "PATH": SYSTEM_PATH,
    }


def _forget_authority(npmrc: Path) -> None:
    """The file of this machine's certificates is not on the host."""
    lines = npmrc.read_text().splitlines(keepends=True)
    npmrc.write_text("".join(line for line in lines if not line.startswith("cafile=")))
