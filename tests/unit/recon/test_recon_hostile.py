"""A hostile repository: nothing of it runs, nothing outside it is read, nothing takes for ever."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autodeploy import recon
from autodeploy.contracts import Source
from autodeploy.errors import ReconError
from autodeploy.recon.disk import Disk
from autodeploy.recon.tree import MAX_BYTES, Tree
from autodeploy.safeyaml import BoundedLoader
from recon_git import Talk, commit, git, repository


@pytest.fixture
def trap(tmp_path):
    """A program that leaves a mark where it ran."""
    program = tmp_path / "trap"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    program.chmod(0o755)
    yield program
    assert not (tmp_path / "sprung").exists(), "something of the repository ran"


def clone(url, tmp_path):
    return recon.clone(str(url), ref=None, folder=tmp_path / "cache", log=Talk())


def test_hooks_filters_and_monitors_do_not_run(tmp_path, trap):
    shop = repository(tmp_path / "shop", {"app.py": "x", ".gitattributes": "* filter=evil"})
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (shop / ".git/hooks" / hook).write_bytes(trap.read_bytes())
        (shop / ".git/hooks" / hook).chmod(0o755)
    for key in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.sshCommand"):
        git(shop, "config", key, str(trap))
    git(shop, "config", "uploadpack.packObjectsHook", str(trap))
    os.utime(shop / "app.py", (1, 1))
    assert (clone(shop, tmp_path).checkout / "app.py").read_text() == "x"


def test_lfs_pointers_stay_pointers(tmp_path, trap, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(
        f'[filter "lfs"]\nsmudge = {trap}\nprocess = {trap}\nrequired = true\n'
        f"[safe]\ndirectory = *\n"
    )
    shop = repository(
        tmp_path / "shop", {"big.bin": "version", ".gitattributes": "*.bin filter=lfs"}
    )
    assert (clone(shop, tmp_path).checkout / "big.bin").read_text() == "version"


@pytest.mark.parametrize(
    "url", ["ext::sh -c 'touch sprung'", "file://{secret}", "{secret}", "../secret"]
)
def test_submodules_reach_neither_local_repositories_nor_programs(tmp_path, trap, url):
    repository(tmp_path / "secret", {"key": "secret"})
    shop = repository(tmp_path / "shop", {"app.py": "x"})
    head = git(tmp_path / "secret", "rev-parse", "HEAD")
    git(shop, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    address = url.format(secret=tmp_path / "secret")
    (shop / ".gitmodules").write_text(f'[submodule "sub"]\npath = sub\nurl = "{address}"\n')
    git(shop, "add", ".gitmodules")
    git(shop, "commit", "--quiet", "--message=x")
    with pytest.raises(ReconError):
        clone(f"file://{shop}", tmp_path)
    assert not list((tmp_path / "cache/checkouts").iterdir())


def test_links_out_of_the_tree_are_not_followed(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/requirements.txt").write_text("flask")
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "requirements.txt").symlink_to(tmp_path / "outside/requirements.txt")
    (tree / "folder").symlink_to(tmp_path / "outside")
    (tree / "sub/inside.txt").symlink_to("../real.txt")
    (tree / "real.txt").write_text("real")
    read = Tree(Disk(tree))
    assert read.read("requirements.txt") is None
    assert read.read("folder/requirements.txt") is None
    assert read.read("../outside/requirements.txt") is None
    assert read.read(str(tmp_path / "outside/requirements.txt")) is None
    assert read.read("sub/inside.txt").text == "real"
    assert recon.detect(source(tree)).framework is None


def test_a_requirements_file_includes_nothing_outside(tmp_path):
    (tmp_path / "outside.txt").write_text("django")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "requirements.txt").write_text(f"-r ../outside.txt\n-r {tmp_path}/outside.txt\nflask\n")
    assert recon.detect(source(tree)).framework == "flask"


def source(folder):
    return Source(url="x", checkout=folder, commit=None, name="x")


def test_pipes_devices_and_giants_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "package.json")
    (tmp_path / "go.mod").symlink_to("/dev/zero")
    (tmp_path / "requirements.txt").write_text("flask\n" + "#" * MAX_BYTES)
    tree = Tree(Disk(tmp_path))
    assert [tree.read(name) for name in ("package.json", "go.mod", "requirements.txt")] == [
        None
    ] * 3
    recon.detect(source(tmp_path))


@pytest.fixture
def bounded():
    """A bomb that goes off ends the test, not the day."""

    def late(_signal, _frame):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def bombs():
    laughs = "a0: &a0 {x: 1}\n" + "".join(
        f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(9))}}}\n" for n in range(1, 60)
    )
    merges = "a0: &a0 {x0: 1}\n" + "".join(
        f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    deep = "[" * 200_000
    return {
        "laughs": {"docker-compose.yml": laughs + "services: {db: {image: *a59}}"},
        "merges": {"docker-compose.yml": merges + "services: *a8"},
        "deep yaml": {"docker-compose.yml": deep},
        "deep json": {"package.json": deep},
        "deep toml": {"pyproject.toml": "x = " + deep},
        "long toml key": {"pyproject.toml": "a." * 100_000 + "a = 1"},
        "long toml word": {"pyproject.toml": "a" * 1_000_000 + " = 1"},
        "long range": {"package.json": json.dumps({"engines": {"node": "1 || " * 100_000}})},
        "deep marker": {"requirements.txt": "x ; " + "(" * 100_000},
        "huge number": {"package.json": '{"engines": {"node": ' + "9" * 500_000 + "}}"},
        "deep python": {"app.py": "-" * 500_000 + "1", "requirements.txt": "flask"},
        "deep call": {"app.py": "f(" * 50_000, "requirements.txt": "flask"},
        "nul": {"app.py": "\0", "requirements.txt": "flask"},
        "wrong types": {
            "package.json": json.dumps(
                {
                    "scripts": [],
                    "dependencies": "express",
                    "engines": "node",
                    "workspaces": {"packages": 3},
                    "main": {},
                    "packageManager": 4,
                    "volta": None,
                    "devEngines": {"runtime": []},
                }
            ),
            "pyproject.toml": "project = 1\ntool = [1]",
            "Pipfile": 'packages = "x"\nrequires = 3',
            "docker-compose.yml": "services: [1, 2]",
            "mise.toml": "tools = 1",
            "environment.yml": "dependencies: x",
            "setup.cfg": "no section",
            "go.mod": "module\nrequire\ngo\nrequire (\n)\n)(",
            "Procfile": "::\nweb:",
            ".tool-versions": "python",
            ".python-version": "",
        },
        "versions": {
            "package.json": '{"engines": {"node": ">=>= <" }, "dependencies": {"express": "x"}}',
            ".nvmrc": "lts/../..",
        },
    }


@pytest.mark.parametrize("name", bombs())
def test_bombs(tmp_path, bounded, name):
    for path, content in bombs()[name].items():
        (tmp_path / path).write_text(content)
    recon.detect(source(tmp_path))


@pytest.mark.parametrize("name", ["laughs", "merges"])
def test_yaml_that_grows_is_refused(name):
    with pytest.raises(yaml.YAMLError):
        BoundedLoader.load(bombs()[name]["docker-compose.yml"])


def test_names_that_are_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe.py")).write_text("x")
    (tmp_path / "requirements.txt").write_bytes("Flask\n".encode("utf-16"))
    assert recon.detect(source(tmp_path)).framework == "flask"


def test_many_files(tmp_path):
    """A hundred thousand files that say nothing are not walked through."""
    for number in range(100):
        folder = tmp_path / f"data{number}/deep/deeper"
        folder.mkdir(parents=True)
        for one in range(20):
            (folder / f"{one}.py").touch()
    (tmp_path / "requirements.txt").write_text("flask")
    tree_reads = []
    original = Disk.content
    Disk.content = lambda self, path: tree_reads.append(path) or original(self, path)
    try:
        recon.detect(source(tmp_path))
    finally:
        Disk.content = original
    assert len(tree_reads) < 50


def test_commit_of_links_and_odd_names(tmp_path):
    shop = repository(tmp_path / "shop", {"a\nb": "1", "-rf": "2", "é ü": "3", '"q"': "4"})
    (shop / "out").symlink_to("/etc")
    commit(shop, {})
    checkout = clone(shop, tmp_path).checkout
    assert (checkout / "a\nb").read_text() == "1"
    assert (checkout / "out").is_symlink()


MANIFESTS = (
    *("package.json", "go.mod", "go.work", "requirements.txt", "pyproject.toml", "Pipfile"),
    *("setup.py", "setup.cfg", "environment.yml", "Procfile", "docker-compose.yml", "mise.toml"),
    *(".tool-versions", ".nvmrc", ".python-version", "runtime.txt", "main.go", "app.py"),
    *("manage.py", "composer.json", "Gemfile", "Cargo.toml", "pnpm-workspace.yaml", "index.js"),
)
NAMES = (
    "dependencies devDependencies engines node scripts start main workspaces packages services "
    "image tools python requires project tool poetry express flask web volta runtime"
)
KEYS = st.sampled_from(NAMES.split())
NESTED = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
TOKENS = (
    "module require go ( ) // indirect package main func main() -r -e = == @ # \\ , : ; [ ] "
    "{ } ' \" import flask app Flask() \n \t 1.2 ^1 lts/x toolchain web: \ufeff"
)
WORDS = st.lists(st.sampled_from(TOKENS.split(" "))).map(" ".join)


@given(st.dictionaries(st.sampled_from(MANIFESTS), NESTED.map(json.dumps) | WORDS | st.text()))
def test_no_content_of_a_manifest_is_a_failure(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_text(content, errors="surrogatepass")
        recon.detect(source(folder))


ONE_MIB = 1024 * 1024
LONG = {
    "Dockerfile": "FROM x\nRUN a \\\n" + " b \\\n" * 100_000,
    "Procfile": "".join(f"p{one}: x\n" for one in range(60_000)),
    ".env.example": "".join(f"A{one}=1\n" for one in range(80_000)),
    "app.json": json.dumps({"env": {f"A{one}": "1" for one in range(50_000)}}),
    "compose.yaml": "services:\n"
    + "".join(f"  s{one}: {{image: redis}}\n" for one in range(9_000)),
    "requirements.txt": "flask\n" + "".join(f"package-{one}\n" for one in range(50_000)),
    "app.py": "import os\n" + "x=os.environ['A']\n" * 40_000,
    "config.py": "x=os.environ['A']\n" * 12_000,
    "package.json": json.dumps(
        {"main": "x" * 200_000, "dependencies": {f"p{one}": "1" for one in range(30_000)}}
    ),
    "server.js": "process.env.A||\n" * 50_000,
    "fly.toml": "[[services]]\ninternal_port = 1\n" * 20_000,
}


def test_long_files_of_all_kinds_are_bounded(tmp_path):
    """Evidence, variables and processes stay few; what is too long to parse is left alone."""
    for name, text in LONG.items():
        assert len(text) <= ONE_MIB
        (tmp_path / name).write_text(text)
    stack = recon.detect(source(tmp_path))
    assert stack.framework == "flask"
    assert len(stack.processes) <= 51
    assert len(stack.variables) <= 200
    assert len(stack.evidence) < 2_000


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM x\nCMD " + "[" * 3_000,
        "FROM x\nEXPOSE " + "9" * 5_000,
        "FROM\nCMD []",
        "CMD x",
        "FROM x\nHEALTHCHECK CMD curl http://localhost",
        "ONBUILD",
    ],
)
def test_dockerfiles_that_are_none(tmp_path, dockerfile):
    (tmp_path / "Dockerfile").write_text(dockerfile)
    (tmp_path / "requirements.txt").write_text("flask")
    assert recon.detect(source(tmp_path)).port == 8000


def test_a_workspace_of_everything(tmp_path):
    """Only so many folders are looked at, and the workspace is read once."""
    (tmp_path / "package.json").write_text('{"workspaces": ["**"]}')
    for one in range(1_000):
        (tmp_path / f"a{one}").mkdir()
        (tmp_path / f"a{one}/package.json").write_text('{"scripts": {"start": "node ."}}')
    reads = []
    original = Disk.content
    Disk.content = lambda self, path: reads.append(path) or original(self, path)
    try:
        stack = recon.detect(source(tmp_path))
    finally:
        Disk.content = original
    assert len(stack.members) == 50
    assert len(reads) < 1_000
