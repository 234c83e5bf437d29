"""What each tool does, through the functions that the command line uses."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import click

from autodeploy import conductor, deployer, paths, recon
from autodeploy.cli import applications, costpage, output, statuswatch, ways, wiring
from autodeploy.cli.assistant import answers, approvals
from autodeploy.cli.assistant.answers import cut, some
from autodeploy.contracts import ApplicationState, DeploymentState, ErrorReport
from autodeploy.errors import LeaseHeld, PlanOutdated, UsageError
from autodeploy.journal.journal import Listener
from autodeploy.settings import Settings


def analyze(repository: str, ref: str | None, path: str | None) -> answers.Analysis:
    """Look at a repository."""
    accepted = _without_secret(repository)
    with paths.scratch("analyze") as folder:
        seen = recon.look(accepted, ref=ref, path=path, folder=folder, log=output.Talk())
    stack = seen.stack
    return answers.Analysis(
        repository=cut(seen.url),
        commit=seen.commit,
        language=stack.language,
        framework=stack.framework,
        runtime=stack.runtime_version.resolved,
        databases=some(stack.databases),
        processes=dict(zip(some(stack.processes), some(stack.processes.values()), strict=True)),
        variables=some(one.name for one in stack.variables),
        findings=some(stack.findings),
    )


def plan(
    repository: str, ref: str | None, path: str | None, flags: dict[str, Any]
) -> answers.PlanAnswer:
    """Plan a deployment, and keep that for a human."""
    flags = {**flags, "profile": _profile()}
    command = wiring.command_for(_without_secret(repository), ref, path, flags)
    environment = wiring.onlooker(command.settings)
    saved = conductor.plan(command, environment, output.Talk())
    if saved.subject.commit is None:
        raise UsageError(
            f"{cut(repository)} is no git repository: what is approved could change",
            remediation="Commit what is to be deployed; a plan is of one commit.",
        )
    waiting = approvals.Waiting(
        kind="deploy",
        made_at=datetime.now(UTC),
        repository=command.repository or "",
        ref=ref,
        path=path,
        flags={key: value for key, value in flags.items() if value is not None},
        plan=saved,
    )
    changed = [one for one in saved.plan.actions if one.action != "none"]
    return answers.PlanAnswer(
        **_asked_for(waiting),
        application=saved.subject.application,
        environment=saved.subject.environment,
        target=saved.subject.target,
        commit=saved.subject.commit,
        summary={str(action): count for action, count in saved.plan.summary.items()},
        changes=some(f"{one.action} {one.key} ({one.type}): {one.reason}" for one in changed),
        release=cut(saved.release),
        monthly_cost=costpage.rounded(saved.cost.after.monthly) if saved.cost else None,
    )


def deploy(plan_id: str, hear: Listener) -> answers.Run:
    """Carry out an approved plan, and nothing else."""
    waiting = approvals.approved(plan_id, "deploy")
    command = wiring.command_for(waiting.repository, waiting.ref, waiting.path, waiting.flags)
    command = replace(command, approved=waiting.plan)
    with _held(plan_id):
        return _run(conductor.deploy(command, _beginning(plan_id, command.settings, hear)))


def plan_rollback(application: str, environment: str) -> answers.PlanAnswer:
    """Say what a rollback would undo, and keep that for a human."""
    known = applications.find(application, environment)
    conductor.refuse_to_lose_data(conductor.what(known), known)
    undone = _undone(known)
    waiting = approvals.Waiting(kind="rollback", made_at=datetime.now(UTC), rollback=undone)
    lines = [
        *(f"remove {one}" for one in undone.removes),
        *(f"the secret {one} has its earlier value again" for one in undone.secrets_back),
    ]
    to = f"release {undone.leads_to}" if undone.leads_to else "nothing: the application goes"
    return answers.PlanAnswer(
        **_asked_for(waiting),
        application=undone.application,
        environment=undone.environment,
        changes=some([f"undo {undone.undoes}", *lines]),
        release=cut(f"back to {to}"),
    )


def rollback(plan_id: str, hear: Listener) -> answers.Run:
    """Undo what an approved plan says, if it still is what would be undone."""
    waiting = approvals.approved(plan_id, "rollback")
    then = waiting.rollback
    if then is None:
        raise UsageError(f"the plan {plan_id} says nothing", remediation=approvals.ANEW)
    known = applications.find(then.application, then.environment)
    now = _undone(known)
    if now != then:
        before, after = then.model_dump(), now.model_dump()
        raise PlanOutdated(
            f"{then.application} is not as it was when the plan was made; nothing was changed",
            cause="\n".join(
                f"{key}: {before[key]} then, {after[key]} now"
                for key in before
                if before[key] != after[key]
            ),
            remediation=approvals.ANEW,
        )
    settings = wiring.settings_of(known, _profile())
    command = conductor.Command(
        repository=None, name=known.application, flags={}, settings=settings
    )
    with _held(plan_id):
        return _run(conductor.rollback(command, _beginning(plan_id, settings, hear), known))


def status(application: str | None, environment: str) -> answers.Status:
    """Say what is deployed; of one application also how it is now."""
    if application is None:
        found = applications.store().every().values()
        known = [one for one in found if isinstance(one, ApplicationState)]
        return answers.Status(applications=[_shown(one, None) for one in known[: answers.MOST]])
    known = [applications.find(application, environment)]
    (look,) = statuswatch.looks(known)
    return answers.Status(applications=[_shown(known[0], look.health if look else None)])


def logs(application: str, environment: str, process: str | None, lines: int) -> answers.Logs:
    """Read the newest lines of an application's log."""
    known = applications.find(application, environment)
    query = deployer.LogQuery(application, process, lines=lines)
    lost: list[Exception] = []
    where = wiring.environment(wiring.settings_of(known, _profile()))
    with conductor.logs(known, query, None, where, lost.append) as said:
        newest = deque(said, maxlen=lines)
    if lost and not newest:
        raise lost[0]
    shown = [
        answers.Line(
            time=one.time.isoformat(), host=one.host, process=one.process, text=cut(one.text)
        )
        for one in newest
    ]
    return answers.Logs(lines=shown)


