"""The lab as an account with others' things in it, and what an undisturbed deployment leaves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, cycle, repeat
from typing import Any

import foreign
from account import Account
from autodeploy.journal.events import StepEnded
from autodeploy.lab import client
from autodeploy.lab.info import LabInfo
from breakkit import Inside
from deathkit import ANY, WHENS, When, points, unread
from labkit import Machine, api, until
from lablife import Death, LabApplication
from tally import Tally

log = logging.getLogger(__name__)
ON_HOSTS = ("deployer", "sheriff")
TAGS = {
    "autodeploy:managed-by": "autodeploy",
    "autodeploy:application": "shop",
    "autodeploy:environment": "staging",
}
NEIGHBOUR = {
    "TagSpecifications": [
        {
            "ResourceType": "instance",
            "Tags": [{"Key": key, "Value": value} for key, value in TAGS.items()],
        }
    ]
}
"""What a host of the same application in another environment is asked for with."""


Step = tuple[str, str, str | None]
"""Agent, step, host."""


class LabWorld(Account):
    """The account, and the application in it.

    Attributes:
        one: The application; deployed, undisturbed, when this is made.
        making: How many mutating calls an undisturbed deployment makes.
        steps: Every step of an undisturbed deployment on the hosts, in order.
        rolling: Those of them at which the first host has the release and the second has not.
    """

    def __init__(self, lab: LabInfo, one: LabApplication, neighbour: Machine) -> None:
        """Deploy once, undisturbed.

        Args:
            lab: The running lab.
            one: Not deployed yet.
            neighbour: A host of somebody else's.
        """
        self.one, self._lab = one, lab
        self._neighbour = Inside(neighbour.instance_id)
        self._boot = until(self._neighbour.boot)
        asked = cache(lambda service: api(lab, service))
        foreign.make(
            asked("ec2"), lab.region, [foreign.Part("a", "own"), foreign.Part("b", "none")]
        )
        super().__init__(asked, client.snapshot)
        before = len(client.calls())
        assert one.deploy() is None
        self.making = len(points(client.calls()[before:]))
        self.steps = list(dict.fromkeys(self._steps()))
        self.rolling = self._rolling()
        self.learn(one)
        self.knows_the_canary()
        self._looked = one.looks()

    def application(self) -> LabApplication:
        """The application before its first deployment, in an account that has nothing of it."""
        if self._census() != self._planted:
            assert self.one.destroy() is None
            tally = Tally()
            self.empty(self.one, tally, "nothing")
            assert tally.bad == []
        return self.one

    def lives(
        self,
        first: Callable[[Death], str | None],
        then: Callable[[Death], str | None],
        deaths: Iterator[Death],
        tally: Tally,
    ) -> None:
        """Run the first command, then the other, until one lives or there are no more deaths."""
        for run, death in zip(chain([first], repeat(then)), deaths, strict=False):
            died = run(death)
            if died is None:
                return
            tally.tried += 1
            log.info("%s", died)
            until(lambda: not unread(self._lab.endpoint_url), pause=0.01)
            self.known(self.one, tally, died)

    def whole(self, one: Any, tally: Tally, after: str) -> None:
        """As there; its hosts serve the same, and nothing of dead controllers goes on."""
        super().whole(one, tally, after)
        if len(releases := set(one.releases())) != 1:
            tally.wrong.append(f"{after}: hosts serve {releases}")
        self._nothing_goes_on(one, tally, after)

    def new(self, one: LabApplication, tally: Tally, after: str) -> None:
        """Its hosts have what an undisturbed first deployment leaves on them, and no more."""
        if (found := one.looks()) != self._looked:
            tally.wrong.append(f"{after}: on hosts {found} is not {self._looked}")

    def empty(self, one: Any, tally: Tally, after: str) -> None:
        """As there; and nothing of dead controllers goes on, and the neighbour's host did."""
        super().empty(one, tally, after)
        self._nothing_goes_on(one, tally, after)
        if self._neighbour.boot() != self._boot:
            tally.wrong.append(f"{after}: somebody else's host was restarted")

    def _nothing_goes_on(self, one: LabApplication, tally: Tally, after: str) -> None:
        tally.wrong += [f"{after}: {left} is left" for left in one.survivors()]

    def _steps(self) -> Iterator[Step]:
        for event in self.one.history:
            if isinstance(event, StepEnded) and event.agent in ON_HOSTS:
                yield event.agent, event.step, event.host

    def _rolling(self) -> list[Step]:
        """From the first host's last step to the second's."""
        last = {step[2]: step for step in self.steps if step[0] == "deployer"}
        first, second = (self.steps.index(last[f"shop-production-host-{one}"]) for one in (1, 2))
        return self.steps[first : second + 1]


def at_call(number: int, when: When) -> Death:
    """A life ends at its mutating call with this number."""
    return {"call": [ANY, number], "when": when}


def at_calls(stride: int) -> Iterator[Death]:
    """Each life ends at its call with this number, at one of the call's moments after another."""
    return (at_call(stride, when) for when in cycle(WHENS))


def at_steps(steps: list[Step]) -> Iterator[Death]:
    """Each life ends as one of these steps does."""
    return ({"step": list(step)} for step in steps)
