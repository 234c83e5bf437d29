"""Look: the stack that clone and detect would find, and no more transferred than that takes."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import recon_git
from autodeploy import recon
from autodeploy.contracts import Source
from autodeploy.errors import (
    EmptyRepository,
    NotARepository,
    ReconError,
    RefNotFound,
    SourceRefused,
)
from autodeploy.recon.git import command as gitcommand
from autodeploy.recon.git import commit as commit_module
from autodeploy.recon.git.commit import Commit
from autodeploy.recon.tree import MAX_BYTES
from recon_git import Talk, commit, git, repository

CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
FLASK = {"requirements.txt": "-r more/base.txt\n", "more/base.txt": "flask\n", "app.py": ""}
PACKAGE = '{"scripts": {"start": "node x"}, "dependencies": {"koa": "2"}}'


@pytest.fixture
def talk():
    return Talk()


@pytest.fixture
def look(tmp_path, talk):
    def look(url, ref=None, **options):
        return recon.look(str(url), ref=ref, folder=tmp_path / "cache", log=talk, **options)

    return look


@pytest.fixture
def daemon(tmp_path):
    with recon_git.daemon(tmp_path) as address:
        yield address


@pytest.fixture
def shop(tmp_path):
    return repository(tmp_path / "shop", {**FLASK, "other.txt": "not read", "img/x.bin": "nor is"})


def here(tmp_path):
    """The contents that the cache has."""
    mirror = tmp_path / "cache/look.git"
    every = git(mirror, "cat-file", "--batch-check", "--batch-all-objects").splitlines()
    blobs = (line.split()[0] for line in every if line.split()[1] == "blob")
    return {git(mirror, "cat-file", "blob", one) for one in blobs}


def test_only_what_is_read_is_transferred(look, shop, daemon, tmp_path):
    seen = look(f"{daemon}/shop")
    assert seen.url == f"{daemon}/shop"
    assert seen.commit == git(shop, "rev-parse", "HEAD")
    assert seen.stack.framework == "flask"
    assert "flask" in here(tmp_path)
    assert not {"not read", "nor is"} & here(tmp_path)


def test_a_host_without_filters_sends_everything(look, shop, tmp_path):
    with recon_git.daemon(tmp_path, filters=False) as address:
        assert look(f"{address}/shop").stack.framework == "flask"
    assert "not read" in here(tmp_path)


def test_a_host_that_gives_no_single_contents(look, shop, daemon, tmp_path, monkeypatch):
    """In git's first protocol a server gives what a branch points to, and nothing else."""
    monkeypatch.setitem(gitcommand.CONFIG, "protocol.version", "0")
    assert look(f"{daemon}/shop").stack.framework == "flask"
    assert "not read" in here(tmp_path)


def test_what_is_new_is_seen(look, shop, daemon):
    look(f"{daemon}/shop")
    newest = commit(shop, {"requirements.txt": "django\n", "manage.py": ""})
    seen = look(f"{daemon}/shop")
    assert seen.commit == newest
    assert seen.stack.framework == "django"


def test_a_ref(look, shop, daemon):
    old = git(shop, "rev-parse", "HEAD")
    git(shop, "branch", "old")
    git(shop, "tag", "--annotate", "--message=x", "v1")
    commit(shop, {"requirements.txt": "django\n"})
    for ref in ("old", "v1", old, old[:10]):
        assert look(f"{daemon}/shop", ref).commit == old


@pytest.mark.parametrize("scheme", ["git", "file"])
def test_no_such_ref(look, shop, daemon, scheme):
    with pytest.raises(RefNotFound):
        look(f"{daemon}/shop" if scheme == "git" else shop, "nope")


def test_no_default_branch_names_those_there_are(look, shop, daemon):
    git(shop, "symbolic-ref", "HEAD", "refs/heads/gone")
    with pytest.raises(RefNotFound) as caught:
        look(f"{daemon}/shop")
    assert "main" in caught.value.remediation


