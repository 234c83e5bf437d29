"""Archives sent to a host beside a play, and unpacked there by `playbooks/files/layers.py`."""

from __future__ import annotations

import shlex
import subprocess
import tarfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from autodeploy import paths
from autodeploy.contracts import Host
from autodeploy.runner.ssh import as_root, command

PROGRAM = "playbooks/files/layers.py"
ARTIFACT, SERVICE = "roles/artifact/module_utils", "roles/service/module_utils"
IMPORTED = (
    f"{ARTIFACT}/artifact_archive.py",
    f"{ARTIFACT}/artifact_delivery.py",
    f"{ARTIFACT}/artifact_store.py",
    f"{SERVICE}/service_turn.py",
    f"{SERVICE}/service_units.py",
)
PACKAGE = "code/ansible/module_utils"
# What is there already is not sent again. /tmp may be memory.
SCRIPT = """\
there=yes; for one in {digests}; do [ -d /srv/{application}/layers/$one ] || there=; done
[ -z "$there" ] || exit 0
place=$(mktemp -d -p /var/tmp autodeploy-XXXXXXXX) && trap 'rm -rf "$place"' EXIT &&
tar -x --no-same-owner -C "$place" && /usr/bin/python3 -IB "$place/code" {application} {digests}
"""


class NotSent(Exception):
    """Archives did not come to the host this way; the text is for people."""


class Sending:
    """Archives on their way to one host, which can be stopped."""

    def __init__(self, host: Host, key: Path | None, known_hosts: Path) -> None:
        """See `command`."""
        self._host, self._key, self._known_hosts = host, key, known_hosts
        self._process: subprocess.Popen[bytes] | None = None
        self._lock, self._stopped = threading.Lock(), False

    def carry_out(self, application: str, archives: Mapping[str, Path]) -> None:
        """Have the host unpack these, by SHA-256, into the application's layers.

        Raises:
            NotSent: It did not; what there is of them is whole.
        """
        process = self._start(application, *archives)
        with process:
            assert process.stdin is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            # Where it does not take them, its exit code and output say why.
            with suppress(BrokenPipeError), process.stdin as stream:
                write(stream, archives)
            said = process.stderr.read().decode(errors="replace").strip()
        if process.returncode != 0:
            raise NotSent(said or f"exit code {process.returncode}")

    def stop(self) -> None:
        """End it, whether it has begun or not."""
        with self._lock:
            self._stopped = True
            if self._process:
                self._process.kill()

    def _start(self, application: str, *digests: str) -> subprocess.Popen[bytes]:
        words = {"application": shlex.quote(application), "digests": shlex.join(digests)}
        asked = as_root(self._host, SCRIPT.format(**words))
        line = command(self._host, self._key, self._known_hosts, *asked)
        with self._lock:
            if self._stopped:
                raise NotSent("it was stopped")
            self._process = subprocess.Popen(
                line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            return self._process


def write(stream: IO[bytes], archives: Mapping[str, Path]) -> None:
    """The program with what it imports, and the archives, as one tar archive."""
    content = paths.ansible_content()
    with tarfile.open(fileobj=stream, mode="w|", bufsize=1024 * 1024) as tar:
        for package in (PACKAGE, str(Path(PACKAGE).parent)):
            tar.addfile(tarfile.TarInfo(f"{package}/__init__.py"))
        tar.add(content / PROGRAM, "code/__main__.py")
        for one in IMPORTED:
            tar.add(content / one, f"{PACKAGE}/{Path(one).name}")
        for digest, archive in archives.items():
            tar.add(archive, digest)
