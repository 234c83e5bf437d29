"""A change of secrets that is killed anywhere: the same command again makes it, once.

Nothing is lost, orphaned or doubled, no value is written down, and a removal takes all of it.
"""

from __future__ import annotations

import json
from functools import partial
from itertools import count

import pytest

from autodeploy.contracts import DeploymentStatus
from deathkit import WHENS, Point, killed, killed_writing
from faultkit import CANARY

pytestmark = pytest.mark.slow

MAKING = [Point("CreateSecret", 1), Point("PutSecretValue", 1)]
CHANGING = [Point("PutSecretValue", 1)]
FIRST, SECOND = {"A": CANARY}, {"B": "2"}


def kept(world):
    """What the account has of it: the identifiers."""
    return [one["id"] for one in world._ours() if one["tags"].get("autodeploy:resource") == KEY]


KEY = "variables"


def whole(world, one, tally, wanted, after):
    """The run has completed; the version that the journal names has the values, and is alone."""
    state, there = one.state, kept(world)
    if state.secrets is None or state.secrets.names.keys() != wanted.keys():
        tally.lost.append(f"{after}: the state has {state.secrets}")
        return
    if there != [state.secrets.id]:
        tally.doubled.append(f"{after}: {there}, the state has {state.secrets.id}")
    found = world.api.client("secretsmanager").get_secret_value(
        SecretId=state.secrets.id, VersionId=state.secrets.version
    )
    if json.loads(found["SecretString"]) != wanted:
        tally.wrong.append(f"{after}: {state.secrets.names} have other values")
    world._keeps_secrets(one, tally, after)


def completed(state):
    assert state.status is DeploymentStatus.COMPLETED, state.error


@pytest.mark.parametrize("when", WHENS)
def test_killed_at_a_call_it_is_made_by_the_same_command(world, tally, when):
    for made, changed in zip(MAKING, CHANGING * len(MAKING), strict=True):
        tally.tried += 2
        one = world.application()
        killed(partial(one.by(world.mortal).configure, **FIRST), world.mortal, made, when)
        world.known(one, tally, f"{made} {when}")
        completed(one.configure(**FIRST))
        whole(world, one, tally, FIRST, f"{made} {when}")
        killed(partial(one.by(world.mortal).configure, **SECOND), world.mortal, changed, when)
        whole(world, one, tally, FIRST, f"{changed} {when}, before the next run")
        completed(one.configure(**SECOND))
        whole(world, one, tally, {**FIRST, **SECOND}, f"{changed} {when}")
        one.destroy()
        world.empty(one, tally, f"{made} {when}")


@pytest.mark.parametrize("when", WHENS)
def test_a_removal_that_is_killed_at_it_is_completed(world, tally, when):
    tally.tried += 1
    one = world.application()
    one.configure(**FIRST)
    killed(one.by(world.mortal).destroy, world.mortal, Point("DeleteSecret", 1), when)
    one.destroy()
    world.empty(one, tally, f"DeleteSecret {when}")
    assert one.known is None or one.known.secrets is None


def test_killed_between_any_two_lines_of_its_log_it_is_made_by_the_same_command(world, tally):
    for number in count(1):
        one = world.application()
        work = partial(one.by(world.mortal).configure, **FIRST)
        if not killed_writing(work, world.mortal, number):
            one.destroy()
            break
        tally.tried += 1
        completed(one.configure(**FIRST))
        whole(world, one, tally, FIRST, f"line {number}")
        one.destroy()
        world.empty(one, tally, f"line {number}")
    assert tally.tried > 5
