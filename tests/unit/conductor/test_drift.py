"""What is compared with what, and what cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from autodeploy import conductor, deployer, provisioner
from autodeploy.cli import drift as command
from autodeploy.conductor import Environment, drift
from autodeploy.conductor.standing import standing
from autodeploy.contracts import (
    ApplicationState,
    BuildArtifact,
    DeploymentState,
    DeploymentStatus,
    Difference,
    Drift,
    Host,
    TechStack,
)
from autodeploy.deployer import inspection
from autodeploy.errors import NotDeployed, StateError
from autodeploy.journal.events import StepEnded
from autodeploy.settings import Settings
from statekit import running

HOST = Host(name="host-1", address="127.0.0.1", port=1, host_key="ssh-ed25519 AAAA")
WHERE = {"application": "shop", "environment": "production"}
STACK = TechStack(language="python", processes={"web": "run"})
CHANGED = Difference(host="host-1", what="task", kind="changed", reason=("why",))


def run(**more):
    said = {"id": "d1", "operation": "deploy", "target": "ssh", "stack": STACK, "hosts": (HOST,)}
    ended = {"status": DeploymentStatus.COMPLETED, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return DeploymentState(**{**WHERE, **said, **ended, "deployment": running(), **more})


def known(live, **more):
    said = {"status": "active", "region": None, "resources": (), "hosts": (HOST,)}
    last = {"occupied": (HOST,), "live": live, "last": live or run()}
    return ApplicationState(**{**WHERE, "target": last["last"].target, **said, **last, **more})


@pytest.fixture
def artifact(tmp_path):
    (tmp_path / "sbom").write_text("{}")
    return BuildArtifact(digest="a" * 64, layers=(), processes={}, size=0, sbom=tmp_path / "sbom")


@pytest.fixture
def place(store, artifact, monkeypatch):
    """Where a run with this artifact is known, and no cloud is."""
    monkeypatch.setattr(type(store), "artifact", lambda _self, _id: artifact)

    def no_cloud():
        raise AssertionError("AWS is asked")

    return Environment(store, store.root, no_cloud)


def looked(monkeypatch):
    """What the hosts are compared with, each time that they are."""
    specs = []

    def inspect(spec, *_what):
        specs.append(spec)
        return (CHANGED,)

    monkeypatch.setattr(deployer, "inspect", inspect)
    return specs


def test_hosts_that_exist_have_no_part_in_aws(place, monkeypatch):
    specs = looked(monkeypatch)
    settings = {"protocol": "tcp", "port": 7007, "addresses": ["me@127.0.0.1:1"]}
    found = drift(known(run(settings=settings)), Settings(target="ssh"), place)
    assert found == Drift(deployment="d1", differences=(CHANGED,))
    assert specs[0].ingress_ports == (7007,)


def test_the_settings_are_the_live_deployments(place, monkeypatch):
    looked(monkeypatch)
    asked = []
    monkeypatch.setattr(provisioner, "drift", lambda _stack, one, *_more: asked.append(one) or ())
    place = Environment(place.store, place.cache, object)
    where = Settings(target="lab", region="eu-central-1")
    live = run(
        target="lab", settings={"hosts": 3, "domain": "a.example"}, host_settings={"arch": "arm64"}
    )
    drift(known(live, flags={"hosts": 9}), where, place)
    older = run(target="lab")
    drift(known(older, flags={"hosts": 2}, host_settings={"image": "debian-13"}), where, place)
    said = [(one.hosts, one.domain, one.arch, one.image, one.region) for one in asked]
    assert said == [
        (3, "a.example", "arm64", "debian-12", "eu-central-1"),
        (2, None, "amd64", "debian-13", "eu-central-1"),
    ]


def test_settings_that_are_not_taken_any_more_are_said(place):
    with pytest.raises(StateError, match="d1"):
        drift(known(run(settings={"colour": "red"})), Settings(target="ssh"), place)


@pytest.mark.parametrize("live", [None, run(deployment=None), run(stack=None)])
def test_without_a_live_deployment_there_is_nothing_to_compare_with(place, live):
    with pytest.raises(NotDeployed):
        drift(known(live), Settings(target="ssh"), place)


def test_what_nobody_knows_any_more_is_not_called_whole(store, monkeypatch):
    specs = looked(monkeypatch)
    place = Environment(store, store.root, lambda: None)
    store.create(
        operation="deploy",
        target="ssh",
        region=None,
        repository=None,
        tool_version="0",
        **WHERE,
    )
    found = drift(known(run(id=store.ids()[0])), Settings(target="ssh"), place)
    assert specs == []
    assert "nothing here says what" in found.unchecked[0]


def test_a_host_that_does_not_answer_is_a_finding(artifact, monkeypatch, tmp_path):
    monkeypatch.setattr(inspection, "LOGIN_SECONDS", 0.1)
    spec = standing(run(), (HOST,), Settings(target="ssh"), tmp_path / "key")
    (found,) = deployer.inspect(spec, artifact, running())
    assert (found.host, found.kind) == ("host-1", "unreachable")
    assert "127.0.0.1" in found.reason[0]


def test_what_would_change_is_a_difference_and_no_talk(artifact, monkeypatch, tmp_path):
    """In check mode nothing is changed, and people are not told that it was."""

    def look(_spec, asked, _folder, log):
        plays.append((asked.playbook, asked.tags))
        for outcome in ("changed", "failed"):
            log.write(StepEnded(agent="deployer", step=outcome, seconds=0.0, outcome=outcome))
        return []

    plays = []
    monkeypatch.setattr(inspection, "_logins", lambda *_: {})
    monkeypatch.setattr(inspection, "_looked", look)
    spec, heard = standing(run(), (HOST,), Settings(target="ssh"), tmp_path / "key"), []
    (found,) = deployer.inspect(spec, artifact, running(), heard.append)
    assert (found.what, found.kind) == ("changed", "changed")
    assert [one.step for one in heard if isinstance(one, StepEnded)] == ["failed"]
    assert deployer.foresee(spec, artifact.runtime) == (found,)
    assert plays == [("drift.yml", ("files", "prepare")), ("site.yml", ("prepare",))]


@pytest.mark.parametrize(
    ("differences", "options", "code"),
    [
        ((), ["--detailed-exitcode"], 0),
        ((CHANGED,), ["--detailed-exitcode"], 2),
        ((CHANGED,), [], 0),
    ],
)
def test_exit_codes(home, monkeypatch, differences, options, code):
    from autodeploy.cli import applications, wiring

    found = Drift(deployment="d1", differences=differences)
    monkeypatch.setattr(applications, "find", lambda *_: known(run()))
    monkeypatch.setattr(wiring, "environment", lambda _settings: None)
    monkeypatch.setattr(conductor, "drift", lambda *_: found)
    done = CliRunner().invoke(command.drift, ["shop", *options], standalone_mode=False)
    assert done.return_value == code
    assert ("host-1  task: changed\n    why" in done.stdout) is bool(differences)
