"""An account with others' resources in it, and what must be true of it after a fault."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import deathkit
import foreign
import strictkit
from autodeploy.contracts import DeploymentState, DeploymentStatus
from faultkit import CANARY, Application, door
from shapekit import shape
from tally import Tally

HOUR = 4000  # seconds; AWS lists instances for one after they have ended
FRESH = 8
"""Applications until the account is made anew: moto keeps parts of what is gone, and gets slow."""
SNAPSHOT = "AWS::RDS::DBSnapshot"
KEY = "autodeploy:resource"
OURS = {"autodeploy:application": "shop", "autodeploy:environment": "production"}


class World:
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
        self._forms: dict[str, tuple[Counter[str], dict[str, Any]]] = {}
        self._stated: dict[str, set[str]] = {}
        self._plant()
        first = self.application()
        self.making = self._undisturbed(first.deploy)
        self._learn(first)
        self._knows_the_canary()
        self.removing = self._undisturbed(first.destroy)
        second = self.application()
        second.deploy()
        self.fewer = self._undisturbed(second.with_fewer().deploy)
        self._learn(second.with_fewer())
        second.destroy()
        tally = Tally()
        self.empty(second, tally, "nothing")
        assert not tally.bad

    def _undisturbed(self, run: Callable[[], DeploymentState]) -> list[deathkit.Point]:
        self.door.calls.clear()
        assert run().status is DeploymentStatus.COMPLETED
        return deathkit.points(self.door.calls)

    def _learn(self, one: Application) -> None:
        self._forms[str(one.flags)] = self._counted(), self._shaped()
        self._stated[str(one.flags)] = {each.type for each in one.state.resources} & self._kinds

    def _knows_the_canary(self) -> None:
        (secret,) = self._named("AWS::SecretsManager::Secret")
        said = self.api.client("secretsmanager").get_secret_value(SecretId=secret)
        assert said["SecretString"] == CANARY

    def application(self) -> Application:
        """The application before its first deployment, in an account that has nothing of it."""
        self._number += 1
        if self._number % FRESH == 0 or self._census() != self._planted:
            self._plant()
        return Application(self._folder / str(self._number), self.door)

    def known(self, one: Application, tally: Tally, after: str) -> None:
        """Whatever a crash left is in the journal, be it as an intent."""
        state = one.state
        known = {each.key for each in state.resources} | set(state.last.intended)
        for each in self._ours():
            if each["kind"] in self._kinds and each["tags"].get(KEY) not in known:
                tally.orphaned.append(f"{after}: {each['tags'].get(KEY)} is not in the journal")

    def whole(self, one: Application, tally: Tally, after: str) -> None:
        """The run has completed; the account and the state are those of an undisturbed one."""
        wanted, form = self._forms[str(one.flags)]
        state, counts, ours = one.state, self._counted(), self._ours()
        self._completed(one, tally, after)
        tally.lost += [f"{after}: {kind}" for kind in wanted - counts]
        tally.doubled += [f"{after}: {kind}" for kind in counts - wanted]
        kinds = self._stated[str(one.flags)]
        stated = {each.id for each in state.resources if each.type in kinds}
        there = {each["id"] for each in ours if each["kind"] in kinds}
        tally.lost += [f"{after}: {id_}, which is in the state" for id_ in stated - there]
        tally.orphaned += [f"{after}: {id_} is not in the state" for id_ in there - stated]
        if (found := self._shaped()) != form:
            tally.wrong.append(f"{after}: {found} is not {form}")
        self._keeps_secrets(one, tally, after)

    def empty(self, one: Application, tally: Tally, after: str) -> None:
        """The run has completed; the account has what others have, and the state's snapshots."""
        state, kept = one.state, set(self._named(SNAPSHOT))
        self._completed(one, tally, after)
        left = [each for each in self._ours() if each["kind"] != SNAPSHOT]
        tally.orphaned += [f"{after}: {each['kind']} {each['id']} is left" for each in left]
        tally.lost += [f"{after}: {each.id}, which is in the state" for each in state.resources]
        if kept != set(state.last.snapshots) or len(kept) > 1:
            tally.wrong.append(f"{after}: snapshots {kept}, the state has {state.last.snapshots}")
        self._keeps_secrets(one, tally, after)
        for name in kept:
            self.api.client("rds").delete_db_snapshot(DBSnapshotIdentifier=name)
        self.api.clock.now += HOUR
        if not left and (self._census(), self._others()) != (self._planted, self._owned):
            tally.wrong.append(f"{after}: what others have has changed")
        shutil.rmtree(one.home)

    @property
    def _kinds(self) -> set[str]:
        """What a whole application has."""
        return set(next(iter(self._forms.values()))[0])

    def _completed(self, one: Application, tally: Tally, after: str) -> None:
        last = one.state.last
        if last.status not in {DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK}:
            tally.wrong.append(f"{after}: the next run is {last.status}, {last.error}")

    def _plant(self) -> None:
        self.api.admin("POST", "reset")
        ec2 = self.api.client("ec2")
        foreign.make(ec2, strictkit.REGION, [foreign.Part("a", "own"), foreign.Part("b", "main")])
        shutil.rmtree(self._folder / "neighbour", ignore_errors=True)
        Application(self._folder / "neighbour", self.door, "shop-2").deploy()
        self._planted, self._owned = self._census(), self._others()

    def _others(self) -> Any:
        """What EC2 says of what others have; moto keeps the ACLs of networks that are gone."""
        found = foreign.snapshot(self.api.client("ec2"))
        networks = {one["VpcId"] for one in found["Vpcs"]}
        found["NetworkAcls"] = [one for one in found["NetworkAcls"] if one["VpcId"] in networks]
        return found

    def _census(self) -> list[Any]:
        return list(self.api.admin("GET", "snapshot"))

    def _ours(self) -> list[Any]:
        return [one for one in self._census() if OURS.items() <= one["tags"].items()]

    def _named(self, kind: str) -> list[str]:
        return [one["id"] for one in self._ours() if one["kind"] == kind]

    def _counted(self) -> Counter[str]:
        return Counter(one["kind"] for one in self._ours())

    def _shaped(self) -> dict[str, Any]:
        return shape(self.api.client, {one["id"]: one["tags"][KEY] for one in self._ours()})

    def _keeps_secrets(self, one: Application, tally: Tally, after: str) -> None:
        """The password is nowhere, and private keys are in the application's own folder alone."""
        for path in (each for each in one.home.rglob("*") if each.is_file()):
            text = path.read_text()
            private = "PRIVATE KEY" in text and not path.is_relative_to(one.private)
            if CANARY in text or private:
                tally.wrong.append(f"{after}: a secret is in {path.relative_to(one.home)}")
