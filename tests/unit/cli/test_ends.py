"""What people are shown at the end of a command, and afterwards."""

from __future__ import annotations

import json
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner

import storykit
from autodeploy.cli import applications, outcome
from autodeploy.cli.names import VOICE
from autodeploy.cli.progress import progress
from autodeploy.cli.rollback import rollback
from autodeploy.cli.status import status
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import (
    CloudError,
    EmptyRepository,
    Interrupted,
    NetworkUnreachable,
    NotARepository,
    StackUnknown,
    StateError,
    UsageError,
)
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import LogLine, ResourceIntended, StatusChanged
from statekit import REST
from statekit import SAID as SHOP

pytestmark = pytest.mark.slow
SAID = "the release serves, but hook after_deploy failed\ntoo late"


@pytest.fixture
def world(tmp_path, monkeypatch):
    with storykit.world(tmp_path) as one:
        monkeypatch.setenv("AUTODEPLOY_HOME", str(one.store.root))
        yield one


def run(command, *arguments):
    done = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    return done.return_value or 0, done.output


def test_a_repository_that_could_not_be_read_is_no_application(world):
    world.breaks = {"recon"}
    state = world.deploy()
    assert (state.status, state.stack) == (DeploymentStatus.FAILED, None)
    assert "nothing is deployed" in run(status)[1]
    assert json.loads(run(status, "--json")[1]) == []
    assert f"autodeploy retry {state.id}" in run(status, "shop")[1]
    world.breaks = set()
    world.retry()
    assert "shop " in run(status)[1]


def typo(world):
    world.breaks, world.error = {"recon"}, UsageError("cron/nightly: is no schedule")
    state = world.deploy()
    world.breaks, world.error = set(), None
    return state


@pytest.mark.parametrize("is_up", [False, True])
def test_a_typo_is_mended_not_retried(world, capsys, is_up):
    """A retry ends alike, and a rollback of a healthy application has nothing to undo."""
    if is_up:
        world.deploy()
    state = typo(world)
    outcome.show(state, as_json=True)
    told = capsys.readouterr().err
    assert "next: nothing was changed; mend that, and give the same command again" in told
    assert "autodeploy r" not in told + run(status, "shop")[1]


def test_a_typo_after_a_rollback_is_mended_too(world, capsys):
    world.deploy()
    world.commit("two")
    world.deploy()
    world.rollback()
    outcome.show(typo(world), as_json=True)
    assert "mend that, and give the same command again" in capsys.readouterr().err
    assert "autodeploy r" not in run(status, "shop")[1]


@pytest.mark.parametrize("error", [StackUnknown, EmptyRepository, NotARepository])
def test_a_repository_that_is_none_is_mended_not_retried(world, capsys, error):
    world.breaks, world.error = {"recon"}, error("no")
    outcome.show(world.deploy(), as_json=True)
    assert "mend that, and give the same command again" in capsys.readouterr().err


@pytest.mark.parametrize("agent", ["provisioner", "deployer"])
@pytest.mark.parametrize("is_up", [False, True])
def test_a_typo_after_a_deployment_that_failed_does_not_hide_what_that_left(world, agent, is_up):
    if is_up:
        world.deploy()
        world.commit("two")
    world.breaks, world.call = {agent}, 2
    world.deploy(hosts=2)
    typo(world)
    assert "autodeploy retry" in run(status, "shop")[1]


def test_a_typo_in_a_retry_is_no_end_of_what_was_made(world):
    world.deploy()
    world.commit("two")
    world.breaks = {"deployer"}
    failed = world.deploy()
    world.breaks, world.error = {"recon"}, UsageError("cron/nightly: is no schedule")
    world.retry()
    world.breaks, world.error = set(), None
    assert f"autodeploy retry {failed.id}" in run(status, "shop")[1]


def test_an_application_stays_one_after_a_typo(world):
    world.deploy()
    world.breaks = {"recon"}
    world.deploy()
    assert "shop " in run(status)[1]


