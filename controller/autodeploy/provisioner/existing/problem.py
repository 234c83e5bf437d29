"""What speaks against a host, and how the user hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autodeploy.contracts import Host
from autodeploy.errors import HostsUnfit
from autodeploy.runner import Answer

STEP = "look at the hosts"
CHANGED = ("REMOTE HOST IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY")
UNTRUSTED = "Host key verification failed"
DENIED = "Permission denied"


@dataclass(frozen=True)
class Problem:
    """Why a host will not do, and what to do about it."""

    host: Host
    what: str
    remedy: str


def no_login(host: Host, answer: Answer) -> Problem:
    """Why there was no login that can be trusted, from what OpenSSH said."""
    port = "" if host.port == 22 else f" -p {host.port}"
    login = f"`ssh{port} {host.user}@{host.address}`"
    if any(mark in answer.said for mark in CHANGED):
        return Problem(
            host,
            f"another machine answers, or its host key was changed: it shows {answer.host_key}",
            "Do not go on before you know why. Where the host was made anew, remove its old key "
            f"with `ssh-keygen -R`, then {login} once and compare the fingerprint.",
        )
    if UNTRUSTED in answer.said or answer.returncode == 0:
        return Problem(
            host,
            f"its host key is not known here; it shows {answer.host_key}",
            f"Compare that with `ssh-keygen -lf` on the host's own console; then {login} once, "
            "so that it is in your known_hosts.",
        )
    if DENIED in answer.said:
        return Problem(
            host,
            f"it does not let {host.user} in with your key",
            f"{login} must work without a password: check the user and the key (--ssh-key); "
            "a key with a passphrase must be in the agent (ssh-add).",
        )
    last = (answer.said or answer.output).strip().splitlines() or ["no answer"]
    return Problem(host, f"SSH does not answer: {last[-1]}", f"{login} must work from here.")


def refusal(problems: Sequence[Problem], all_hosts: int) -> HostsUnfit:
    """All problems as one error."""
    bad = list(dict.fromkeys(one.host.name for one in problems))
    return HostsUnfit(
        f"{len(bad)} of {all_hosts} hosts cannot be used",
        cause="\n".join(f"{_shown(one.host)}: {one.what}" for one in problems),
        step=STEP,
        host=bad[0] if len(bad) == 1 else None,
        remediation=" ".join(dict.fromkeys(one.remedy for one in problems)),
    )


def _shown(host: Host) -> str:
    port = "" if host.port == 22 else f":{host.port}"
    return f"{host.user}@{host.address}{port}"
