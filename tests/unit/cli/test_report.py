"""`autodeploy report`: which deployment, and where its page goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import storykit
import uikit
from autodeploy.cli.report import report
from autodeploy.cli.status import status
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NotDeployed, UsageError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import StatusChanged
from autodeploy.pages import site
from statekit import created


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    return DirectoryStore(tmp_path / "home")


def run(*arguments):
    return CliRunner().invoke(report, arguments, catch_exceptions=False).stdout.strip()


def test_the_page_is_its_users_alone_and_below_the_state(store, tmp_path):
    first = created(store).state.id
    second = created(store, environment="staging").state.id
    path = tmp_path / "home" / "reports" / f"{second}.html"
    assert run() == str(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert second in path.read_text()
    assert run("-e", "production") == run("shop") == run(first)
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def test_it_is_written_where_it_is_wanted(store, tmp_path):
    created(store)
    wanted = tmp_path / "page.html"
    wanted.write_text("old")
    assert run("shop", "--output", str(wanted)) == str(wanted)
    assert wanted.read_text().startswith("<!doctype html>")
    for other in (tmp_path, tmp_path / "no" / "folder.html"):
        with pytest.raises(UsageError, match=r"cannot be written|no file"):
            run("shop", "--output", str(other))


def test_it_opens_where_there_is_a_browser(store, monkeypatch):
    created(store)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: bool(opened.append(url)))
    done = CliRunner().invoke(report, ["--open"], catch_exceptions=False)
    assert opened[0].startswith("file:///")
    assert "no browser could be opened" in done.stderr


def test_nothing_is_no_page(store):
    with pytest.raises(NotDeployed, match=r"^there is no deployment 20261127t110318169556-7615$"):
        run("20261127t110318169556-7615")
    with pytest.raises(NotDeployed):
        run()
    with pytest.raises(NotDeployed):
        run("shop")


def test_one_whose_process_is_gone_is_interrupted_wherever_it_is_told(store):
    with uikit.worked_on(store) as journal:
        works = told(journal.state.id)
    gone = told(journal.state.id)
    assert {said: "interrupted" in one for said, one in works.items()} == dict.fromkeys(
        works, False
    )
    assert {said: "running" in one for said, one in gone.items()} == dict.fromkeys(gone, False)
    assert {said: "interrupted" in one for said, one in gone.items()} == dict.fromkeys(gone, True)
    with store.lease("shop", "production", "deploy"):
        created(store).write(StatusChanged(status=DeploymentStatus.RUNNING))
        assert "interrupted" in told(journal.state.id)["report"]


def told(identifier):
    """What is said of a deployment, by who says it."""
    shown = {
        "report": Path(run(identifier)).read_text(),
        "ui": uikit.reader().deployment(identifier),
        "list": uikit.reader().deployments("shop", "production"),
    }
    bodies = {
        name: text.partition("</head>")[2].partition("<script")[0] for name, text in shown.items()
    }
    said = {name: CliRunner().invoke(status, one, catch_exceptions=False).output
            for name, one in (("table", []), ("status", ["shop"]))}  # fmt: skip
    return {**{name: without_log(text) for name, text in bodies.items()}, **said}


def without_log(page):
    """The page; its log says what was once so."""
    return page.partition('id="log"')[0]


@pytest.mark.slow
def test_no_secret_is_on_it(tmp_path, monkeypatch):
    canary = "canary-8d1f"
    with storykit.world(tmp_path) as world:
        monkeypatch.setenv("AUTODEPLOY_HOME", str(world.store.root))
        world.deploy()
        world.set(STRIPE_KEY=canary)
        world.release_again()
        for identifier in world.store.ids():
            assert canary not in Path(run(identifier)).read_text()
            assert canary not in uikit.reader().deployment(identifier)
            assert canary not in json.dumps(site.data(uikit.reader().news(identifier, 0)[0]))
        reader = uikit.reader()
        assert canary not in reader.applications() + reader.deployments("shop", "production")
