"""How long things take: the states between asking and having, for as long as was set.

What has a host behind it takes as long as that does, and at least its delay; all are zero at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug import Response

from autodeploy.lab.api import protocol
from autodeploy.lab.api.gateway import BadRequest, Call, Next
from autodeploy.lab.api.strict import lifecycles
from autodeploy.lab.api.strict.account import Account
from autodeploy.lab.api.strict.lifecycles import DELAYS, DESCRIBING, ENDING, MAKING, Kind

VISIBLE_AFTER_END = 3600  # an instance is described for an hour after it has ended


@dataclass
class _Waiting:
    """A resource on its way to a state.

    Attributes:
        due: When it gets there.
        arrive: What makes it so.
        name: What its descriptions name it by; empty for what comes to its end.
        kind: What it is; None for what comes to its end.
    """

    due: float
    arrive: Callable[[], None]
    name: str = ""
    kind: Kind | None = None


class States:
    """The layer in which things take time; behind `OneAtATime`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.delays: dict[str, float] = {}
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._ended: dict[str, float] = {}

    def __call__(self, call: Call, following: Next) -> Response:
        """Let time have passed, have a call answered, and begin what takes time."""
        self._pass_time()
        kind, ending = MAKING.get(call.action), ENDING.get(call.action)
        if call.action == "ec2:DescribeInstances":
            self._forget_instances(Account.of(call))
        if kind and self.delays.get(kind.name):
            return self._make(call, kind, following)
        if ending and self.delays.get(ending):
            return self._end(call, following)
        if call.action in DESCRIBING and self._waiting:
            return self._described(call, following)
        return following(call)

    def set(self, said: Any) -> dict[str, float]:
        """Set delays, in seconds by kind; those that are not zero.

        Raises:
            BadRequest: There is no such kind, or no such delay.
        """
        if not isinstance(said, Mapping) or set(said) - DELAYS:
            raise BadRequest(f"there are delays for {', '.join(sorted(DELAYS))}")
        if any(not isinstance(one, int | float) or one < 0 for one in said.values()):
            raise BadRequest("delays are seconds")
        self.delays = {key: one for key, one in {**self.delays, **said}.items() if one}
        return self.delays

    def clear(self) -> None:
        """Nothing takes time."""
        self.delays = {}
        self._waiting.clear()
        self._ended.clear()

    def _pass_time(self) -> None:
        now = self._clock()
        due = [one for one in self._waiting if one.due <= now]
        self._waiting = [one for one in self._waiting if one.due > now]
        for one in due:
            one.arrive()

    def _due(self, kind: str) -> float:
        return self._clock() + self.delays[kind]

    def _make(self, call: Call, kind: Kind, following: Next) -> Response:
        response = following(call)
        if response.status_code >= 300:
            return response
        said = protocol.read(call, response)
        for resource in kind.find(Account.of(call), said):
            lifecycles.enter(resource, kind.before)
            arrival = lifecycles.arrival(resource, kind.before, kind.after)
            name = getattr(resource, kind.identifier)
            self._waiting.append(_Waiting(self._due(kind.name), arrival, name, kind))
        return protocol.answer(call, lifecycles.restated(said, kind.after, kind.before))

    def _described(self, call: Call, following: Next) -> Response:
        slow = {one.name: one.kind for one in self._waiting if one.kind}
        response = following(call)
        said = protocol.read(call, response)
        shown = lifecycles.delayed(said, DESCRIBING[call.action], slow)
        return protocol.answer(call, shown) if said else response

    def _end(self, call: Call, following: Next) -> Response:
        account, asked = Account.of(call), protocol.parameters(call)
        if call.action == "rds:DeleteDBInstance":
            database = account.database(asked.get("DBInstanceIdentifier"))
            response = following(call)
            if response.status_code < 300 and database is not None:
                held, name = account.rds.databases, database.db_instance_identifier
                held[name] = database
                database.status = "deleting"
                due = self._due("db-instance")
                self._waiting.append(_Waiting(due, lambda: held.pop(name, None)))
            return response
        wanted = set(asked.get("InstanceIds", ()))
        ending = [one for one in account.instances() if one.id in wanted]
        response = following(call)
        if response.status_code < 300:
            for instance in ending:
                lifecycles.enter(instance, "shutting-down")
                arrival = lifecycles.arrival(instance, "shutting-down", "terminated")
                self._waiting.append(_Waiting(self._due("instance"), arrival))
            said = protocol.read(call, response)
            return protocol.answer(call, lifecycles.restated(said, "terminated", "shutting-down"))
        return response

    def _forget_instances(self, account: Account) -> None:
        """An instance that ended an hour ago is not there any more."""
        now, reservations = self._clock(), account.ec2.reservations
        for key, reservation in list(reservations.items()):
            for instance in list(reservation.instances):
                if instance.state == "terminated":
                    since = self._ended.setdefault(instance.id, now)
                    if now - since >= VISIBLE_AFTER_END:
                        reservation.instances.remove(instance)
            if not reservation.instances:
                del reservations[key]
