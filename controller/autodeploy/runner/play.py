"""One run of a playbook through ansible-runner; its events become events of the journal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Set
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from autodeploy import paths, stopping
from autodeploy.contracts import Contract
from autodeploy.errors import HostError, HostUnreachable, TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.runner import packed, playbook
from autodeploy.runner.ailing import explained
from autodeploy.runner.connections import control_path
from autodeploy.runner.questions import PATH_VARIABLE, Ask, answered
from autodeploy.runner.redaction import Redactor
from autodeploy.runner.survivors import end_play, recorded
from autodeploy.runner.tasks import Report, TaskListener
from autodeploy.settings import FORKS

if TYPE_CHECKING:
    import ansible_runner

STOP_SECONDS = 30
CANCEL_SECONDS = 0.2
"""After which ansible-runner sees that it is to stop; its own default is five."""
SETTINGS = {
    "suppress_output_file": True,
    "pexpect_timeout": CANCEL_SECONDS,
}
SOCKET = "controller"
PACKED = "packed"
# Its folder has modules called as Ansible's: none of them is to be found first.
ANSIBLE_PLAYBOOK = [sys.executable, "-P", playbook.__file__]
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
        check: Whether it only says what it would change, and how.
        agents: Whose steps a role's are, by role, where they are another agent's.
    """

    playbook: str
    inventory: Path
    tags: tuple[str, ...] = ()
    forks: int = FORKS
    check: bool = False
    agents: dict[str, str] = Field(default_factory=dict)

    @property
    def options(self) -> str | None:
        """Its options on Ansible's command line."""
        said = [f"--tags {','.join(self.tags)}"] if self.tags else []
        return " ".join([*said, *(["--check --diff"] if self.check else [])]) or None


class PlayResult(Contract):
    """What came of it.

    Attributes:
        changed: Whether any task changed anything.
        facts: What our own modules reported (their result's `autodeploy`), by host.
    """

    changed: bool
    facts: dict[str, dict[str, Any]] = Field(default_factory=dict)


class Running:
    """A play that runs, until the `with` that it was started in is left.

    Attributes:
        result: What came of it, or why nothing did.
        facts: What our own modules have reported so far, by host.
    """

    def __init__(self, play: Play, log: AgentLog, agent: str) -> None:
        self._play = play
        self._redactor = Redactor()
        self._listener = TaskListener(
            log, agent, self._redactor, agents=play.agents, shows_diffs=play.check
        )
        self._stop, self._ended = threading.Event(), threading.Event()
        self._folder: Path | None = None
        self.result: Future[PlayResult] = Future()
        self.facts = self._listener.facts

    def hide(self, secrets: Mapping[str, Any]) -> None:
        """Take these out of all that the play says: before it is told them."""
        self._redactor.hide(secrets)

    def hear(self, call: Report) -> None:
        """Have something called with a host's alias and what our modules report there from now."""
        self._listener.on_report = call

    def wait(self) -> PlayResult:
        """The play's result, once it has ended.

        Raises:
            HostError: A host was lost, or a task failed; of the kind that tells why, where that
                shows.
        """
        return self.result.result()

    def stop(self) -> None:
        """End the play, and with it everything that it has started here."""
        self._listener.is_left = True
        self._stop.set()
        if not self.result.done():
            self._ended.wait(STOP_SECONDS)
        if self._folder:
            packed.keep(self._folder / PACKED, packed.place())
            # Ansible's own end takes a third of a second, and its workers outlive it.
            end_play(self._folder)
        self._ended.wait(STOP_SECONDS)

    def _stop_if_asked(self) -> None:
        """Between two tasks nothing is half done on any host."""
        if stopping.is_asked():
            self._stop.set()

    def _conclude(self, status: str) -> None:
        if self.result.done():
            return
        try:
            self.result.set_result(_result(self._play, status, self._listener))
        except HostError as error:
            self.result.set_exception(error)

    def begin(self, folder: Path) -> None:
        """Start it, with `folder` for what it needs while it runs."""
        packed.lend(packed.place(), folder / PACKED)
        self._folder = folder
        runner = _runner(self._play, folder, self._listener, self._stop.is_set)

        def carry_out() -> None:
            try:
                runner.run()
                # A signal leaves no exit code, and "failed" would send people to the host.
                self._conclude("killed" if runner.rc is None else runner.status)
            except BaseException as error:
                if not self.result.done():
                    self.result.set_exception(error)
            finally:
                self._ended.set()

        # What follows its statistics is Ansible's own end.
        self._listener.on_end = lambda: self._conclude("successful")
        self._listener.on_task = self._stop_if_asked

        # In a thread, so that Ctrl-C stops the playbook too instead of leaving it behind.
        threading.Thread(target=carry_out, daemon=True).start()


@contextmanager
def started(
    play: Play, log: AgentLog, agent: str, answers: Mapping[str, Ask] | None = None
) -> Iterator[Running]:
    """The play, started. It goes on beside what the `with` has, and is ended with it.

    Args:
        play: What to run.
        log: Where its tasks are said.
        agent: Whose they are.
        answers: Who answers its questions, by question; more may come while it runs. What is
            answered is in no file, command line, environment or event.

    Raises:
        Exception: As `stopping.guard`: nothing was started.
    """
    stopping.guard()
    running = Running(play, log, agent)
    asked = {} if answers is None else answers
    with recorded(play.inventory.parent) as folder, answered(asked, folder / SOCKET):
        running.begin(folder)
        try:
            yield running
        finally:
            running.stop()


def run(play: Play, log: AgentLog, agent: str) -> PlayResult:
    """Run a play that asks nothing to its end: see `started` and `Running.wait`."""
    with started(play, log, agent) as running:
        return running.wait()


def _result(play: Play, status: str, listener: TaskListener) -> PlayResult:
    if listener.unreachable:
        host, message = listener.unreachable
        lost = HostUnreachable(f"{host} was lost", cause=message, step=play.playbook, host=host)
        raise explained(lost, play.inventory)
    if listener.failure:
        raise explained(listener.failure, play.inventory)
    if status != "successful":
        # What it said last is why it ended, but where we have ended it.
        is_ours = status == "canceled"
        how = "was stopped between two tasks" if is_ours else f"ended as {status}"
        raise TaskFailed(
            f"{play.playbook} {how}",
            cause=None if is_ours else listener.last_output(),
            step=play.playbook,
            host="",
            reported={},
        )
    return PlayResult(changed=listener.changed, facts=listener.facts)


def _runner(
    play: Play, folder: Path, listener: TaskListener, cancelled: Callable[[], bool]
) -> ansible_runner.Runner:
    import ansible_runner  # A command that runs no play needs none of it.

    content = paths.ansible_content()
    ours = {**_environment(content, folder), **_connections(play.inventory.parent)}
    ours["ANSIBLE_FORKS"] = str(play.forks)
    runner = ansible_runner.interface.init_runner(
        private_data_dir=str(folder),
        playbook=str(content / "playbooks" / play.playbook),
        inventory=str(play.inventory),
        cmdline=play.options,
        envvars=ours,
        settings=SETTINGS,
        quiet=True,
        event_handler=listener,
        cancel_callback=cancelled,
        # Answers of ours are facts, secrets among them: no file keeps them.
        fact_cache_type="memory",
    )
    runner.config.command[:1] = ANSIBLE_PLAYBOOK
    runner.config.env = _handed_on(runner.config.env, HANDED_ON | set(ours))
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
        playbook.PACKED: str(folder / PACKED),
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