def test_no_repository_no_commit_no_file(look, daemon, tmp_path):
    repository(tmp_path / "empty")
    repository(tmp_path / "no-file", {})
    for name, error in {
        "nothing": NotARepository,
        "empty": EmptyRepository,
        "no-file": EmptyRepository,
    }.items():
        with pytest.raises(error):
            look(f"{daemon}/{name}")


def test_links_inside_the_tree_are_followed(look, tmp_path, daemon):
    shop = repository(tmp_path / "shop", {"real/needs.txt": "flask\n"})
    (shop / "deep/er").mkdir(parents=True)
    (shop / "deep/er/link").symlink_to("../../to-real/needs.txt")
    (shop / "to-real").symlink_to("real")
    (shop / "requirements.txt").symlink_to("deep/er/link")
    commit(shop, {})
    assert look(f"{daemon}/shop").stack.framework == "flask"
    assert look(f"{daemon}/shop", path="deep/er/../../").stack.framework == "flask"


@pytest.mark.parametrize(
    "target", ["../outside/package.json", "package.json", "a", "/d/koa.json", "x/", "nothing", "d"]
)
def test_links_that_lead_nowhere(look, tmp_path, daemon, target):
    outside = repository(tmp_path / "outside", {"package.json": PACKAGE})
    shop = repository(tmp_path / "shop", {"README": "x", "d/koa.json": PACKAGE})
    (shop / "package.json").symlink_to(target)
    (shop / "a").symlink_to("package.json")
    commit(shop, {})
    assert look(f"{daemon}/outside").stack.framework == "koa"
    assert look(f"{daemon}/shop").stack.language is None
    assert outside.is_dir()


def test_a_giant_is_not_read(look, tmp_path, daemon):
    giant = json.dumps({"dependencies": {"koa": "2"}, "x": "x" * MAX_BYTES})
    repository(tmp_path / "shop", {"package.json": giant})
    assert look(f"{daemon}/shop").stack.framework is None


def test_a_submodule_is_an_empty_folder_and_told_of(look, tmp_path, daemon, talk):
    shop = repository(tmp_path / "shop", {"package.json": PACKAGE})
    head = git(shop, "rev-parse", "HEAD")
    git(shop, "update-index", "--add", "--cacheinfo", f"160000,{head},lib/sub")
    git(shop, "commit", "--quiet", "--message=x")
    assert look(f"{daemon}/shop").stack.framework == "koa"
    assert look(f"{daemon}/shop", path="lib/sub").stack.language is None
    assert any("lib/sub" in said for said in talk.said)


def test_names_in_git():
    seen = Commit(
        b"100644 blob 1\ta b\0"
        b"160000 commit 2\tsub\0"
        b"120000 blob 3\tto\0"
        b"100755 blob 4\tdeep/er/\xff\0",
        objects=None,
    )
    assert (seen.names("").files, seen.names("").folders) == (["a b"], ["sub", "deep"])
    assert (seen.names("deep").files, seen.names("deep").folders) == ([], ["er"])
    assert seen.names("deep/er").files == ["\udcff"]
    assert seen.folder("deep/../sub") == "sub"
    assert seen.content("sub") is None


def test_only_so_many_contents_are_fetched(look, tmp_path, daemon, monkeypatch):
    monkeypatch.setattr(commit_module, "MAX_CONTENTS", 1)
    includes = {"requirements.txt": "-r a.txt\n-r b.txt\n", "a.txt": "flask\n", "b.txt": "x\n"}
    repository(tmp_path / "shop", includes)
    assert look(f"{daemon}/shop").stack.language == "python"
    assert here(tmp_path) == {includes["requirements.txt"].strip()}


