"""A member of a JavaScript workspace is built from the workspace's root."""

from __future__ import annotations

import json

import pytest

from autodeploy import recon
from autodeploy.contracts import Source

API = {"scripts": {"build": "tsc", "start": "node ."}, "dependencies": {"koa": "2"}}
SITE = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "5"}}


@pytest.fixture
def member(tmp_path):
    """The source and the stack of a folder, in a workspace whose patterns are given."""

    def of(path, patterns, manifest=API):
        files = {
            "package.json": json.dumps({"workspaces": patterns}),
            "package-lock.json": "{}",
            f"{path}/package.json": json.dumps(manifest),
            f"{path}/index.html": "",
            f"{path}/Procfile": "worker: node worker.js",
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        source = Source(url="x", checkout=tmp_path / path, commit=None, name="x", path=path)
        return recon.from_its_workspace(source, recon.detect(source))

    return of


def test_a_member_runs_in_its_folder(member, tmp_path):
    source, stack = member("apps/the api", ["apps/*"])
    assert (source.checkout, source.path, source.root) == (tmp_path, "", tmp_path)
    assert stack.build_command == "cd 'apps/the api' && npm run build"
    assert stack.start_command == stack.processes["web"] == "cd 'apps/the api' && npm run start"
    assert stack.processes["worker"] == "cd 'apps/the api' && node worker.js"


def test_its_files_are_below(member):
    _, stack = member("apps/web", ["apps/web"], SITE)
    assert (stack.output, stack.start_command) == ("apps/web/dist", None)


def test_no_member_stays_as_it_is(member, tmp_path):
    source, stack = member("web", ["apps/*"])
    assert source.checkout == tmp_path / "web"
    assert stack.build_command == "npm run build"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, "shop"),
        ("", "shop"),
        (".", "shop"),
        ("apps/api/", "shop-apps-api"),
        ("web", "shop-web"),
    ],
)
def test_two_applications_of_one_repository_have_two_names(path, name):
    assert recon.default_name("https://example.org/you/shop.git", path) == name
