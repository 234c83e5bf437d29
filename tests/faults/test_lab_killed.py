"""Real controllers in the lab, killed again and again on one road: the next goes on to its end.

Where they die is made from an undisturbed deployment's calls and steps. What they have started
goes on meanwhile: plays, what these do on hosts, and what AWS has been asked for.
"""

from __future__ import annotations

from itertools import islice

import pytest

from lablife import LabApplication
from labworld import NEIGHBOUR, LabWorld, at_call, at_calls, at_steps

pytestmark = pytest.mark.lab

STRIDE = 4  # mutating calls in a life
PLACES = 5  # in an undisturbed deployment's work on hosts


@pytest.fixture(scope="module")
def world(lab, module_boot, tmp_path_factory):
    neighbour = module_boot(lab, **NEIGHBOUR)
    made = LabWorld(lab, LabApplication(tmp_path_factory.mktemp("apps")), neighbour)
    yield made
    made.one.destroy()
    neighbour.ec2.terminate_instances(InstanceIds=[neighbour.instance_id])


def test_a_deployment_and_a_change_and_a_removal_go_on(world, tally):
    one = world.application()
    infrastructure = islice(at_calls(STRIDE), world.making // STRIDE - 2)
    world.lives(one.deploy, one.retry, infrastructure, tally)
    on_hosts = at_steps(world.steps[:: len(world.steps) // PLACES])
    world.lives(one.retry, one.retry, on_hosts, tally)
    assert one.retry() is None
    world.whole(one, tally, "retry")
    world.new(one, tally, "retry")
    before = one.releases()
    one.sign("before")

    one.say("changed")
    between, *later = world.rolling[::2]
    world.lives(one.deploy, one.rollback, at_steps([between]), tally)
    assert one.rollback() is None
    assert one.releases() == before
    world.lives(one.deploy, one.retry, at_steps([between, *later]), tally)
    assert one.retry() is None
    world.whole(one, tally, "retry of a change")
    assert not set(one.releases()) & set(before)
    assert one.signed() == ["before"]

    world.lives(one.destroy, one.destroy, at_calls(STRIDE), tally)
    world.empty(one, tally, "destroy")


@pytest.mark.parametrize(
    ("part", "when"), [(0.25, "unsent"), (0.6, "unwritten"), (0.95, "unheard")]
)
def test_a_deployment_that_came_so_far_is_undone(world, tally, part, when):
    one = world.application()
    death = at_call(int(part * world.making), when)
    world.lives(one.deploy, one.rollback, iter([death]), tally)
    world.lives(one.rollback, one.rollback, at_calls(2 * STRIDE), tally)
    world.empty(one, tally, f"rollback after {part} of a deployment")
