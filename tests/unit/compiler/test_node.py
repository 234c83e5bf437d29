from __future__ import annotations

import json

import pytest

from autodeploy.compiler.node import NodeBuilder
from autodeploy.compiler.node.commands import direct, needs_bun
from autodeploy.compiler.toolchains import Toolchain
from autodeploy.contracts import Served
from autodeploy.errors import BuildError

SCRIPTS = {
    "start": "node server.js",
    "serve": "npm run start -- --port 1",
    "around": "node x",
    "prearound": "node before",
    "postaround": "npm run start",
    "loop": "npm run loop",
    "start:prod": "node dist/main",
}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm start", "node server.js"),
        ("npm run start", "node server.js"),
        ("exec npm run-script start:prod", "node dist/main"),
        ("yarn start", "node server.js"),
        ("pnpm run serve", "node server.js --port 1"),
        ("npm start -- --port $PORT", "node server.js --port $PORT"),
        ("npm run around", "node before && node x && node server.js"),
        ("npm run missing", "npm run missing"),
        ("npm install", "npm install"),
        ("node index.js", "node index.js"),
        ("npm run loop", "npm run loop"),
        ("npm run build && npm start", "npm run build && npm start"),
        ("npx next start", "next start"),
        ("exec bunx --bun vite", "exec bunx --bun vite"),
        ("pnpm exec prisma migrate deploy", "prisma migrate deploy"),
        ("bun run src/index.ts", "bun run src/index.ts"),
    ],
)
def test_scripts_run_without_a_package_manager(command, expected):
    assert direct(command, SCRIPTS) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("bun run src/index.ts", True),
        ("exec bun index.ts", True),
        ("cd api && bun .", True),
        ("node bun.js", False),
        ("node server.js --bun", False),
    ],
)
def test_what_runs_by_bun(command, expected):
    assert needs_bun(command) is expected


@pytest.fixture
def steps(open_job, monkeypatch):
    """The steps for a package.json; the toolchain is not looked for, nothing is built."""

    def of(manifest, lock=None, files=(), **stack):
        written = {"package.json": json.dumps(manifest), **dict(files)}
        if lock is not None:
            written["package-lock.json"] = json.dumps(lock)
        monkeypatch.setattr(NodeBuilder, "_tools", Toolchain("v18.20.4 npm 10"))
        stack = {"processes": {"web": "npm start"}, **stack}
        with open_job(written, language="node", **stack) as job:
            return NodeBuilder(job).steps()

    return of


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            "cd apps/api && npm run start",
            "cd apps/api && export PATH=$PWD/node_modules/.bin:$PATH && node api.js",
        ),
        ("npm run api", "cd apps/api && export PATH=$PWD/node_modules/.bin:$PATH && node api.js"),
        (
            "cd 'apps/my api' && node .",
            "cd 'apps/my api' && export PATH=$PWD/node_modules/.bin:$PATH && node .",
        ),
    ],
)
def test_a_member_runs_its_own_script(open_job, command, expected):
    files = {
        "package.json": json.dumps({"scripts": {"api": "cd apps/api && npm start"}}),
        "apps/api/package.json": json.dumps({"scripts": {"start": "node api.js"}}),
    }
    with open_job(files, language="node", processes={"web": command}) as job:
        assert NodeBuilder(job).processes["web"] == expected


def test_built_files_are_served(open_job):
    with open_job({"package.json": "{}"}, language="node", output="dist") as job:
        builder = NodeBuilder(job)
    assert builder.served == Served(root="dist")
    assert builder.processes == {}


def test_the_key_is_the_lock_file_and_not_the_source(steps):
    manifest, lock = {"dependencies": {"express": "4"}}, {"packages": {}}
    before = steps(manifest, lock, {"a.js": "1"})[0].inputs
    assert steps(manifest, lock, {"a.js": "2"})[0].inputs == before
    assert steps({**manifest, "version": "2"}, lock, {"a.js": "2"})[0].inputs == before
    assert steps(manifest, {"packages": {"x": {}}}, {"a.js": "2"})[0].inputs != before


@pytest.mark.parametrize(
    "manifest",
    [{"scripts": {"postinstall": "node a.js"}}, {"devDependencies": {"prisma": "6"}}],
)
def test_modules_that_are_made_of_the_source_have_it_in_their_key(steps, manifest):
    before = steps(manifest, {}, {"a.js": "1"})[0].inputs
    assert steps(manifest, {}, {"a.js": "2"})[0].inputs != before


def test_a_build_and_its_scripts_are_no_part_of_the_modules_key(steps):
    before = steps({"scripts": {"build": "x"}}, {}, {"a.js": "1"})[0].inputs
    built = {"build_command": "npm run build"}
    after = steps({"scripts": {"build": "y"}}, {}, {"a.js": "2"}, **built)
    assert after[0].inputs == before


@pytest.mark.parametrize(
    ("stack", "files"),
    [
        ({"output": "dist"}, {}),
        ({"processes": {"web": "node .output/server/index.mjs"}}, {}),
        ({"processes": {"web": "next start"}}, {"next.config.mjs": 'output: "standalone"'}),
    ],
)
def test_what_runs_alone_is_shipped_alone(steps, stack, files):
    stack = {"processes": {}, **stack, "build_command": "x"}
    assert [step.kind for step in steps({}, {}, files, **stack)] == ["source"]
    more = {**stack, "release_command": "node migrate.js"}
    assert [step.kind for step in steps({}, {}, files, **more)] == ["dependencies", "source"]


def test_workspaces_stay_with_the_source(steps):
    linked = {"packages": {"node_modules/a": {"link": True, "resolved": "packages/a"}}}
    assert [step.kind for step in steps({}, linked)] == ["source"]
    assert [step.kind for step in steps({"workspaces": ["packages/*"]})] == ["source"]


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_package_json_that_is_none(build, source, text):
    with pytest.raises(BuildError, match=r"package\.json"):
        build(source({"package.json": text}), language="node", processes={"web": "npm start"})
