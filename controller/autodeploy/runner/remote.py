"""A place on a host where a build's commands run, and the way of its files there and back."""

from __future__ import annotations

import json
import posixpath
import shlex
import subprocess
import tarfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autodeploy.contracts import Host
from autodeploy.errors import HostUnreachable
from autodeploy.runner.ssh import command

MEMORY_SHARE = 0.75


@dataclass(frozen=True)
class Place:
    """What the role `build` made on a host.

    Attributes:
        host: The host.
        key: As in `command`.
        known_hosts: As in `command`.
        application: Whose build it is.
    """

    host: Host
    key: Path | None
    known_hosts: Path
    application: str

    @property
    def user(self) -> str:
        """The build's user."""
        return f"build-{self.application}"

    @property
    def work(self) -> str:
        """All that a build may write."""
        return f"/var/lib/autodeploy/build/{self.application}/work"

    @property
    def packages(self) -> str:
        """The file with the names of all that the host had installed before."""
        return f"/var/lib/autodeploy/build/{self.application}.packages"

    def start(
        self, argv: Sequence[str], cwd: str, environment: Mapping[str, str], seconds: float
    ) -> subprocess.Popen[bytes]:
        """Start a command; it ends at the latest when its standard input is closed.

        Args:
            argv: The command.
            cwd: Its folder, absolute.
            environment: All its variables.
            seconds: After which it is ended.
        """
        asked = {
            "user": self.user,
            "folder": self.work,
            "cwd": cwd,
            "argv": list(argv),
            "environment": dict(environment),
            "seconds": int(seconds),
            "memory_share": MEMORY_SHARE,
        }
        run = str(Path(self.work).with_name("run"))
        process = subprocess.Popen(
            self._ssh("sudo", "-n", run),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101
        with suppress(BrokenPipeError):  # The connection ended: its exit code and output say why.
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
        return process

    def send(self, folder: Path, name: str) -> None:
        """Put a folder's content in place of what `work/NAME` has."""
        place = shlex.quote(f"{self.work}/{name}")
        script = f"rm -rf {place} && mkdir -p {place} && tar -x --no-same-owner -C {place}"
        with self._as_user(script, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None  # noqa: S101
            with suppress(BrokenPipeError):
                with tarfile.open(fileobj=process.stdin, mode="w|") as tar:
                    tar.add(folder, ".", filter=_nobody)
                process.stdin.close()
            self._finish(process, f"{folder.name} could not be sent")

    def fetch(self, name: str, folder: Path, warn: Callable[[str], None]) -> None:
        """Bring what `work/NAME` holds into a new folder; what would leave it is left out.

        Args:
            name: The folder's name there.
            folder: The folder here; made.
            warn: Told of each thing left out.
        """
        folder.mkdir()
        with self._as_user(f"tar -c -C {shlex.quote(f'{self.work}/{name}')} .") as process:
            assert process.stdout is not None  # noqa: S101
            unpack(process.stdout, folder, warn)
            self._finish(process, f"{name} could not be fetched")

    def _as_user(self, script: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        words = ("sudo", "-n", "-u", self.user, "sh", "-c", shlex.quote(script))
        return subprocess.Popen(
            self._ssh(*words), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def _ssh(self, *words: str) -> list[str]:
        return command(self.host, self.key, self.known_hosts, *words)

    def _finish(self, process: subprocess.Popen[bytes], message: str) -> None:
        assert process.stderr is not None  # noqa: S101
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait() != 0:
            raise HostUnreachable(message, cause=said, step="build", host=self.host.name)


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpack(stream: IO[bytes], folder: Path, warn: Callable[[str], None]) -> None:
    """Unpack what a host sends: it is trusted no more than any other archive.

    Only links to the system's own programs may lead out, such as an environment's Python; neither
    filter writes through them.
    """
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                system = member.issym() and posixpath.normpath(member.linkname).startswith("/usr/")
                try:
                    tar.extract(member, folder, filter="tar" if system else "data")
                except tarfile.FilterError:
                    warn(f"left out {member.name!r}, which the host sent")
    except tarfile.TarError as error:
        raise HostUnreachable("what the host sent is no archive", cause=str(error)) from error
