"""Looks at hosts: a login each that believes only trusted keys, and what the host says then."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import tenacity

from autodeploy.contracts import Host
from autodeploy.provisioner.existing.problem import Problem, no_login
from autodeploy.provisioner.existing.seen import Seen, parse
from autodeploy.provisioner.existing.trust import MARK, key_with, known_lines
from autodeploy.runner import Answer, known_name, tell

SCRIPT = Path(__file__).with_name("look.sh")
TRIES = 3
NO_LOGIN = 255
LASTING = "ssh-ed25519 "


@dataclass
class Looked:
    """What came of it.

    Attributes:
        seen: The hosts that let us in, each with the key that it proved, and what it said.
        problems: Why the others did not.
    """

    seen: list[tuple[Host, Seen]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def look(
    hosts: Sequence[Host], key: Path | None, application: str, pinned: Sequence[Host]
) -> Looked:
    """Log in to every host at once and read what matters. Changes nothing there.

    Args:
        hosts: Where; their keys are not believed.
        key: The private key; None is OpenSSH's own choice.
        application: Whose way is looked for to be free.
        pinned: Hosts whose keys were pinned before.
    """
    looked = Looked()
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        for one in pool.map(lambda host: _look(host, key, application, pinned), hosts):
            if isinstance(one, Problem):
                looked.problems.append(one)
            else:
                looked.seen.append(one)
    return looked


def _look(
    host: Host, key: Path | None, application: str, pinned: Sequence[Host]
) -> tuple[Host, Seen] | Problem:
    lines = known_lines(host, pinned)
    answer = _patiently(host, key, lines, application)
    proved = key_with(lines, answer.host_key)
    if answer.returncode != 0 or proved is None:
        return no_login(host, answer)
    seen = parse(answer.output)
    # Hardening leaves no other kind of key for certain; that the host has this one, it proves too.
    if not proved.startswith(LASTING) and seen.host_key.startswith(LASTING):
        lasting = [line for line in lines if line.startswith(MARK)]
        lasting.append(f"{known_name(host)} {seen.host_key}")
        answer = _patiently(host, key, lasting, application)
        proved = (answer.returncode == 0 and key_with(lasting, answer.host_key)) or proved
    return host.model_copy(update={"host_key": proved}), seen


def _patiently(host: Host, key: Path | None, lines: Sequence[str], application: str) -> Answer:
    """The answer; where the host did not answer at all, after some more tries.

    Args:
        host: The one asked.
        key: The login's key.
        lines: Of `known_hosts`: which host keys are believed.
        application: Its name.
    """
    retry = tenacity.Retrying(
        retry=tenacity.retry_if_result(_is_silence),
        wait=tenacity.wait_exponential_jitter(multiplier=0.2, max=2),
        stop=tenacity.stop_after_attempt(TRIES),
        retry_error_callback=lambda state: state.outcome and state.outcome.result(),
    )
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as folder:
        known_hosts = Path(folder) / "known_hosts"
        known_hosts.write_text("".join(f"{line}\n" for line in lines))
        answer: Answer = retry(tell, host, key, known_hosts, SCRIPT.read_text(), application)
    return answer


def _is_silence(answer: Answer) -> bool:
    return answer.returncode == NO_LOGIN and answer.host_key is None
