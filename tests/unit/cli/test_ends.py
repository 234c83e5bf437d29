"""What people are shown at the end of a command, and afterwards."""

from __future__ import annotations

import json
from unittest.mock import patch

import pytest
from click.testing import CliRunner

import storykit
from autodeploy.cli import report
from autodeploy.cli.progress import progress
from autodeploy.cli.rollback import rollback
from autodeploy.cli.status import status
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NetworkUnreachable
from autodeploy.journal.events import LogLine

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
    assert "shop (production" in run(status)[1]


def test_an_application_stays_one_after_a_typo(world):
    world.deploy()
    world.breaks = {"recon"}
    world.deploy()
    assert "shop (production" in run(status)[1]


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


def test_a_removed_one_undone_once_more(world):
    first = world.deploy()
    world.rollback()
    for called in (first.id, "shop"):
        code, told = run(rollback, called, "--yes", "--json")
        assert code == 0
        assert f"{first.id} of shop is undone already" in told


def test_a_warning_stands_in_the_summary_too(world, capsys):
    release = world.release

    def warned(*given):
        given[4].warning(SAID)
        return release(*given)

    with patch("autodeploy.conductor.deploy.deployer.release", warned):
        state = world.deploy()
    report.show(state, as_json=False)
    told = capsys.readouterr().err
    assert "  warning: the release serves, but hook after_deploy failed\n    too late\n" in told


def test_lines_of_one_message_stand_together(capsys):
    progress(LogLine(agent="deployer", level="warning", message=SAID))
    assert capsys.readouterr().err.splitlines()[1] == "    too late"


def test_the_same_error_is_told_once(world, capsys):
    world.breaks, world.error = {"recon"}, NetworkUnreachable("nobody answers")
    state = world.deploy()
    report.show(state.model_copy(update={"failure": state.error}), as_json=False)
    assert capsys.readouterr().err.count("nobody answers") == 1