def _without_secret(repository: str) -> str:
    accepted = recon.validate(repository)
    if recon.without_credentials(accepted) != accepted:
        raise UsageError(
            "the repository's address holds credentials, and a plan is kept in a file",
            remediation="Leave them out; an ssh agent or git's credential helper has them.",
        )
    return accepted


def _asked_for(waiting: approvals.Waiting) -> dict[str, str]:
    identifier = approvals.keep(waiting)
    return {"plan_id": identifier, "approve_with": f"autodeploy mcp approve {identifier}"}


def _profile() -> str | None:
    """`--profile` of the server; `state` and this hold for all tools."""
    found: str | None = click.get_current_context().params.get("profile")
    return found


def _beginning(plan_id: str, settings: Settings, hear: Listener) -> conductor.Environment:
    """Where the run works that the plan's approval is used up for, once that begins."""
    begins = partial(approvals.use, plan_id)
    return replace(wiring.environment(settings), listener=hear, before_begin=begins)


@contextmanager
def _held(plan_id: str) -> Iterator[None]:
    try:
        yield
    except LeaseHeld as error:
        error.remediation = (
            f"Wait for it to end, and call this tool with {plan_id} again: its approval still "
            "holds. Where that machine is gone, the user runs `autodeploy unlock APP`."
        )
        raise


def _undone(known: ApplicationState) -> approvals.RollbackPlan:
    way = conductor.what(known)
    runs = applications.store().states(known.application, known.environment)
    switch = way if isinstance(way, conductor.Switch) else None
    removed = () if isinstance(way, conductor.Switch) else way.resources
    return approvals.RollbackPlan(
        application=known.application,
        environment=known.environment,
        undoes=way.change.id,
        leads_to=switch.release.release if switch else None,
        removes=tuple(sorted(f"{one.type} {one.id}" for one in removed)),
        secrets_back=tuple(conductor.secrets_back(way, known, runs)),
        last=known.last.id,
    )


def _run(state: DeploymentState) -> answers.Run:
    running, error = state.deployment, state.error or state.failure
    return answers.Run(
        deployment_id=state.id,
        application=state.application,
        environment=state.environment,
        status=state.status,
        url=running.url if running else None,
        release=running.release if running else None,
        changed=state.changed,
        error=_failure(error) if error else None,
        next=some(ways.after(state)),
    )


def _failure(error: ErrorReport) -> answers.Failure:
    return answers.Failure(
        message=cut(error.message),
        where=cut(", ".join(filter(None, (error.agent, error.step, error.host)))),
        why=cut(error.cause) if error.cause else None,
        remedy=cut(error.remediation),
    )


def _shown(known: ApplicationState, health: object) -> answers.Application:
    live = known.live.deployment if known.live else None
    return answers.Application(
        application=known.application,
        environment=known.environment,
        target=known.target,
        status=known.status,
        health=cut(health) if health else None,
        url=live.url if live else None,
        release=live.release if live else None,
        resources=len(known.resources),
        hosts=some(f"{one.name} {one.address}" for one in known.hosts),
        last=_run(known.last),
    )
