"""One look at one host: a login that believes only trusted keys, and what the host says then."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tenacity

from autodeploy.contracts import Host
from autodeploy.provisioner.existing.seen import Seen, parse, unfit
from autodeploy.provisioner.existing.trust import key_with, known_lines
from autodeploy.provisioner.owner import Owner
from autodeploy.runner import Answer, tell
from autodeploy.settings import Settings

SCRIPT = Path(__file__).with_name("look.sh")
TRIES = 3
NO_LOGIN = 255
CHANGED = ("REMOTE HOST IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY")
UNTRUSTED = "Host key verification failed"
DENIED = "Permission denied"


@dataclass(frozen=True)
class Problem:
    """Why a host will not do, and what to do about it."""

    host: Host
    what: str
    remedy: str


@dataclass(frozen=True)
class Found:
    """What a look gave.

    Attributes:
        host: The host, with its key where that is trusted.
        seen: What it said; None where there was no login.
        problems: What speaks against it.
    """

    host: Host
    seen: Seen | None
    problems: tuple[Problem, ...] = ()

    @property
    def image(self) -> str:
        """The system that it runs; empty where that is not known."""
        return self.seen.system if self.seen else ""


def look(host: Host, settings: Settings, owner: Owner, pinned: Sequence[Host]) -> Found:
    """Log in once, read what matters, and judge it."""
    lines = known_lines(host, pinned)
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as folder:
        known_hosts = Path(folder) / "known_hosts"
        known_hosts.write_text("".join(f"{line}\n" for line in lines))
        answer = _patiently(host, settings.ssh_key, known_hosts, owner.application)
    key = key_with(lines, answer.host_key)
    if answer.returncode != 0 or key is None:
        return Found(host, None, (_no_login(host, answer),))
    seen = parse(answer.output)
    problems = (Problem(host, *one) for one in unfit(seen, host, owner, settings))
    return Found(host.model_copy(update={"host_key": key}), seen, tuple(problems))


def _patiently(host: Host, key: Path | None, known_hosts: Path, application: str) -> Answer:
    """The answer; where the host did not answer at all, after some more tries."""
    retry = tenacity.Retrying(
        retry=tenacity.retry_if_result(_is_silence),
        wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=2),
        stop=tenacity.stop_after_attempt(TRIES),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    answer: Answer = retry(tell, host, key, known_hosts, SCRIPT.read_text(), application)
    return answer


def _is_silence(answer: Answer) -> bool:
    return answer.returncode == NO_LOGIN and answer.host_key is None


def _no_login(host: Host, answer: Answer) -> Problem:
    """Why there was no login, from what OpenSSH said."""
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
