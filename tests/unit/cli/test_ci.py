"""`autodeploy ci`: what it writes is a workflow, and says nothing but what it was given."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from importlib import metadata
from types import SimpleNamespace

import pytest
import yaml
from click.testing import CliRunner

from autodeploy.cli.main import autodeploy
from autodeploy.errors import UsageError
from commandline import ours, parsed

PACKAGE = "autodeploy @ https://example.com/autodeploy-0.1.0-py3-none-any.whl#sha256=0a"
ACCOUNT = "arn:aws:iam::123456789012:role"
GIVEN = [
    *("--deploy-role", f"{ACCOUNT}/autodeploy", "--plan-role", f"{ACCOUNT}/autodeploy-plan"),
    *("--region", "eu-central-1", "--state", "s3://acme-deployments/shop"),
    *("--package", PACKAGE),
]
FILES = {"github": ".github/workflows/autodeploy.yml", "gitlab": ".gitlab-ci.yml"}
SCHEMAS = {"github": ["vendor.github-workflows"], "gitlab": ["vendor.gitlab-ci"]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A repository of GitHub's."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    made = tmp_path / "shop"
    made.mkdir()
    subprocess.run(["git", "init", "-q", made], check=True)
    _remote(made, "git@github.com:acme/shop.git")
    return made


def _remote(folder, url):
    config = ("git", "-C", folder, "config", "remote.origin.url", url)
    subprocess.run(config, check=True)


def _ci(*arguments):
    return CliRunner().invoke(
        autodeploy, ["ci", *map(str, arguments)], standalone_mode=False, catch_exceptions=True
    )


@pytest.mark.parametrize("kind", FILES)
def test_what_is_written_is_a_workflow_by_the_systems_own_schema(folder, kind):
    if kind == "gitlab":
        _remote(folder, "https://gitlab.com/acme/web/shop.git")
    done = _ci(kind, folder, *GIVEN)
    assert done.exception is None, done.exception
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[kind]]
    check += ["--data-transform", "gitlab-ci"] if kind == "gitlab" else []
    subprocess.run([*check, folder / FILES[kind]], check=True)


@pytest.mark.parametrize("kind", FILES)
def test_every_command_of_ours_is_one_that_our_parser_takes(folder, kind):
    more = ["--project", "acme/shop", "--path", "apps/api", "--name", "api"]
    text = _ci(kind, folder, *GIVEN, *more, "--stdout").stdout
    lines = re.findall(r"(?:- run:|-) (autodeploy .*)", text)
    made = [parsed(words) for line in lines for words in ours(line)]
    assert {one.command_path for one in made} == {"autodeploy plan", "autodeploy deploy"}
    for one in made:
        assert (one.params["path"], one.params["name"]) == ("apps/api", "api")


def test_the_rights_on_github_are_the_least(folder):
    made = yaml.safe_load(_ci("github", folder, *GIVEN, "--stdout").stdout)
    assert made["permissions"] == {}
    assert set(made["on"]) == {"pull_request", "push"}, "pull_request_target has secrets"
    for job in made["jobs"].values():
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.search(r"@[0-9a-f]{40}$", one) for one in used), "a tag can be moved"
        assert "${{" not in json.dumps([one.get("run") for one in job["steps"]])
    assert made["jobs"]["deploy"]["concurrency"]["cancel-in-progress"] is False
    assert "head.repo.full_name == github.repository" in made["jobs"]["plan"]["if"]


@pytest.mark.parametrize(
    ("kind", "purpose", "operator", "subject"),
    [
        ("github", "deploy", "StringEquals", "repo:acme/shop:ref:refs/heads/main"),
        ("github", "plan", "StringEquals", "repo:acme/shop:pull_request"),
        ("gitlab", "deploy", "StringEquals", "project_path:acme/shop:ref_type:branch:ref:main"),
        ("gitlab", "plan", "StringLike", "project_path:acme/shop:ref_type:branch:ref:*"),
    ],
)
def test_a_role_is_bound_to_one_project_and_what_runs_there(
    folder, kind, purpose, operator, subject
):
    more = ["--project", "acme/shop", "--trust-policy", purpose]
    (one,) = json.loads(_ci(kind, folder, *GIVEN, *more).stdout)["Statement"]
    subjects = {
        (how, said)
        for how, pairs in one["Condition"].items()
        for key, said in pairs.items()
        if key.endswith(":sub")
    }
    assert subjects == {(operator, subject)}
    assert any(key.endswith(":aud") for key in one["Condition"]["StringEquals"])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--branch", "${{ github.event.pull_request.title }}"),
        ("--branch", "*"),
        ("--branch", 'main"]\njobs: {}'),
        ("--path", "apps; id"),
        ("--path", "../../etc"),
        ("--name", "--yes"),
        ("--project", "acme/*"),
        ("--project", "acme/shop:ref"),
        ("--region", "$(id)"),
        ("--package", "autodeploy"),
        ("--package", "other @ https://example.com/a.whl"),
        ("--package", 'autodeploy @ https://example.com/a.whl" "evil'),
        ("--package", "autodeploy @ https://example.com/$(id).whl"),
        ("--package", "autodeploy @ http://example.com/a.whl"),
        ("--deploy-role", f"{ACCOUNT}/autodeploy-plan"),
    ],
)
def test_what_could_mean_more_than_itself_is_refused(folder, option, value):
    done = _ci("github", folder, *GIVEN, option, value)
    assert isinstance(done.exception, UsageError), done.output
    assert not (folder / ".github").exists()


@pytest.mark.parametrize("kind", FILES)
def test_a_job_installs_what_was_said(folder, kind):
    text = _ci(kind, folder, *GIVEN, "--project", "acme/shop", "--stdout").stdout
    lines = [one.strip(" -").removeprefix("run: ") for one in text.splitlines()]
    found = [shlex.split(one) for one in lines if one.startswith("pip install")]
    assert found == [["pip", "install", PACKAGE]] * (2 if kind == "github" else 1)


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (
            {"url": "https://x.test/a", "vcs_info": {"vcs": "git", "commit_id": "1f"}},
            "autodeploy @ git+https://x.test/a@1f",
        ),
        (
            {"url": "https://x.test/a.whl", "archive_info": {"hashes": {"sha256": "0a"}}},
            "autodeploy @ https://x.test/a.whl#sha256=0a",
        ),
        ({"url": "https://x.test/a.whl", "archive_info": {}}, None),
        ({"url": "file:///root/a.whl", "archive_info": {"hashes": {"sha256": "0a"}}}, None),
        (None, None),
    ],
)
def test_by_default_it_is_what_this_was_installed_from(folder, monkeypatch, record, wanted):
    """A name alone never: on a public index it is somebody else's."""
    told = SimpleNamespace(read_text=lambda _name: json.dumps(record) if record else None)
    monkeypatch.setattr(metadata, "distribution", lambda _name: told)
    done = _ci("github", folder, *GIVEN[:-2], "--stdout")
    if wanted is None:
        assert "somebody else's" in done.exception.cause
    else:
        assert f'pip install "{wanted}"' in done.stdout


def test_the_folder_here_is_found_by_its_relative_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert _ci("github", *GIVEN).exception is None
    assert (folder / FILES["github"]).exists()


@pytest.mark.parametrize(
    "remote", ["https://github.com/acme/$(id).git", "https://evil.example/a/b", "ext::sh -c id"]
)
def test_a_hostile_remote_is_no_project(folder, remote):
    _remote(folder, remote)
    assert isinstance(_ci("github", folder, *GIVEN).exception, UsageError)


def test_a_file_that_is_there_stays_but_for_force(folder):
    file = folder / FILES["github"]
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    assert "is there already" in str(_ci("github", folder, *GIVEN).exception)
    assert file.read_text() == "mine"
    assert _ci("github", folder, *GIVEN, "--force").exception is None
    assert file.read_text() != "mine"


def test_a_link_of_the_repositorys_leads_nowhere(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (folder / ".github").symlink_to(tmp_path / "elsewhere")
    assert "behind a link" in str(_ci("github", folder, *GIVEN, "--force").exception)
    assert not list((tmp_path / "elsewhere").iterdir())
