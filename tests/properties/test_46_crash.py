"""Killed between any two journal writes, the next run neither loses nor doubles a resource.

Also where the death cuts the log's last line off, and where the clock jumps back before the next
run; and however many runs die one after another.
"""

from __future__ import annotations

import logging
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

import faultkit
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal.events import ResourceDone
from deathkit import clock_back, killed_writing
from faultworld import World
from tally import Tally

pytestmark = [pytest.mark.property, pytest.mark.slow]

WRITES = 140
"""More than a deployment has."""
FEWEST = 4
"""Not more than any run has that has something to do, or to look at."""
LINE = ResourceDone(action="create", key="vpc", type="AWS::EC2::VPC", id="vpc-1").model_dump_json()

deaths = st.lists(
    st.tuples(st.integers(1, WRITES), st.integers(0, len(LINE)), st.integers(0, 7200)),
    min_size=1,
    max_size=2,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder = tmp_path_factory.mktemp("crash")
    with faultkit.serving(folder / "api") as api:
        yield World(api, folder)


def cut_off(one, length):
    """The newest log ends with so much of a line as a crash may leave of it."""
    logs = one.home / "deployments"
    if not logs.exists():  # It died before the first line of all.
        return
    newest = max(logs.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    with (newest / "events.jsonl").open("a") as log:
        log.write(LINE[:length])


def forth(one, how):
    """Go on as the user chose, where both are possible."""
    change = one.known.change if one.known else None
    goes = change and change.command and change.status is not DeploymentStatus.COMPLETED
    return one.retry() if how == "retry" and goes else one.deploy()


@given(deaths, st.sampled_from(["retry", "deploy"]), st.booleans())
def test_the_next_run_goes_on_with_exactly_what_is_there(world, deaths, how, removed_at_once):
    one, tally, behind = world.application(), Tally(), 0
    for number, cut, further in deaths:
        with clock_back(behind):
            died = killed_writing(partial(forth, one.by(world.mortal), how), world.mortal, number)
            assert died or number > FEWEST, "it ended by itself"
        cut_off(one, cut)
        behind += further
    with clock_back(behind):
        if not removed_at_once:
            forth(one, how)
            world.whole(one, tally, "the next run")
        one.destroy()
        world.empty(one, tally, "the removal")
    assert tally.bad == []