def test_trees_without_end_are_given_up(look, tmp_path, daemon, monkeypatch):
    """Ten trees, each with ten times the one below it: ten thousand million names."""
    monkeypatch.setattr(gitcommand, "LARGEST_ANSWER", 1_000_000)
    bomb = repository(tmp_path / "bomb", {"x": ""})
    below, kind = git(bomb, "rev-parse", "HEAD:x"), "100644 blob"
    for _ in range(10):
        tree = tmp_path / "tree"
        tree.write_text("".join(f"{kind} {below}\t{number}\n" for number in range(10)))
        below, kind = mktree(bomb, tree), "040000 tree"
    git(bomb, "update-ref", "refs/heads/main", git(bomb, "commit-tree", "-m", "x", below))
    with pytest.raises(ReconError, match="too many files"):
        look(f"{daemon}/bomb")


def mktree(folder, entries):
    with entries.open() as stdin:
        done = subprocess.run(
            ["git", "mktree"], cwd=folder, stdin=stdin, capture_output=True, text=True, check=True
        )
    return done.stdout.strip()


def test_a_chain_of_files_is_followed_so_far(look, tmp_path, daemon, talk, monkeypatch):
    monkeypatch.setattr(importlib.import_module("autodeploy.recon.look"), "ROUNDS", 2)
    files = {f"{number}.txt": f"-r {number + 1}.txt\n" for number in range(5)}
    repository(tmp_path / "shop", {"requirements.txt": "-r 0.txt\nflask\n", **files})
    assert look(f"{daemon}/shop").stack.framework == "flask"
    assert "not read" in talk.warned[0]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("path", ["..", "nothing", "requirements.txt", "/etc", "out", "more/../.."])
def test_a_folder_that_is_not_there(look, shop, daemon, tmp_path, path, plain):
    (shop / "out").symlink_to("/etc")
    commit(shop, {})
    if plain:
        shutil.rmtree(shop / ".git")
    with pytest.raises(SourceRefused):
        look(shop if plain else f"{daemon}/shop", path=path)


def test_a_plain_folder_is_read_in_place(look, tmp_path):
    plain = tmp_path / "plain"
    files = {
        "a/package.json": PACKAGE,
        "ignored/package.json": PACKAGE,
        ".gitignore": "ignored/\n",
        "node_modules/m/package.json": PACKAGE,
    }
    for name, content in files.items():
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_text(content)
    (plain / "a/.gitignore").write_text("yarn.lock\n")
    (plain / "a/yarn.lock").touch()
    (plain / "package.json").symlink_to("ignored/package.json")
    seen = look(plain)
    assert seen.commit is None
    assert seen.stack.language is None
    assert [one.path for one in seen.stack.members] == ["a"]
    assert look(plain, path="a").stack.framework == "koa"
    assert look(plain, path="a").stack.package_manager == "npm"
    assert not list((tmp_path).glob("cache/*"))
    with pytest.raises(RefNotFound):
        look(plain, "main")
    with pytest.raises(SourceRefused):
        look(plain, path="ignored")


def test_a_repository_on_this_machine_is_read_where_it_is(look, shop, tmp_path):
    assert look(shop).stack.framework == "flask"
    assert look(f"file://{shop}").stack.framework == "flask"
    assert here(tmp_path) == set()


@pytest.mark.parametrize("name", ["a:b", 'a"b\\c', "ä ö"])
def test_a_strange_name_of_a_folder(look, tmp_path, name):
    repository(tmp_path / name / "shop", FLASK)
    assert look(tmp_path / name / "shop").stack.framework == "flask"


def test_a_work_tree_of_another_repository(look, shop, tmp_path):
    git(shop, "worktree", "add", "--quiet", str(tmp_path / "second"))
    assert look(tmp_path / "second").stack.framework == "flask"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_same_as_in_a_checkout(path, look, tmp_path, daemon):
    case = yaml.safe_load(path.read_text())
    folder = repository(tmp_path / "shop", case["files"])
    expected = recon.detect(Source(url="x", checkout=folder, commit=None, name="x"))
    assert look(f"{daemon}/shop").stack == expected
