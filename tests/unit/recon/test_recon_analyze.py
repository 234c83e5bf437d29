"""`autodeploy analyze`: one JSON document on stdout, or a page for people; nothing left behind."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from autodeploy.cli.analyze import analyze
from autodeploy.errors import SourceRefused
from recon_git import repository

CONTRACT = {
    *("language", "framework", "package_manager", "runtime_version", "databases"),
    *("build_command", "start_command", "processes", "release_command", "port", "health_path"),
    *(
        "output",
        "variables",
        "static_folders",
        "media_folders",
        "members",
        "unreadable",
        "findings",
        "evidence",
    ),
}
PACKAGE = (
    '{"scripts": {"start": "node x"}, "engines": {"node": "20"}, "dependencies": {"koa": "2"}}'
)


@pytest.fixture
def shop(tmp_path, home):
    files = {"package.json": PACKAGE, ".nvmrc": "18\n", "Procfile": "worker: node worker.js\n"}
    return repository(tmp_path / "shop", files)


def run(*arguments):
    return CliRunner().invoke(analyze, [str(one) for one in arguments])


def test_json_is_the_contract(shop, home):
    done = run(shop, "--json")
    document = json.loads(done.stdout)
    assert set(document) == CONTRACT
    assert document["runtime_version"] == {
        "declared": "20",
        "resolved": "20",
        "source": "package.json",
    }
    assert set(document["evidence"][0]) == {"fact", "value", "file", "line", "confidence"}
    assert "commit" in done.stderr
    assert list((home / "cache").iterdir()) == []


def test_the_page_shows_evidence_and_what_lost(shop):
    page = run(shop).stdout
    assert "koa" in page
    assert "package.json:1" in page
    assert "not 18" in page
    assert ".nvmrc:1" in page
    assert "node worker.js" in page


def test_nothing_recognised_is_an_answer(tmp_path, home):
    folder = repository(tmp_path / "x", {"README": "x", "api/go.mod": "module x"})
    assert json.loads(run(folder, "--json").stdout)["language"] is None
    assert "--path api" in run(folder).stdout
    assert json.loads(run(folder, "--path", "api", "--json").stdout)["language"] == "go"


def test_a_refused_address_leaves_no_trace(home):
    assert isinstance(run("http://example.org/x").exception, SourceRefused)
    assert not home.exists()


def test_markup_in_a_repository_is_text(tmp_path, home):
    package = '{"scripts": {"start": "x"}, "engines": {"node": "[red]1[/red]"}, "main": "[/]"}'
    shown = run(repository(tmp_path / "[bold]x", {"package.json": package})).stdout
    assert "[red]1[/red]" in shown
