"""What was foreseen, and what was done to each resource."""

from __future__ import annotations

import pytest

from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import events as e
from forecastkit import prediction


@pytest.mark.parametrize(
    ("calls", "done"),
    [
        (["create", "update", "update"], "create"),
        (["delete", "create", "update"], "replace"),
        (["update", "none"], "update"),
        (["none", "update"], "none"),
        (["create", "none"], "create"),
        (["delete"], "delete"),
    ],
)
def test_what_calls_on_a_resource_have_come_to(journal, calls, done):
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    for action in calls:
        journal.write(e.ResourceDone(action=action, key="vpc", type="T", id="1"))
    assert journal.state.done == {"vpc": done}


@pytest.mark.parametrize(("before", "done"), [(None, "create"), ("delete", "replace")])
@pytest.mark.parametrize("heard", ["create", "none", "update"])
def test_what_was_begun_and_is_there_was_made(journal, before, heard, done):
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    if before:
        journal.write(e.ResourceDone(action=before, key="vpc", type="T", id="1"))
    journal.write(e.ResourceIntended(action="create", key="vpc", type="T"))
    journal.write(e.ResourceDone(action=heard, key="vpc", type="T", id="2"))
    assert journal.state.done == {"vpc": done}


def test_what_a_rollback_takes_away_is_not_what_the_deployment_did(journal):
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(e.ResourceDone(action="create", key="vpc", type="T", id="1"))
    for status in (DeploymentStatus.FAILED, DeploymentStatus.ROLLING_BACK):
        journal.write(e.StatusChanged(status=status))
    journal.write(e.ResourceDone(action="delete", key="vpc", type="T", id="1"))
    assert (journal.state.done, journal.state.resources) == ({"vpc": "create"}, ())


def test_what_was_foreseen_first_holds_and_a_retry_is_no_run_in_one_go(journal):
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    assert not journal.state.resumed
    journal.write(e.Foreseen(prediction=prediction("first")))
    for status in (DeploymentStatus.FAILED, DeploymentStatus.RUNNING):
        journal.write(e.StatusChanged(status=status))
    journal.write(e.Foreseen(prediction=prediction("second")))
    assert journal.state.foreseen == prediction("first")
    assert journal.state.resumed
