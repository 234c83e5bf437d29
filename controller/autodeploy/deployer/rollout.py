"""One play over the hosts, from bare machines to a release, told by and by what it is to do.

It starts before there is an artifact or a database: preparing hosts, and Ansible's own start, take
as long as a build. It asks for what it then needs, and waits for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from autodeploy.contracts import BuildArtifact, Host, InfrastructureSpec, Runtime
from autodeploy.deployer.fingerprints import host_fingerprint
from autodeploy.deployer.layers import LayersAhead
from autodeploy.deployer.securing import Securing
from autodeploy.deployer.variables import prepare_variables
from autodeploy.errors import TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.journal.events import HostPrepared
from autodeploy.runner import (
    Ask,
    NoAnswer,
    Play,
    PlayResult,
    Running,
    pin,
    started,
    wait_for_ssh,
    write_inventory,
)

PLAYBOOK = "site.yml"
PREPARE, SECURE, DATABASE, RELEASE = "prepare", "secure", "database", "release"


class Rollout:
    """A play that waits for what it is told.

    Attributes:
        hosts: Over which it goes.
        result: What came of it; while it was not told everything, only a failure can.
        facts: What our modules have reported so far, by host.
    """

    def __init__(
        self,
        hosts: tuple[Host, ...],
        running: Running,
        questions: Mapping[str, Question],
        answers: dict[str, Ask],
        layers: LayersAhead,
    ) -> None:
        self.hosts = hosts
        self._running = running
        self._questions = questions
        self._answers = answers
        self._layers = layers
        self.result: Future[PlayResult] = running.result
        self.facts: Mapping[str, Mapping[str, Any]] = running.facts

    def prepared(self) -> None:
        """Return once the hosts have what they need before an artifact, and are hardened.

        Raises:
            HostError: They cannot have it.
        """
        self._until_asked(next(iter(self._questions)))

    def is_prepared(self) -> None:
        """Take them for prepared: nothing was to be done."""
        next(iter(self._questions.values())).asked.set_result(None)

    def when_prepared(self, call: Callable[[], object]) -> None:
        """Have something called as soon as they are."""
        next(iter(self._questions.values())).asked.add_done_callback(lambda _: call())

    def send_ahead(self, artifact: BuildArtifact) -> None:
        """Have hosts that are not prepared yet get the artifact's dependencies meanwhile."""
        self._layers.send(artifact)

    def give_database(self, variables: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """Have the role `database` run with these, where there are any; return once it has.

        Raises:
            HostError: It failed.
        """
        if DATABASE in self._questions:
            self._tell(DATABASE, variables, secrets)
            self._until_asked(RELEASE)

    def give_release(
        self,
        variables: Mapping[str, Any],
        secrets: Mapping[str, Any],
        answers: Mapping[str, Ask],
    ) -> PlayResult:
        """Have the release made; give what came of it.

        Args:
            variables: The roles' variables.
            secrets: Those that no file may hold.
            answers: Who answers what else is asked on the way, by question.

        Raises:
            HostError: It was not.
        """
        self._layers.wait()
        self._answers.update(answers)
        self._tell(RELEASE, variables, secrets)
        return self._running.wait()

    def fits(self, hosts: tuple[Host, ...], *, asks_database: bool) -> bool:
        """Whether it goes over just these hosts, asks just what is needed, and is well."""
        asks = DATABASE in self._questions
        return self.hosts == hosts and asks is asks_database and not self.result.done()

    def give_up(self) -> None:
        """Leave it without its answers: it ends, and has done nothing that it was not told."""
        self._layers.stop()
        for question in self._questions.values():
            question.give_up()

    def _tell(
        self, question: str, variables: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> None:
        self._running.hide(secrets)
        self._questions[question].answer.set_result({**variables, **secrets})

    def _until_asked(self, question: str) -> None:
        asked = self._questions[question].asked
        either: set[Future[Any]] = {asked, self.result}
        wait(either, return_when=FIRST_COMPLETED)
        if not asked.done():
            self.result.result()
            raise TaskFailed(
                f"{PLAYBOOK} ended too early", cause=None, step=PLAYBOOK, host="", reported={}
            )


class Question:
    """What the play asks, once or once more.

    Attributes:
        asked: Done when the play has come to it.
        answer: What it is told.
    """

    def __init__(self) -> None:
        self.asked: Future[None] = Future()
        self.answer: Future[Mapping[str, Any]] = Future()

    def __call__(self, _host: str) -> Mapping[str, Any]:
        """The answer, when there is one."""
        if not self.asked.done():
            self.asked.set_result(None)
        return self.answer.result()

    def give_up(self) -> None:
        """Leave nobody waiting."""
        if not self.answer.done():
            self.answer.set_exception(NoAnswer("the controller has given up"))


@contextmanager
def rollout(
    spec: InfrastructureSpec,
    runtime: Runtime,
    known: Mapping[str, str],
    securing: Securing,
    asks_database: bool,
    early: Rollout | None,
    folder: Path,
    log: AgentLog,
    forks: int,
) -> Iterator[Rollout]:
    """The play, started: it prepares and hardens the hosts first.

    What it is not told by the end is not done.

    Args:
        spec: The hosts.
        runtime: What the application runs with.
        known: Fingerprint of what each host has, by host name: those that match are let be.
        securing: How they are hardened, and which are already.
        asks_database: Whether there may be a database to prepare.
        early: One that was started before all this was known; it is used where it fits.
        folder: The application's private folder.
        log: The Deployer's log.
        forks: On how many hosts at once.
    """
    variables = prepare_variables(spec, runtime)
    everything = {**variables, **securing.variables}
    wanted = {host.name: host_fingerprint(spec, host, variables) for host in spec.hosts}
    ready = {name for name, one in wanted.items() if known.get(name) == one}
    log_in(spec, folder, log)
    all_ready = len(ready) == len(wanted) == len(securing.secured & set(wanted))
    if all_ready:
        log.info("the hosts are prepared already")
    with ExitStack() as stack:
        if early and all_ready and early.fits(spec.hosts, asks_database=asks_database):
            one = early
        else:
            if early:
                early.give_up()
            one = stack.enter_context(
                start(spec, everything, ready, securing, asks_database, folder, log, forks)
            )
        one.when_prepared(lambda: _note(securing, one.facts, wanted, log.write))
        yield one


@contextmanager
def start(
    spec: InfrastructureSpec,
    variables: Mapping[str, Any],
    ready: Collection[str],
    securing: Securing,
    asks_database: bool,
    folder: Path,
    log: AgentLog,
    forks: int,
) -> Iterator[Rollout]:
    """The play alone; on hosts that are ready it does nothing before it is told to.

    Args:
        spec: The hosts.
        variables: Of the roles that prepare and harden hosts.
        ready: Names of hosts that are prepared.
        securing: As in `rollout`.
        asks_database: As in `rollout`.
        folder: As in `rollout`.
        log: As in `rollout`.
        forks: As in `rollout`.
    """
    known_hosts = pin(spec.hosts, folder)
    groups = (ready, securing.secured)
    inventory = write_inventory(spec, folder / "rollout.json", known_hosts, variables, *groups)
    questions = {one: Question() for one in ([DATABASE] if asks_database else []) + [RELEASE]}
    first = {PREPARE: ready, SECURE: securing.secured}
    todo = [tag for tag, done in first.items() if any(one.name not in done for one in spec.hosts)]
    play = Play(
        playbook=PLAYBOOK,
        inventory=inventory,
        tags=(*todo, *questions),
        forks=forks,
        agents=dict(securing.agents),
    )
    answers: dict[str, Ask] = {**questions}
    with started(play, log, "deployer", answers) as running:
        layers = LayersAhead(spec, known_hosts, ready, log, forks)
        running.hear(layers.heard)
        one = Rollout(spec.hosts, running, questions, answers, layers)
        if not todo:
            one.is_prepared()
        try:
            yield one
        finally:
            one.give_up()


def log_in(spec: InfrastructureSpec, folder: Path, log: AgentLog) -> None:
    """Return once every host lets us in."""
    login = partial(wait_for_ssh, key=spec.ssh_key, known_hosts=pin(spec.hosts, folder), log=log)
    with ThreadPoolExecutor() as pool:
        list(pool.map(login, spec.hosts))


def _note(
    securing: Securing,
    facts: Mapping[str, Mapping[str, Any]],
    wanted: Mapping[str, str],
    write: Callable[[HostPrepared], object],
) -> None:
    """Note what hosts have told before they count as prepared: they are not asked again then."""
    securing.note(facts)
    for name, fingerprint in wanted.items():
        write(HostPrepared(host=name, fingerprint=fingerprint))
