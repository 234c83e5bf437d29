"""What the release command says, while it runs: it may take an hour."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from autodeploy.contracts import InfrastructureSpec
from autodeploy.errors import HostError
from autodeploy.journal import AgentLog
from autodeploy.runner import Redactor, pin, stream

MOST_LINES = 500
LONGEST = 500
END_SECONDS = 2


@contextmanager
def watched(
    spec: InfrastructureSpec,
    release: str,
    secrets: Mapping[str, str],
    folder: Path,
    log: AgentLog,
) -> Iterator[None]:
    """Inside the `with`, what a release's command says on the first host is said here.

    Where the host cannot be asked nothing is: the release does not depend on it.

    Args:
        spec: The hosts.
        release: The release's name.
        secrets: What is taken out of it.
        folder: The application's private folder.
        log: The Deployer's log.
    """
    host = spec.hosts[0]
    line = question(spec.application, release, sudo=host.user != "root")
    redact = Redactor()
    redact.hide(secrets)
    with stream(host, spec.ssh_key, pin(spec.hosts, folder), line) as lines:
        heard = threading.Thread(target=_say, args=(lines, redact, log), daemon=True)
        heard.start()
        yield
    heard.join(END_SECONDS)


def question(application: str, release: str, *, sudo: bool) -> str:
    """The command line that follows the journal of what does not run yet."""
    unit = f"_SYSTEMD_UNIT={application}-command.{release}.service"
    words = ["journalctl", "--follow", "--lines=0", "--quiet", "--all", "--output=cat", unit]
    return shlex.join([*(["sudo", "-n"] if sudo else []), *words])


def _say(lines: Iterable[str], redact: Redactor, log: AgentLog) -> None:
    # The end of the `with` ends the connection, and closes what is read here.
    with suppress(HostError, OSError, ValueError):
        for one in islice(lines, MOST_LINES):
            log.info(f"release command: {str(redact(one))[:LONGEST]}")
