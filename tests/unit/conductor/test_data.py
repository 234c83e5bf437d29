"""What holds data: who may have it deleted, and what is said of it then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import moto_api
from autodeploy import conductor, provisioner
from autodeploy.cli import output
from autodeploy.cli.destroy import question
from autodeploy.contracts import TechStack
from autodeploy.settings import load

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[3] / "examples/flask-guestbook"
WITHOUT = {"database": False}


@pytest.fixture
def command():
    """Deploys an example that needs a database."""
    settings = load({"target": "lab"})
    return conductor.Command(repository=str(EXAMPLE), name="shop", flags={}, settings=settings)


@pytest.fixture
def environment(tmp_path, store, journal, command):
    """One in which its infrastructure is there."""
    with moto_api.api():
        made = conductor.Environment(
            store=store, cache=tmp_path / "cache", open_cloud=moto_api.cloud
        )
        provisioner.provision(
            TechStack(language="python", databases=("postgresql",)),
            command.settings,
            moto_api.cloud(),
            command.owner(journal.state.id),
            store.application_folder("shop", "production"),
            journal.agent("provisioner"),
        )
        yield made


@pytest.mark.parametrize(("yes_data", "action"), [(False, "none"), (True, "delete")])
def test_a_plan_deletes_it_only_with_consent(environment, command, yes_data, action):
    asked = replace(command, flags=WITHOUT, yes_data=yes_data)
    planned = conductor.plan(asked, environment, output.Talk())
    fates = {one.key: one.action for one in planned.plan.actions}
    assert fates["database"] == fates["database-secret"] == action
    assert fates["vpc"] == "none"


def test_its_end_is_asked_for_by_name_and_its_snapshot_is_named(environment, command, capsys):
    known = environment.store.application("shop", "production")
    (database,) = moto_api.of("AWS::RDS::DBInstance")
    assert database["DBInstanceIdentifier"] in question(known)
    assert "snapshot is kept" in question(known)
    state = conductor.destroy(command, environment)
    assert state.error is None
    assert not any(moto_api.everything().values())
    (snapshot,) = state.snapshots
    output.snapshots(state)
    assert snapshot in capsys.readouterr().err
    assert output.deployment_data(state)["snapshots"] == (snapshot,)


def test_without_a_database_nothing_is_said_of_data(environment):
    known = environment.store.application("shop", "production")
    others = tuple(one for one in known.resources if one.type != "AWS::RDS::DBInstance")
    assert "data" not in question(known.model_copy(update={"resources": others}))
