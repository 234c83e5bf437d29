"""Carries out a Plan, side by side what does not depend on each other.

Each call is journalled before and after, and each is safe to be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Literal

from autodeploy.aws.errors import is_transient
from autodeploy.contracts import Action, Plan, PlannedAction
from autodeploy.errors import CloudError, Interrupted, NameTaken, PlanOutdated, RangesOverlap
from autodeploy.journal import AgentLog
from autodeploy.journal import events as e
from autodeploy.provisioner.deletion import delete, delete_in_waves
from autodeploy.provisioner.kinds import Desired, Found, Look, Site, Step

AT_ONCE = 16
PATIENCE_SECONDS = 60
DONE_ALREADY = frozenset(
    {
        "InvalidPermission.Duplicate",
        "InvalidPermission.NotFound",
        "Resource.AlreadyAssociated",
        "RouteAlreadyExists",
    }
)
"""Answers to a step that an earlier attempt, whose answer was lost, has done."""
UNKNOWN = frozenset(
    {
        "CacheSubnetGroupNotFoundFault",
        "CertificateNotFound",
        "DBSubnetGroupNotFoundFault",
        "InvalidGroup.NotFound",
        "InvalidInstanceID.NotFound",
        "InvalidInternetGatewayID.NotFound",
        "InvalidKeyPair.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidSecurityGroup",
        "InvalidSubnet",
        "InvalidSubnetID.NotFound",
        "InvalidTarget",
        "InvalidVpcID.NotFound",
        "LoadBalancerNotFound",
        "NotFound",
        "SubnetNotFound",
        "TargetGroupNotFound",
    }
)
"""Answers for what was made a moment ago, for AWS is consistent only in the end; and for what is
gone, where they go on."""


class Executor:
    """Does exactly what a plan says."""

    def __init__(self, site: Site, log: AgentLog) -> None:
        self._site = site
        self._log = log

    def apply(
        self, plan: Plan, wanted: Iterable[Desired], alive: Mapping[str, Found]
    ) -> Iterator[Found]:
        """Carry out all actions; gives every resource that stays as soon as it is ready.

        What nothing asks for any more is taken away last; what is kept of it is journalled alone.

        Raises:
            CloudError: The first failure; what was running beside it has ended then.
        """
        by_key = {one.key: one for one in wanted}
        actions = {one.key: one for one in plan.actions}
        for one in plan.actions:
            if one.action is Action.NONE and one.key not in by_key:
                self._done("none", alive[one.key])
        yield from self._in_order(
            by_key, lambda key: self._do(actions[key], by_key[key], alive.get(key))
        )
        surplus = [alive[one.key] for one in plan.actions if one.action is Action.DELETE]
        delete_in_waves(self._site, self._log, surplus)

    def _in_order(
        self, by_key: Mapping[str, Desired], do: Callable[[str], Found]
    ) -> Iterator[Found]:
        """Do each once all that it needs is done, as many at once as there can be."""
        needs = {key: [n for n in one.needs if n in by_key] for key, one in by_key.items()}
        graph = TopologicalSorter(needs)
        graph.prepare()
        running: dict[Future[Found], str] = {}
        with ThreadPoolExecutor(AT_ONCE) as pool:
            try:
                while graph.is_active():
                    running.update({pool.submit(do, key): key for key in graph.get_ready()})
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
                        graph.done(running.pop(future))
            except BaseException as error:
                self._site.patience.stop.set()
                raise _cause(error, running) from None

    def _do(self, planned: PlannedAction, one: Desired, found: Found | None) -> Found:
        self._site.patience.check()
        try:
            return self._carry_out(planned, one, found)
        except CloudError as error:
            if error.code not in UNKNOWN:
                raise
            message = f"{one.key}, or something that it needs, is gone since the plan was made"
            raise _outdated(message, error) from error

    def _carry_out(self, planned: PlannedAction, one: Desired, found: Found | None) -> Found:
        if found is not None and planned.action is Action.NONE:
            return self._leave(one, found)
        if found is not None:
            self._log.warning(f"{one.key}: {planned.reason}")
        with self._log.step(f"{planned.action} {one.key}"):
            if found is not None and planned.action is Action.REPLACE:
                delete(self._site, self._log, found)
                found = None
            made = found or self._create(one)
            self._site.ids[one.key] = made.id
            for step in one.lacks(made, self._site.ids):
                self._take(step, made)
            there = one.ready(self._site, made)
            self._tell_drift(one, there)
            return there

    def _tell_drift(self, one: Desired, found: Found) -> None:
        if drift := one.drift(found):
            self._log.warning(f"{one.key}: {drift}")

    def _leave(self, one: Desired, found: Found) -> Found:
        self._tell_drift(one, found)
        self._done("none", found)
        return one.ready(self._site, found)

    def _create(self, one: Desired) -> Found:
        """Make it; where an answer was lost, look first whether it was made."""
        tried = False

        def attempt() -> Found:
            nonlocal tried
            adopted = self._lookup(one) if tried else None
            tried = True
            return adopted or one.create(self._site, intend)

        def intend(token: str | None = None) -> None:
            event = e.ResourceIntended(action="create", key=one.key, type=one.type, token=token)
            self._log.write(event)

        what = f"AWS to let {one.key} be made"
        try:
            made = self._site.patience.persist(
                attempt, seconds=PATIENCE_SECONDS, on=_is_passing, what=what
            )
        except (NameTaken, RangesOverlap) as error:
            if self._lookup(one) is None:
                raise
            raise _outdated(f"{one.key} was made since the plan was", error) from error
        self._done("create", made)
        return made

    def _lookup(self, one: Desired) -> Found | None:
        found = one.observe(Look(self._site.cloud, self._site.owner, self._site.ours))
        return next((each for each in found if each.alive and each.key == one.key), None)

    def _take(self, step: Step, found: Found) -> None:
        self._log.write(
            e.ResourceIntended(action="update", key=found.key, type=found.type, id=found.id)
        )
        try:
            self._site.patience.persist(
                lambda: step.call(self._site),
                seconds=PATIENCE_SECONDS,
                on=_is_passing,
                what=f"AWS to let {found.key} be changed",
            )
        except CloudError as error:
            if error.code not in DONE_ALREADY:
                raise
        self._done("update", found)

    def _done(self, action: Literal["create", "update", "none"], found: Found) -> None:
        self._log.write(e.ResourceDone(action=action, key=found.key, type=found.type, id=found.id))


def _cause(error: BaseException, running: Iterable[Future[Found]]) -> BaseException:
    """What went wrong: what was given up because of it may have ended before."""
    if not isinstance(error, Interrupted):
        return error
    ended, _ = wait(running)
    errors = (one.exception() for one in ended)
    return next((one for one in errors if one and not isinstance(one, Interrupted)), error)


def _is_passing(error: BaseException) -> bool:
    unknown = isinstance(error, CloudError) and error.code in UNKNOWN
    return unknown or is_transient(error)


def _outdated(message: str, error: CloudError) -> PlanOutdated:
    """The error where what exists has changed between planning and carrying out."""
    remediation = "Deploy again: it plans anew, from what there is now, and goes on."
    return PlanOutdated(message, cause=error.cause, step=error.step, remediation=remediation)
