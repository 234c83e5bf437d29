"""Go: framework, version, main package and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autodeploy.recon.databases import GO_DRIVERS
from autodeploy.recon.fact import CONVENTION, DECLARED, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.health import lexical_health
from autodeploy.recon.tree import File, Tree
from autodeploy.recon.versions import first_line, tool_files

LANGUAGE = "go"
BINARY = "out"
FRAMEWORKS = {
    "github.com/gin-gonic/gin": "gin",
    "github.com/labstack/echo": "echo",
    "github.com/gofiber/fiber": "fiber",
    "github.com/beego/beego": "beego",
    "github.com/revel/revel": "revel",
    "github.com/gobuffalo/buffalo": "buffalo",
    "github.com/go-chi/chi": "chi",
    "github.com/gorilla/mux": "gorilla-mux",
}
PREFERRED = ("server", "web", "api", "app", "main")
PORT = re.compile(r"\"(?:0\.0\.0\.0|localhost|127\.0\.0\.1)?:(\d{2,5})\"|\"(\d{4,5})\"")
HEROKU = "// +heroku goVersion"
MAX_FILES = 50


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Go: a module with something to run is."""
    module = tree.first("go.mod", "go.work")
    if module:
        return Fact(LANGUAGE, module, None, DECLARED if _mains(tree) else DERIVED)
    source = next((name for name in tree.files() if name.endswith(".go")), None)
    return Fact(LANGUAGE, source, None, GUESSED) if source else None


def facts(tree: Tree) -> Candidates:
    """Everything that Go's files say."""
    file = tree.read("go.mod")
    required = list(_required(file))
    main = _main(tree, file)
    sources = _go_files(tree, main.value) if main else []
    return {
        "framework": list(_known(required, FRAMEWORKS))[:1],
        "package_manager": _manager(tree),
        "runtime_version": list(_versions(tree)),
        "databases": list(_known(required, GO_DRIVERS)),
        "build_command": [_command(f"go build -o {BINARY} {_package(main)}", main)] if main else [],
        "start_command": [_command(f"./{BINARY}", main)] if main else [],
        "main_package": [_command(main.value or ".", main)] if main else [],
        "port": list(_ports(tree, sources)),
        "health_path": list(lexical_health(tree, sources)),
    }


def _required(file: File | None) -> Iterator[Fact]:
    """Modules that the code itself needs: `// indirect` ones serve others."""
    block = ""
    for number, raw in enumerate(file.text.splitlines() if file else (), 1):
        code, _, comment = raw.partition("//")
        words = code.split()
        if words[-1:] == ["("]:
            block = words[0]
        elif words == [")"]:
            block = ""
        elif words and "indirect" not in comment and (block or words[0]) == "require":
            path = words[0] if block else (words[1:2] or [""])[0]
            yield Fact(path.strip('"'), file.path if file else "", number)


def _known(required: list[Fact], known: dict[str, str]) -> Iterator[Fact]:
    for module, name in known.items():
        for fact in required:
            if f"{fact.value}/".startswith(f"{module}/"):
                yield Fact(name, fact.file, fact.line)


def _manager(tree: Tree) -> list[Fact]:
    module = tree.first("go.mod", "go.work")
    return [Fact("gomod", module)] if module else []


def _versions(tree: Tree) -> Iterator[Fact]:
    """Pins before go.mod, whose `go` line is the least that will do."""
    yield from tool_files(tree, "go", "golang")
    if fact := first_line(tree.read(".go-version")):
        yield fact
    for path in ("go.work", "go.mod"):
        file = tree.read(path)
        lines = list(enumerate(file.text.splitlines() if file else (), 1))
        for number, line in lines:
            if line.startswith(HEROKU):
                yield Fact(line.removeprefix(HEROKU).strip().removeprefix("go"), path, number)
        for number, line in lines:
            words = line.split("//", 1)[0].split()
            if len(words) == 2 and words[0] in ("go", "toolchain"):
                version = words[1].removeprefix("go")
                yield Fact(version, path, number, meaning=f">={version}")


def _main(tree: Tree, module: File | None) -> Fact | None:
    """The one package to run; None where there are several and none is named as the module."""
    mains = _mains(tree)
    if len(mains) <= 1 or mains[0].value == "":
        return mains[0] if mains else None
    for name in (_own_name(module), *PREFERRED):
        for main in mains:
            if main.value.rsplit("/", 1)[-1] == name:
                return Fact(main.value, main.file, main.line, CONVENTION)
    return None


def _own_name(module: File | None) -> str:
    """The last part of the module's path."""
    for line in module.text.splitlines() if module else ():
        if line.startswith("module "):
            return line.split("//", 1)[0].strip().rsplit("/", 1)[-1]
    return ""


def _mains(tree: Tree) -> list[Fact]:
    """Folders with a main package: the root, those of cmd, those below the root."""
    below = [f"cmd/{name}" for name in tree.folders("cmd")]
    folders = ["", "cmd", *below, *(name for name in tree.folders() if name != "cmd")]
    found = []
    for folder in folders:
        fact = next(
            (fact for path in _go_files(tree, folder) if (fact := _is_main(tree, path))), None
        )
        if fact:
            found.append(Fact(folder, fact.file, fact.line, DERIVED))
    return found


def _is_main(tree: Tree, path: str) -> Fact | None:
    file = tree.read(path)
    package = None
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        if line.startswith("package "):
            package = line.removeprefix("package ").split("//", 1)[0].strip()
        if package == "main" and line.startswith("func main()"):
            return Fact("main", path, number)
    return None


def _go_files(tree: Tree, folder: str) -> list[str]:
    names = [one for one in tree.files(folder) if one.endswith(".go")]
    return [
        f"{folder}/{name}".lstrip("/")
        for name in names[:MAX_FILES]
        if not name.endswith("_test.go")
    ]


def _package(main: Fact) -> str:
    return f"./{main.value}" if main.value else "."


def _command(command: str, main: Fact) -> Fact:
    return Fact(command, main.file, main.line, main.confidence)


def _ports(tree: Tree, sources: list[str]) -> Iterator[Fact]:
    for path in sources:
        file = tree.read(path)
        found = PORT.search(file.text) if file else None
        if file and found:
            line = file.text.count("\n", 0, found.start()) + 1
            yield Fact(found[1] or found[2], path, line, CONVENTION)
