"""A controller that is killed at any of its calls: the next run loses, orphans and doubles nothing.

AUTODEPLOY_POINT=CreateSubnet#3 tries that call alone.
"""

from __future__ import annotations

import os
from itertools import cycle

import pytest

from deathkit import WHENS, killed

pytestmark = pytest.mark.slow


EVERY = "AUTODEPLOY_EVERY_FAULT"
"""Set by `make faults`; else each call dies at one of its moments, one after another."""


def chosen(points, when):
    """The calls to die at, of which AUTODEPLOY_POINT is one alone."""
    only, nth = os.environ.get("AUTODEPLOY_POINT"), list(WHENS).index(when)
    if only:
        return [one for one in points if str(one) == only]
    every = points if os.environ.get(EVERY) else list(points)[nth :: len(WHENS)]
    return list(every)


@pytest.mark.parametrize("when", WHENS)
def test_a_retry_completes_it_and_a_rollback_that_is_killed_too_is_resumed(world, tally, when):
    """Every call of a deployment, each with one of a rollback, until all of both were tried."""
    making, removing = chosen(world.making, when), chosen(world.removing, when)
    rounds = range(max(len(making), len(removing)))
    for _, made, removed in zip(rounds, cycle(making or [None]), cycle(removing or [None])):
        one = world.application()
        if made:
            tally.tried += 1
            killed(one.by(world.mortal).deploy, world.mortal, made, when)
            world.known(one, tally, f"{made} {when}")
            one.retry()
        else:
            one.deploy()
        world.whole(one, tally, f"{made} {when}")
        if removed:
            tally.tried += 1
            killed(one.by(world.mortal).rollback, world.mortal, removed, when)
        one.rollback()
        world.empty(one, tally, f"{removed} {when}")


@pytest.mark.parametrize("when", WHENS)
def test_a_rollback_removes_all_of_it(world, tally, when):
    for point in chosen(world.making, when):
        tally.tried += 1
        one = world.application()
        killed(one.by(world.mortal).deploy, world.mortal, point, when)
        one.rollback()
        world.empty(one, tally, f"{point} {when}")


def test_a_change_that_takes_things_away_is_completed_by_the_next_run(world, tally):
    """What the killed run has deleted and not written is in no state any more."""
    for point in chosen(world.fewer, "unwritten"):
        tally.tried += 1
        one = world.application()
        one.deploy()
        less = one.with_fewer()
        killed(less.by(world.mortal).deploy, world.mortal, point, "unwritten")
        less.deploy()
        world.whole(less, tally, str(point))
        less.destroy()
        world.empty(less, tally, str(point))
