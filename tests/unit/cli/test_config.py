"""`config`, `schema` and `init`: what a new user sees of the settings."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from autodeploy.cli import init as asking
from autodeploy.cli.main import autodeploy
from autodeploy.errors import SeveralApplications, UsageError


@pytest.fixture
def run(home, monkeypatch):
    """Runs a command line; errors come through."""
    monkeypatch.delenv("AUTODEPLOY_ENVIRONMENT", raising=False)

    def call(*arguments, given=None):
        words = list(map(str, arguments))
        return CliRunner().invoke(
            autodeploy, words, input=given, catch_exceptions=False, standalone_mode=False
        )

    return call


@pytest.fixture
def app(tmp_path):
    """A Flask application that reads a variable it must have."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "requirements.txt").write_text("flask==3.0.0\ngunicorn==22.0.0\n")
    (folder / "app.py").write_text(
        "import os\nfrom flask import Flask\napp = Flask(__name__)\n"
        "MAIL = os.environ['MAIL_FROM']\nKEY = os.environ['SECRET_KEY']\n"
    )
    (folder / "Procfile").write_text("web: gunicorn app:app\nworker: python work.py\n")
    return folder


def settings(done):
    return {one["setting"]: (one["value"], one["origin"]) for one in json.loads(done.stdout)}


def test_each_setting_is_shown_with_its_origin(run, app, monkeypatch):
    (app / "autodeploy.yml").write_text(
        "memory: 512M\nenv:\n  A: x\nenvironments:\n  staging:\n    env:\n      B: y\n"
    )
    monkeypatch.setenv("AUTODEPLOY_HEALTH_RETRIES", "3")
    shown = settings(run("config", "show", app, "-e", "staging", "--hosts", 2, "--json"))
    assert shown["hosts"] == (2, "--hosts")
    assert shown["health_retries"] == (3, "AUTODEPLOY_HEALTH_RETRIES")
    assert shown["env/B"] == ("y", "autodeploy.yml:7")
    assert shown["env/A"] == ("x", "autodeploy.yml:3")
    assert shown["memory"] == ("512M", "autodeploy.yml:1")
    assert shown["processes/web"] == ("gunicorn app:app", "detected: Procfile:1")
    assert shown["language"] == ("python", "detected: requirements.txt:1")
    assert shown["build_timeout"] == (600, "default")
    assert shown["name"] == ("app", "default")
    assert "detected" not in shown["port"][1]
    page = run("config", "show", app, "--origin").stdout
    assert "autodeploy.yml:3" in page
    assert "autodeploy.yml:3" not in run("config", "show", app).stdout


def test_a_file_is_checked_for_every_environment(run, app):
    assert "none is needed" in run("config", "validate", app).stderr
    (app / "autodeploy.yml").write_text("hosts: 2\nenvironments: {staging: {hosts: 1}}\n")
    assert "is valid; environments: staging" in run("config", "validate", app).stderr
    said = json.loads(run("config", "validate", app, "--json").stdout)
    assert said == {"valid": True, "environments": ["staging"], "warnings": []}
    (app / "autodeploy.yml").write_text(
        "hosts: 2\nmemory: x\nenvironments:\n  staging:\n    hosts: 0\n"
    )
    with pytest.raises(UsageError) as caught:
        run("config", "validate", app)
    first, second = caught.value.cause.splitlines()
    assert first.startswith("autodeploy.yml:2: memory")
    assert second.startswith("autodeploy.yml:5: hosts")


def test_the_schema_is_a_document(run):
    assert json.loads(run("schema").stdout)["properties"]["hosts"]["maximum"] == 20


def test_a_variable_that_steers_more_than_the_application_is_said(run, app):
    (app / "autodeploy.yml").write_text(
        "env: {PATH: /opt}\nenvironments: {staging: {env: {LD_PRELOAD: a.so, LDAP_HOST: b}}}\n"
    )
    said = run("config", "validate", app).stderr
    assert "warning: LD_PRELOAD takes" in said
    assert "warning: PATH takes" in said
    assert "LDAP" not in said


def test_a_first_file_is_written_and_is_valid(run, app):
    done = run("init", app)
    text = (app / "autodeploy.yml").read_text()
    assert "# start_command: gunicorn app:app  # Procfile:1" in text
    assert "MAIL_FROM" in text
    assert "autodeploy plan" in done.stderr
    assert "is valid" in run("config", "validate", app).stderr
    with pytest.raises(UsageError, match="already"):
        run("init", app)
    assert (app / "autodeploy.yml").read_text() == text


def test_on_a_terminal_it_asks_what_it_cannot_know(run, app, monkeypatch):
    monkeypatch.setattr(asking, "_on_a_terminal", lambda: True)
    done = run("init", app, given="me@example.com\n")
    assert "MAIL_FROM" in done.output
    assert "SECRET_KEY" not in done.output
    assert "MAIL_FROM: me@example.com" in (app / "autodeploy.yml").read_text()


def test_of_several_applications_one_is_to_be_chosen(run, app):
    both = app.parent / "both"
    for name in ("api", "web"):
        (both / name).mkdir(parents=True)
        (both / name / "requirements.txt").write_text("flask==3.0.0\n")
        (both / name / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    with pytest.raises(SeveralApplications) as caught:
        run("init", both)
    assert "--path" in caught.value.remediation
    run("init", both, "--path", "api")
    assert (both / "api" / "autodeploy.yml").exists()
