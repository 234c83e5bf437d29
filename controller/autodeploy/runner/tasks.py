"""ansible-runner's raw events → our typed ones."""

from __future__ import annotations

import difflib
from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from autodeploy.errors import TaskFailed
from autodeploy.journal import AgentLog
from autodeploy.journal.events import StepEnded, StepStarted
from autodeploy.runner.redaction import Redact

OUTCOMES = {
    "runner_on_ok": "ok",
    "runner_on_skipped": "skipped",
    "runner_on_failed": "failed",
    "runner_on_unreachable": "unreachable",
}
KEPT_LINES = 30
LONGEST_DETAIL = 4000
NAMES = frozenset({"before", "current", "reason", "release"})
"""Facts of our modules that are names of ours, and no words: we go by them, and a secret's text is
in one by chance alone."""
NOBODYS: Mapping[str, str] = MappingProxyType({})
REPORT = "_report"
"""How the facts are called in which roles tell what they have secured: `ROLE_report`."""
Report = Callable[[str, Mapping[str, Any]], object]


class TaskListener:
    """Hears every event of one run, and lets ansible-runner keep no copy of it on disk.

    Attributes:
        changed: Whether any task changed anything.
        facts: What our own modules reported, by host.
        failure: The first task that failed.
        is_left: Whether nobody waits for the play any more: what fails then has not been needed.
        on_report: Called with a host's alias and what a module of ours has reported there.
        on_task: Called when a task begins.
        on_end: Called when the play's last event has come.
    """

    def __init__(
        self,
        log: AgentLog,
        agent: str,
        redact: Redact,
        *,
        agents: Mapping[str, str] = NOBODYS,
        shows_diffs: bool = False,
    ) -> None:
        """`agents` says whose steps a role's are, by role, where they are not `agent`'s."""
        self._log = log
        self._shows_diffs = shows_diffs
        self._agent, self._agents = agent, agents
        self._redact = redact
        self._output: deque[str] = deque(maxlen=KEPT_LINES)
        self.changed = False
        self.facts: dict[str, dict[str, Any]] = {}
        self.failure: TaskFailed | None = None
        self.is_left = False
        self._lost: dict[str, str] = {}
        self.on_report: Report = lambda _host, _facts: None
        self.on_task: Callable[[], object] = lambda: None
        self.on_end: Callable[[], object] = lambda: None

    def __call__(self, event: dict[str, Any]) -> bool:
        """Hear one event; False tells ansible-runner not to write it to a file."""
        kind, data = event.get("event", ""), event.get("event_data", {})
        if kind in OUTCOMES:
            self._task(OUTCOMES[kind], data)
        elif kind == "playbook_on_task_start":
            self.on_task()
        elif kind == "runner_on_start":
            self._log.tell(StepStarted(**self._which(data)))
        elif kind == "playbook_on_stats":
            # The result of a task that handles secrets does not say whether it changed anything.
            self.changed = any(data.get("changed", {}).values())
            self.on_end()
        elif event.get("stdout"):
            self._output.append(self._redact(event["stdout"]))
        return False

    @property
    def unreachable(self) -> tuple[str, str] | None:
        """The first host that was lost and has not answered since, and why."""
        return next(iter(self._lost.items()), None)

    def last_output(self) -> str | None:
        """What Ansible said last, where no task tells what happened."""
        return "\n".join(self._output)[-LONGEST_DETAIL:] or None

    def _task(self, outcome: str, data: dict[str, Any]) -> None:
        raw, host = data.get("res") or {}, data.get("host", "")
        result = self._redact(raw)
        ignored = bool(data.get("ignore_errors"))
        self._take(host, raw)
        if outcome == "ok" and result.get("changed"):
            outcome = "changed"
        if outcome == "failed" and self.is_left:
            outcome = "skipped"
        detail = _message(result) if outcome in {"failed", "unreachable"} else None
        if self._shows_diffs and outcome == "changed":
            detail = _diff(result)
        self._log.write(
            StepEnded(
                **self._which(data),
                seconds=round(data.get("duration") or 0.0, 3),
                outcome=outcome,
                detail=detail,
            )
        )
        if outcome == "unreachable":
            self._lost.setdefault(host, detail or "")
        elif outcome in {"ok", "changed"}:
            # One that a role waits for again has let us in.
            self._lost.pop(host, None)
        if outcome == "failed" and not ignored and self.failure is None:
            self.failure = TaskFailed(
                f"the task `{_name(data)}` failed",
                cause=detail,
                step=_name(data),
                host=host,
                reported=self._facts(raw) or {},
            )

    def _which(self, data: dict[str, Any]) -> dict[str, Any]:
        """Whose step it is, what it is called and where it runs."""
        agent = self._agents.get(data.get("role") or "", self._agent)
        return {"agent": agent, "step": _name(data), "host": data.get("host", "")}

    def _take(self, host: str, raw: dict[str, Any]) -> None:
        """Keep what our modules report, also out of loops."""
        for one in (raw, *raw.get("results", ())):
            if (facts := self._facts(one)) is not None:
                self.facts.setdefault(host, {}).update(facts)
                self.on_report(host, facts)

    def _facts(self, raw: Any) -> dict[str, Any] | None:
        """What a module of ours has reported; None where it was none of ours."""
        if not isinstance(raw, dict):
            return None
        facts = raw.get("ansible_facts")
        known = facts if isinstance(facts, dict) else {}
        said = {name: one for name, one in known.items() if name.endswith(REPORT)}
        if isinstance(own := raw.get("autodeploy"), dict):
            said.update(own)
        elif not said:
            return None
        return {name: one if name in NAMES else self._redact(one) for name, one in said.items()}


def _name(data: dict[str, Any]) -> str:
    role, task = data.get("role"), data.get("task", "")
    return f"{role} : {task}" if role and not task.startswith(f"{role} : ") else task


def _message(result: dict[str, Any]) -> str:
    """What a failed task says, in the order of what helps most."""
    failed = [
        one for one in result.get("results", ()) if isinstance(one, dict) and one.get("failed")
    ]
    chosen = failed[0] if failed else result
    parts = [chosen.get("msg"), chosen.get("stderr") or chosen.get("module_stderr")]
    text = "\n".join(str(part).strip() for part in parts if part)
    return text[-LONGEST_DETAIL:] or str(result.get("censored") or "no message")


def _diff(result: dict[str, Any]) -> str | None:
    """What a task would change, where its module says so."""
    said = result.get("diff") or ()
    parts = [said] if isinstance(said, dict) else said
    texts = [one.get("prepared") or _unified(one) for one in parts if isinstance(one, dict)]
    return "\n".join(filter(None, texts))[:LONGEST_DETAIL] or None


def _unified(diff: dict[str, Any]) -> str:
    before, after = (str(diff.get(name) or "").splitlines() for name in ("before", "after"))
    return "\n".join(list(difflib.unified_diff(before, after, lineterm="", n=0))[2:])
