"""Package managers by their real versions, on small applications whose lock files they write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile

import pytest

import buildkit
from autodeploy.compiler.job import job
from autodeploy.compiler.node.managers import manager
from autodeploy.compiler.toolchains import node
from autodeploy.contracts import TechStack
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow
SERVER = 'const ms = require("ms");\nconsole.log("answer", ms("2h"));\n'
MANIFEST = {
    "name": "shop",
    "version": "1.0.0",
    "dependencies": {"ms": "2.1.3", "semver": "7.6.3"},
    "devDependencies": {"left-pad": "1.3.0", "@types/ms": "0.7.34"},
    "scripts": {"start": "node server.js", "build": "mkdir -p dist && cp server.js dist/"},
}
LOCKED = {
    "npm": ("package-lock.json", ["npm", "install", "--package-lock-only"]),
    "pnpm": ("pnpm-lock.yaml", ["pnpm", "install", "--lockfile-only"]),
    "yarn": ("yarn.lock", ["yarn", "install", "--no-immutable", "--mode=update-lockfile"]),
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache whose downloads the builds of this module share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def locked(source, cache, log):
    """Write an application, and the lock file that the manager it asks for makes of it."""

    def write(asked, files=()):
        name = asked.partition("@")[0]
        lock, command = LOCKED[name]
        manifest = {**MANIFEST, "packageManager": asked}
        text = {"package.json": json.dumps(manifest), "server.js": SERVER, **dict(files)}
        of = source({**text, lock: ""} if name == "yarn" else text)
        if name == "yarn":
            (of.checkout / "yarn.lock").touch()
        stack = TechStack(language="node", package_manager=name)
        with job(buildkit.order(of, stack, Settings(), cache, log), log) as one:
            tools = node(one.toolchains, one.runtime)
            one.shell.run(command, one.copy(), manager(one, tools, manifest).variables)
            shutil.copy(one.copy() / lock, of.checkout / lock)
        return of

    return write


STACK = {"language": "node", "processes": {"web": "npm start"}}


@pytest.mark.parametrize(
    ("asked", "files"),
    [
        ("npm@10.2.4", {}),
        ("pnpm@8.15.9", {}),
        ("pnpm@9.1.0", {}),
        ("pnpm@12.21.0", {}),
        ("yarn@3.8.7", {".yarnrc.yml": "nodeLinker: node-modules\n"}),
        ("yarn@4.1.0", {".yarnrc.yml": "nodeLinker: node-modules\n"}),
    ],
)
def test_a_build_command_changes_nothing_of_productions_modules(build, locked, asked, files):
    of = locked(asked, files)
    name = asked.partition("@")[0]
    plain = build(of, package_manager=name, **STACK)
    shutil.rmtree(cache_of(plain) / "index")
    built = build(of, package_manager=name, build_command=f"{name} run build", **STACK)
    assert built.layers[0].digest == plain.layers[0].digest
    with tarfile.open(built.layers[0].archive) as archive:
        names = {name for name in archive.getnames() if name.count("/") == 1}
    assert {"node_modules/ms", "node_modules/semver"} <= names
    assert ("node_modules/left-pad" in names) == (asked == "yarn@3.8.7")  # It needs its plugin.


def cache_of(artifact):
    return artifact.layers[0].archive.parents[1]


def test_plug_and_play_runs_without_yarn(build, locked, tmp_path):
    of = locked("yarn@4.1.0", {".yarnrc.yml": "enableGlobalCache: true\n"})
    artifact = build(of, package_manager="yarn", **STACK)
    release = tmp_path / "release"
    with tarfile.open(artifact.layers[0].archive) as archive:
        archive.extractall(release, filter="data")
    path = ":".join([*(str(release / one) for one in artifact.path), os.environ["PATH"]])
    for command in (artifact.processes["web"], f"{artifact.processes['web']} && semver 1.2.3"):
        ran = subprocess.run(
            ["sh", "-c", command],
            cwd=release,
            env={"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stdout.split()[:2]) == (0, ["answer", "7200000"]), ran.stderr
    cached = {path.name for path in (release / ".yarn/cache").glob("*.zip")}
    assert not [name for name in cached if name.startswith("left-pad")]
    shutil.rmtree(cache_of(artifact) / "index")
    assert build(of, package_manager="yarn", **STACK).digest == artifact.digest


def test_yarns_committed_release_is_used(build, locked):
    of = locked("yarn@4.1.0", {".yarnrc.yml": "nodeLinker: node-modules\n"})
    release = of.checkout / ".yarn/releases/yarn-4.1.0.cjs"
    release.parent.mkdir(parents=True)
    release.write_text('console.log("the release runs"); process.exit(3);')
    (of.checkout / ".yarnrc.yml").write_text("yarnPath: .yarn/releases/yarn-4.1.0.cjs\n")
    with pytest.raises(Exception, match="yarn") as caught:
        build(of, package_manager="yarn", **STACK)
    assert "the release runs" in caught.value.output
