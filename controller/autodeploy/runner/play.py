"""One run of a playbook through ansible-runner; its events become events of the journal."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

import ansible_runner
from pydantic import Field

from autodeploy import paths
from autodeploy.contracts import Contract
from autodeploy.errors import HostUnreachable, TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.runner.ailing import explained
from autodeploy.runner.connections import close, control_path
from autodeploy.runner.redaction import redactor
from autodeploy.runner.secretsocket import PATH_VARIABLE, served
from autodeploy.runner.tasks import TaskListener
from autodeploy.settings import FORKS

STOP_SECONDS = 30
SOCKET = "secrets"
# What a program needs of our environment. ansible-runner writes what it hands on to a file, and
# ANSIBLE_... of the user's could keep what modules are given on disk (ANSIBLE_PIPELINING=no).
HANDED_ON = frozenset(
    {
        *("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PYTHONPATH", "TERM", "TMPDIR", "USER"),
        "SSH_AUTH_SOCK",  # the user's agent opens hosts that exist
        # ansible-runner's own, also where we are run by an Ansible that is run by it.
        "ANSIBLE_STDOUT_CALLBACK",
    }
)


class Play(Contract):
    """What to run.

    Attributes:
        playbook: Its path below `playbooks/`.
        inventory: The inventory's file.
        tags: Only tasks with one of these; empty means all.
        forks: On how many hosts at once.
    """

    playbook: str
    inventory: Path
    tags: tuple[str, ...] = ()
    forks: int = FORKS


class PlayResult(Contract):
    """What came of it.

    Attributes:
        changed: Whether any task changed anything.
        facts: What our own modules reported (their result's `autodeploy`), by host.
    """

    changed: bool
    facts: dict[str, dict[str, Any]] = Field(default_factory=dict)


def run(
    play: Play, log: AgentLog, agent: str, secrets: Mapping[str, Any] | None = None
) -> PlayResult:
    """Run the play to its end.

    Args:
        play: What to run.
        log: Where its tasks are said.
        agent: Whose they are.
        secrets: More variables of the roles, the same for every host, any JSON. They win over the
            inventory's. No file, command line or environment holds them, and no event.

    Raises:
        HostError: A host was lost, or a task failed; of the kind that tells why, where that shows.
    """
    secrets = secrets or {}
    listener = TaskListener(log, agent, redactor(secrets))
    folder = Path(tempfile.mkdtemp(prefix="autodeploy-"))
    try:
        with served(secrets, folder / SOCKET):
            outcome = _run(play, folder, listener)
    finally:
        close(folder / "cp")
        shutil.rmtree(folder, ignore_errors=True)
    if listener.unreachable:
        host, message = listener.unreachable
        lost = HostUnreachable(f"{host} was lost", cause=message, step=play.playbook, host=host)
        raise explained(lost, play.inventory)
    if listener.failure:
        raise explained(listener.failure, play.inventory)
    if outcome.status != "successful":
        raise TaskFailed(
            f"{play.playbook} ended as {outcome.status}",
            cause=listener.last_output(),
            step=play.playbook,
            host="",
            reported={},
        )
    return PlayResult(changed=listener.changed, facts=listener.facts)


def _run(play: Play, folder: Path, listener: TaskListener) -> Any:
    """Run it in a thread, so that Ctrl-C stops the playbook too instead of leaving it behind."""
    stop, ended = threading.Event(), threading.Event()
    content = paths.ansible_content()
    ours = {**_environment(content, folder), **_connections(play.inventory.parent)}
    ours["ANSIBLE_FORKS"] = str(play.forks)
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        playbook=str(content / "playbooks" / play.playbook),
        inventory=str(play.inventory),
        cmdline=f"--tags {','.join(play.tags)}" if play.tags else None,
        envvars=ours,
        settings={"suppress_output_file": True},
        quiet=True,
        event_handler=listener,
        cancel_callback=stop.is_set,
    )
    runner.config.env = _handed_on(runner.config.env, HANDED_ON | set(ours))

    def carry_out() -> None:
        try:
            runner.run()
        finally:
            ended.set()

    threading.Thread(target=carry_out, daemon=True).start()
    try:
        # A join that an interrupt ends takes the thread for ended (CPython 3.11): ask the event.
        ended.wait()
    except BaseException:
        stop.set()
        ended.wait(STOP_SECONDS)
        raise
    return runner


def _environment(content: Path, folder: Path) -> dict[str, str]:
    """ansible-runner turns host-key checking off unless it is told otherwise here."""
    return {
        "ANSIBLE_CONFIG": str(content / "ansible.cfg"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_HOME": str(folder / "home"),
        PATH_VARIABLE: str(folder / SOCKET),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def _connections(folder: Path) -> dict[str, str]:
    """Ansible goes through the connections that are kept open; it takes `%` for its own."""
    path = control_path(folder)
    return {"ANSIBLE_SSH_CONTROL_PATH": path.replace("%", "%%")} if path else {}


def _handed_on(environment: Mapping[str, str], kept: Set[str]) -> dict[str, str]:
    """Without what is only there because we were started with it, but for the names to be kept."""
    return {
        name: value
        for name, value in environment.items()
        if name in kept or os.environ.get(name) != value
    }
