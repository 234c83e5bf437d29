"""The lab's API without hosts, and applications that come and go there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import deathkit
import foreign
import strictkit
from account import Account, Subject
from autodeploy.contracts import DeploymentState, DeploymentStatus
from faultkit import Application, door
from tally import Tally

HOUR = 4000  # seconds; AWS lists instances for one after they have ended
FRESH = 24
"""Applications until the account is made anew: moto keeps parts of what is gone, and gets slow."""


class World(Account):
    """The account.

    Attributes:
        mortal: The way to the API of processes that are killed: nobody else talks through it.
        making: Every mutating call of an undisturbed deployment.
        fewer: Every mutating call of an undisturbed change to settings that ask for less.
        removing: Every mutating call of an undisturbed removal.
    """

    def __init__(self, api: strictkit.Api, folder: Path) -> None:
        self.api, self._folder = api, folder
        self.door, self.mortal = door(api), door(api)
        self._number = 0
        super().__init__(api.client, lambda: list(api.admin("GET", "snapshot")))
        self._plant()
        first = self.application()
        self.making = self._undisturbed(first.deploy)
        self.learn(first)
        self.knows_the_canary()
        self.removing = self._undisturbed(first.destroy)
        second = self.application()
        second.deploy()
        self.fewer = self._undisturbed(second.with_fewer().deploy)
        self.learn(second.with_fewer())
        second.destroy()
        tally = Tally()
        self.empty(second, tally, "nothing")
        assert tally.bad == []

    def _undisturbed(self, run: Callable[[], DeploymentState]) -> list[deathkit.Point]:
        self.door.calls.clear()
        assert run().status is DeploymentStatus.COMPLETED
        return deathkit.points(self.door.calls)

    def application(self) -> Application:
        """The application before its first deployment, in an account that has nothing of it."""
        self._number += 1
        if self._number % FRESH == 0 or self._census() != self._planted:
            self._plant()
        return Application(self._folder / str(self._number), self.door)

    def empty(self, one: Subject, tally: Tally, after: str) -> None:
        """As there; the state goes too."""
        super().empty(one, tally, after)
        for place in one.places:
            shutil.rmtree(place)

    def settle(self) -> None:
        """As there."""
        self.api.clock.now += HOUR

    def _plant(self) -> None:
        self.api.admin("POST", "reset")
        ec2 = self.api.client("ec2")
        foreign.make(ec2, strictkit.REGION, [foreign.Part("a", "own"), foreign.Part("b", "main")])
        shutil.rmtree(self._folder / "neighbour", ignore_errors=True)
        Application(self._folder / "neighbour", self.door, "shop-2").deploy()
        self.remember()
