"""SSH to a host whose key is pinned: never trusted on first use, never asked interactively."""

from __future__ import annotations

import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import tenacity

from autodeploy import privatefile, stopping
from autodeploy.contracts import Host
from autodeploy.errors import HostError, HostKeyLost, HostKeyMismatch, HostUnreachable
from autodeploy.journal import AgentLog
from autodeploy.runner.connections import sharing

KNOWN_HOSTS = "known_hosts"
WAIT_SECONDS = 180
SSH_ITSELF = 255
"""The exit code that is the connection's, not the command's."""
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5


class _NotYet(Exception):
    """SSH did not answer this time."""


def pin(hosts: tuple[Host, ...], folder: Path) -> Path:
    """Write the application's `known_hosts`, exactly the hosts' pinned keys, and give its path.

    Raises:
        HostKeyLost: Of some of them none is known.
    """
    if lost := ", ".join(host.name for host in hosts if not host.host_key):
        raise HostKeyLost(f"the SSH host keys of {lost} are not on this machine", step="pin")
    lines = (f"{known_name(host)} {host.host_key.strip()}\n" for host in hosts)
    path = folder / KNOWN_HOSTS
    privatefile.write(path, "".join(lines).encode())  # Threads pin side by side.
    return path


def options(known_hosts: Path, key: Path | None) -> list[str]:
    """OpenSSH options for every connection of ours.

    Without a key OpenSSH tries what it would try for the user: the default files and the agent.
    """
    said = {
        "BatchMode": "yes",
        "UserKnownHostsFile": str(known_hosts),
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes" if key else "no",
        "PasswordAuthentication": "no",
        "ConnectTimeout": "10",
        "ServerAliveInterval": "10",
        "ServerAliveCountMax": "3",
    }
    return [part for name, value in said.items() for part in ("-o", f"{name}={value}")]


def command(
    host: Host, key: Path | None, known_hosts: Path, *words: str, shared: bool = True
) -> list[str]:
    """The `ssh` command line that runs `words` (none: a login shell) on the host.

    Words go through the connection that a deployment keeps open, where they are `shared`: a shell,
    and what a user runs, may outlast that.
    """
    identity = ["-i", str(key)] if key else []
    open_already = sharing(known_hosts.parent) if words and shared else []
    said = [*options(known_hosts, key), *open_already, *identity, "-p", str(host.port)]
    return ["ssh", "-F", "/dev/null", *said, f"{host.user}@{host.address}", *words]


def wait_for_ssh(
    host: Host, key: Path | None, known_hosts: Path, log: AgentLog, seconds: float = WAIT_SECONDS
) -> None:
    """Return as soon as a login works, trying with growing pauses and jitter.

    Inside `connections` this opens the connection that everything after it goes through.

    Raises:
        HostUnreachable: It did not within `seconds`.
        HostKeyMismatch: Another key than the pinned one answers; not tried again.
        Exception: As `stopping.check`.
    """
    retry = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_NotYet),
        wait=tenacity.wait_exponential_jitter(
            multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS
        ),
        stop=tenacity.stop_after_delay(seconds),
        reraise=True,
    )

    def attempt() -> None:
        stopping.check()
        _login(host, key, known_hosts)

    with log.step("wait for SSH", host.name):
        try:
            retry(attempt)
        except _NotYet as error:
            raise HostUnreachable(
                f"SSH to {host.address} did not answer within {seconds:.0f} s",
                cause=str(error),
                step="wait for SSH",
                host=host.name,
            ) from error


def holds(host: Host, key: Path | None, known_hosts: Path, look: str) -> bool:
    """Whether a shell's look at the host, as root there, ends well.

    Raises:
        HostUnreachable: SSH did not answer.
        HostError: The look could not be taken.
    """
    words = as_root(host, f"{look} && echo yes || echo no")
    line = command(host, key, known_hosts, *words)
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode == SSH_ITSELF:
        raise HostUnreachable(
            f"SSH to {host.address} has ended", cause=done.stderr.strip(), host=host.name
        )
    found = done.stdout.strip()
    if found not in {"yes", "no"}:  # No shell of root's ran: that tells nothing of what is there.
        raise HostError(
            f"{host.name} could not be looked at",
            cause=done.stderr.strip() or f"exit code {done.returncode}",
            host=host.name,
        )
    return found == "yes"


def as_root(host: Host, script: str) -> list[str]:
    """The words for `command` that have root's shell run a script; a root login needs no sudo."""
    sudo = [] if host.user == "root" else ["sudo", "-n"]
    return [*sudo, "sh", "-c", shlex.quote(script)]


def open_early(host: Host, key: Path | None, known_hosts: Path) -> None:
    """Open the connection that everything after it goes through, if the host lets us in now.

    What is wrong is told by what comes after it.
    """
    with suppress(_NotYet, HostKeyMismatch):
        _login(host, key, known_hosts)


def _login(host: Host, key: Path | None, known_hosts: Path) -> None:
    line = command(host, key, known_hosts, "true")
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise _NotYet("the login timed out") from None
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr:
        raise HostKeyMismatch(
            f"another machine than ours answers at {host.address}",
            cause="its SSH host key is not the one that was pinned when it was created",
            step="wait for SSH",
            host=host.name,
        )
    if done.returncode != 0:
        raise _NotYet(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer")


def known_name(host: Host) -> str:
    """What a `known_hosts` calls the host."""
    return host.address if host.port == 22 else f"[{host.address}]:{host.port}"