def test_what_may_have_half_made_something_is_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    store = DirectoryStore(tmp_path)
    killed = store.create(**SHOP, **REST)
    killed.write(StatusChanged(status=DeploymentStatus.RUNNING))
    killed.write(ResourceIntended(action="create", key="vpc", type="AWS::EC2::VPC"))
    failed = store.create(**SHOP, **REST)
    failed.write(StatusChanged(status=DeploymentStatus.RUNNING))
    failed.write(StatusChanged(status=DeploymentStatus.FAILED))
    assert "shop " in run(status)[1]
    assert json.loads(run(status, "--json")[1])[0]["application"] == "shop"


def test_undone_once_more_nothing_changes(world):
    first = world.deploy()
    world.commit("two")
    second = world.deploy()
    world.rollback()
    before = world.known
    for called in (second.id, "shop"):
        code, told = run(rollback, called, "--yes", "--yes-data")
        assert code == 0
        assert f"{second.id} of shop is undone already: nothing was changed" in told
    assert f"`autodeploy rollback {first.id}`" in told
    assert world.known == before


def test_undone_once_more_by_name_it_does_not_go_two_back(world):
    world.deploy()
    world.commit("two")
    second = world.deploy()
    world.commit("three")
    third = world.deploy()
    world.rollback()
    before = world.known
    code, told = run(rollback, "shop", "--yes", "--yes-data")
    assert code == 0
    assert f"{third.id} of shop is undone already: nothing was changed" in told
    assert f"`autodeploy rollback {second.id}`" in told
    assert "`autodeploy rollback shop -e production --to RELEASE`" in told
    assert world.known == before


def test_a_removed_one_undone_once_more(world):
    first = world.deploy()
    world.rollback()
    for called in (first.id, "shop"):
        code, told = run(rollback, called, "--yes", "--json")
        assert code == 0
        assert f"{first.id} of shop is undone already" in told


def test_a_warning_stands_in_the_summary_too_where_more_was_said_between(world, capsys):
    release = world.release

    def warned(*given):
        given[4].warning(SAID)
        return release(*given)

    with patch("autodeploy.conductor.releasing.deployer.release", warned):
        state = world.deploy()
    outcome.show(state, as_json=False)
    told = capsys.readouterr().err
    assert "  warning: the release serves, but hook after_deploy failed\n    too late\n" in told
    with click.Context(rollback) as quiet:
        quiet.meta[VOICE] = "quiet"
        outcome.show(state, as_json=False)
    told = capsys.readouterr().err
    assert state.id in told
    assert "after_deploy" not in told


@pytest.mark.parametrize("error", [StateError("no"), CloudError("no answer")])
def test_a_log_that_cannot_be_read_again_spoils_no_good_end(world, capsys, error):
    state = world.deploy()
    with patch.object(applications.store(), "history", side_effect=error):
        outcome.show(state, as_json=False)
    told = capsys.readouterr()
    assert state.deployment.url in told.out
    assert "next: autodeploy status shop" in told.err


@pytest.mark.parametrize(("error", "said"), [(Interrupted("you did"), "stopped"),
                                            (NetworkUnreachable("no"), "failed")])  # fmt: skip
def test_a_stage_that_was_stopped_has_not_failed(world, capsys, error, said):
    world.breaks, world.error = {"deployer"}, error
    state = world.deploy()
    capsys.readouterr()
    outcome.show(state, as_json=False)
    told = [line.split() for line in capsys.readouterr().err.splitlines()]
    ends = {one[0]: one[-1] for one in told if len(one) == 4 and one[2] == "s"}
    assert (ends["recon"], ends["deployer"], ends["conductor"]) == ("completed", said, said)


def test_lines_of_one_message_stand_together(capsys):
    progress(LogLine(agent="deployer", level="warning", message=SAID))
    assert capsys.readouterr().err.splitlines()[1] == "    too late"


def test_the_same_error_is_told_once(world, capsys):
    world.breaks, world.error = {"recon"}, NetworkUnreachable("nobody answers")
    state = world.deploy()
    outcome.show(state.model_copy(update={"failure": state.error}), as_json=False)
    assert capsys.readouterr().err.count("nobody answers") == 1
