"""Deployments that end before anything is provisioned: one clear error, and the state has it."""

from __future__ import annotations

import pytest
from git import Repo

from autodeploy import conductor
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import LeaseHeld
from autodeploy.settings import load


def never():
    raise AssertionError("AWS was asked")


@pytest.fixture
def deploy(tmp_path, store):
    def run(repository, **settings):
        command = conductor.Command(
            repository=str(repository), name="shop", flags=settings, settings=load(settings)
        )
        environment = conductor.Environment(store=store, cache=tmp_path / "c", open_cloud=never)
        return conductor.deploy(command, environment)

    return run


def assert_failed(state, agent, store):
    assert state.status is DeploymentStatus.FAILED
    assert state.error.agent == agent
    assert state.error.remediation
    assert state.completed_at >= state.created_at
    assert store.state(state.id) == state


def test_no_such_repository(deploy, store, tmp_path):
    state = deploy((tmp_path / "nothing").as_uri())
    assert_failed(state, "recon", store)


def test_an_empty_repository(deploy, store, tmp_path):
    Repo.init(tmp_path / "empty")
    state = deploy(tmp_path / "empty")
    assert_failed(state, "recon", store)


def test_several_applications_and_none_chosen(deploy, store, tmp_path):
    api = '{"scripts": {"start": "node ."}}'
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/package.json").write_text('{"workspaces": ["api", "web"]}')
    for name in ("api", "web"):
        (tmp_path / "shop" / name).mkdir()
        (tmp_path / "shop" / name / "package.json").write_text(api)
    state = deploy(tmp_path / "shop")
    assert_failed(state, "recon", store)
    assert "api (node), web (node)" in state.error.message
    assert state.error.remediation == "Choose one with --path: api, web."


def test_nothing_that_could_be_started(deploy, store, tmp_path):
    """It is known before a host is paid for."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/package.json").write_text('{"scripts": {')
    state = deploy(tmp_path / "shop")
    assert state.status is DeploymentStatus.FAILED
    assert "no command is known" in state.error.message
    assert state.stack.unreadable == ("package.json",)


def test_no_recognisable_stack(deploy, store, tmp_path):
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose" / "poem.txt").write_text("roses are red")
    state = deploy(tmp_path / "prose")
    assert_failed(state, "recon", store)
    assert "autodeploy.yml" in state.error.remediation


def test_a_bad_settings_file_is_the_users_error(deploy, store, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "requirements.txt").write_text("flask\n")
    (tmp_path / "app" / "autodeploy.yml").write_text("prot: 1")
    state = deploy(tmp_path / "app")
    assert_failed(state, "recon", store)
    assert "port" in state.error.remediation


def test_a_lease_that_is_held_begins_no_run(deploy, store, tmp_path):
    with store.lease("shop", "production", "deploy"), pytest.raises(LeaseHeld):
        deploy(tmp_path)
    assert store.ids() == []


def test_credentials_in_the_address_are_nowhere(deploy, store, tmp_path):
    deploy("https://user:s3cr3t-token@127.0.0.1:9/shop.git")
    written = [path for path in store.root.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"s3cr3t-token" in path.read_bytes()]
