"""A controller that is killed at any of its calls: the next run loses, orphans and doubles nothing.

AUTODEPLOY_POINT=CreateSubnet#3 tries that call alone.
"""

from __future__ import annotations

import os
from itertools import cycle

import pytest

from deathkit import WHENS, killed

pytestmark = pytest.mark.slow


def chosen(points):
    only = os.environ.get("AUTODEPLOY_POINT")
    return [one for one in points if only in (None, str(one))]


@pytest.mark.parametrize("when", WHENS)
def test_the_next_run_completes_it_and_a_removal_that_is_killed_too_is_resumed(world, tally, when):
    """Every call of a deployment, each with one of a removal, until all of both were tried."""
    making, removing = chosen(world.making), chosen(world.removing)
    rounds = range(max(len(making), len(removing)))
    for _, made, removed in zip(rounds, cycle(making or [None]), cycle(removing or [None])):
        one = world.application()
        if made:
            tally.tried += 1
            killed(one.by(world.mortal).deploy, world.mortal, made, when)
            world.known(one, tally, f"{made} {when}")
        one.deploy()
        world.whole(one, tally, f"{made} {when}")
        if removed:
            tally.tried += 1
            killed(one.by(world.mortal).destroy, world.mortal, removed, when)
        one.destroy()
        world.empty(one, tally, f"{removed} {when}")


@pytest.mark.parametrize("when", WHENS)
def test_all_of_it_can_be_removed(world, tally, when):
    for point in chosen(world.making):
        tally.tried += 1
        one = world.application()
        killed(one.by(world.mortal).deploy, world.mortal, point, when)
        one.destroy()
        world.empty(one, tally, f"{point} {when}")
