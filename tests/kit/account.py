"""An account with others' resources in it, and what must be true of it after a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import foreign
from autodeploy.contracts import ApplicationState, DeploymentStatus
from faultkit import CANARY
from shapekit import shape
from tally import Tally

SNAPSHOT = "AWS::RDS::DBSnapshot"
KEY = "autodeploy:resource"
OURS = {"autodeploy:application": "shop", "autodeploy:environment": "production"}


class Subject(Protocol):
    """An application that faults happen to."""

    @property
    def flags(self) -> Mapping[str, Any]:
        """What its command lines say."""

    @property
    def state(self) -> ApplicationState:
        """What the logs say of it."""

    @property
    def private(self) -> Path:
        """Its private folder."""

    @property
    def places(self) -> list[Path]:
        """Where it has files on this machine."""


class Account:
    """The account, asked service by service.

    Attributes:
        client: Gives a client of a service's.
    """

    def __init__(self, client: Callable[[str], Any], census: Callable[[], list[Any]]) -> None:
        """Know nothing yet.

        Args:
            client: As the attribute.
            census: Lists all that there is, with its tags.
        """
        self.client, self._census = client, census
        self._forms: dict[str, tuple[Counter[str], dict[str, Any]]] = {}
        self._stated: dict[str, set[str]] = {}
        self.remember()

    def remember(self) -> None:
        """What is there now is others'."""
        self._planted, self._owned = self._census(), self._others()

    def learn(self, one: Subject) -> None:
        """What is there of the application is what an undisturbed run leaves."""
        self._forms[str(one.flags)] = self._counted(), self._shaped()
        self._stated[str(one.flags)] = {each.type for each in one.state.resources} & self._kinds

    def knows_the_canary(self) -> None:
        """The database's password is the canary."""
        (secret,) = self._named("AWS::SecretsManager::Secret")
        said = self.client("secretsmanager").get_secret_value(SecretId=secret)
        assert said["SecretString"] == CANARY

    def known(self, one: Subject, tally: Tally, after: str) -> None:
        """Whatever a crash left is in the journal, be it as an intent."""
        state = one.state
        known = {each.key for each in state.resources} | set(state.last.intended)
        for each in self._ours():
            if each["kind"] in self._kinds and each["tags"].get(KEY) not in known:
                tally.orphaned.append(f"{after}: {each['tags'].get(KEY)} is not in the journal")

    def whole(self, one: Subject, tally: Tally, after: str) -> None:
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

    def empty(self, one: Subject, tally: Tally, after: str) -> None:
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
            self.client("rds").delete_db_snapshot(DBSnapshotIdentifier=name)
        self.settle()
        if not left and (self._census(), self._others()) != (self._planted, self._owned):
            tally.wrong.append(f"{after}: what others have has changed")

    def settle(self) -> None:
        """Nothing is listed any more that is gone."""

    @property
    def _kinds(self) -> set[str]:
        """What a whole application has."""
        return set(next(iter(self._forms.values()))[0])

    def _completed(self, one: Subject, tally: Tally, after: str) -> None:
        last = one.state.last
        if last.status not in {DeploymentStatus.COMPLETED, DeploymentStatus.ROLLED_BACK}:
            tally.wrong.append(f"{after}: the next run is {last.status}, {last.error}")

    def _others(self) -> Any:
        """What EC2 says of what others have; moto keeps the ACLs of networks that are gone."""
        found = foreign.snapshot(self.client("ec2"))
        networks = {one["VpcId"] for one in found["Vpcs"]}
        found["NetworkAcls"] = [one for one in found["NetworkAcls"] if one["VpcId"] in networks]
        return found

    def _ours(self) -> list[Any]:
        return [one for one in self._census() if OURS.items() <= one["tags"].items()]

    def _named(self, kind: str) -> list[str]:
        return [one["id"] for one in self._ours() if one["kind"] == kind]

    def _counted(self) -> Counter[str]:
        return Counter(one["kind"] for one in self._ours())

    def _shaped(self) -> dict[str, Any]:
        return shape(self.client, {one["id"]: one["tags"][KEY] for one in self._ours()})

    def _keeps_secrets(self, one: Subject, tally: Tally, after: str) -> None:
        """The password is nowhere, and private keys are in the application's own folder alone."""
        for path in (each for place in one.places for each in place.rglob("*") if each.is_file()):
            text = path.read_bytes()
            private = b"PRIVATE KEY" in text and not path.is_relative_to(one.private)
            if CANARY.encode() in text or private:
                tally.wrong.append(f"{after}: a secret is in {path}")
