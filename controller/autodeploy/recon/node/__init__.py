"""Node.js: what its files say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from autodeploy.recon.fact import CONVENTION, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.health import lexical_health
from autodeploy.recon.node import assets, commands, data, site, tooling
from autodeploy.recon.node.frameworks import META, STATIC, framework, own_framework
from autodeploy.recon.node.manifest import Package, package
from autodeploy.recon.node.workspaces import members
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import IN_SCRIPTS, in_text

LANGUAGE = "node"
SCRIPTS = ("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs", "server.ts")
SOURCES = (*commands.ENTRIES, "app.mjs", "server.ts", "app.ts", "main.ts", "bin/www")
PORT = re.compile(r"\bPORT\s*(?:\|\||\?\?)\s*['\"]?(\d{2,5})\b|\.listen\(\s*(\d{2,5})\b")
PORTS = {"next": "3000", "nuxt": "3000", "nestjs": "3000", "remix": "3000", "sveltekit": "3000"}


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Node.js: a package.json may only hold tools."""
    root = package(tree)
    if root is None:
        script = tree.first(*SCRIPTS)
        return Fact(LANGUAGE, script, None, GUESSED) if script else None
    found = framework(root)
    if found and found.value not in STATIC:
        return Fact(LANGUAGE, found.file, found.line)
    runs = root.text("scripts", "start") or root.runtime() or members(root)
    return Fact(LANGUAGE, root.path, None, DERIVED - 0.1 if runs or found else CONVENTION - 0.1)


def facts(tree: Tree) -> Candidates:
    """Everything that Node's files say."""
    root = package(tree)
    if root is None:
        script = tree.first(*SCRIPTS) or ""
        return {"start_command": [Fact(f"node {script}", script, None, CONVENTION)]}
    found = framework(root)
    name, managers = found.value if found else None, tooling.managers(root)
    manager = managers[0].value
    home = _home(root, name)
    if name == "vite" and not site.built_with_vite(home):
        name = None
    sources = list(_sources(home))
    return {
        "framework": [found] if found else [],
        "package_manager": managers,
        "runtime_version": tooling.versions(root),
        "databases": list(data.databases(root, _everywhere(root))),
        "build_command": _builds(root, home, name, manager),
        "start_command": list(_starts(root, home, name, manager)),
        "worker": list(commands.workers(root, manager)),
        "release_command": list(data.migrations(home)),
        "output": list(site.outputs(home, name)),
        "port": [*_ports(tree, sources), *_usual_port(found)],
        "variables": list(in_text(tree, [*sources, *_configs(home)], IN_SCRIPTS)),
        "static": list(assets.static(home, name, sources)),
        "health_path": list(lexical_health(tree, sources)),
    }


def deployable(tree: Tree) -> bool:
    """Whether the folder holds something to run or to serve, and no library."""
    one = package(tree)
    if one is None:
        return False
    found = own_framework(one)
    name = found.value if found else None
    if name in STATIC:
        page = name != "vite" or tree.has("index.html")
        return page and bool(one.text("scripts", "build") or one.text("scripts", "start"))
    start, build = one.text("scripts", "start"), one.text("scripts", "build")
    runs = bool(start and not commands.development(start))
    return runs or bool(build and name in META.values())


def workspace(tree: Tree) -> list[str]:
    """The folders of the workspace's packages."""
    root = package(tree)
    return [one.folder for one in members(root)] if root else []


def _home(root: Package, name: str | None) -> Package:
    """The package that is run: the root, or the one member that can be."""
    below = members(root)
    if not below or root.text("scripts", "start") or site.configured_for(root, name):
        return root
    configs = [one for one in below if site.configured_for(one, name)]
    found = configs or [one for one in below if deployable(one.tree.at(one.folder))]
    return found[0] if len(found) == 1 else root


def _builds(root: Package, home: Package, name: str | None, manager: str) -> list[Fact]:
    if home is root or root.text("scripts", "build"):
        return commands.builds(root, name, manager)
    return list(commands.within(home.folder, iter(commands.builds(home, name, manager))))


def _starts(root: Package, home: Package, name: str | None, manager: str) -> Iterator[Fact]:
    if home is not root:
        yield from commands.within(home.folder, commands.starts(home, name, manager))
    several = members(root) or root.tree.has("nx.json")
    own = name if not several or site.configured_for(root, name) else None
    yield from commands.starts(root, own, manager)


def _everywhere(root: Package) -> list[tuple[str, Mapping[str, Fact]]]:
    """The dependencies of the package, of its workspaces and of neighbours that it depends on."""
    own = [("", one.runtime()) for one in (root, *members(root))]
    return [*own, *tooling.of_neighbours(root)]


def _sources(one: Package) -> Iterator[str]:
    """The files that may hold the application's entry."""
    main = one.text("main")
    if main:
        yield one.under(main.removeprefix("./"))
    for folder in ("", "src/"):
        for name in SOURCES:
            if one.tree.has(one.under(folder + name)):
                yield one.under(folder + name)


def _configs(one: Package) -> list[str]:
    """Where variables are usually read."""
    names = [
        f"{name}.{end}" for name in ("config", "env", "settings") for end in ("js", "ts", "mjs")
    ]
    folders = ("", "src/", "config/", "src/config/", "lib/")
    paths = [one.under(folder + name) for folder in folders for name in (*names, "index.ts")]
    return [path for path in paths if one.tree.has(path)]


def _ports(tree: Tree, sources: list[str]) -> Iterator[Fact]:
    for path in sources:
        for found, line in islice(tree.matches(path, PORT), 1):
            yield Fact(found[1] or found[2], path, line, DERIVED)


def _usual_port(found: Fact | None) -> list[Fact]:
    port = PORTS.get(found.value) if found else None
    return [Fact(port, found.file, found.line, CONVENTION)] if found and port else []
