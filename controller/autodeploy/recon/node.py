"""Node.js: framework, package manager, version and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from autodeploy.recon.databases import NODE_DRIVERS, from_drivers, from_prisma
from autodeploy.recon.fact import CONVENTION, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.health import lexical_health
from autodeploy.recon.node_manifest import Package, members, package
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import first_line, tool_files

LANGUAGE = "node"
# What wraps others comes first: a Next application may well use Express.
META = {
    "blitz": "blitzjs",
    "@redwoodjs/core": "redwoodjs",
    "next": "next",
    "nuxt": "nuxt",
    "@sveltejs/kit": "sveltekit",
    "@remix-run/node": "remix",
    "@remix-run/react": "remix",
    "@nestjs/core": "nestjs",
    "@tanstack/react-start": "tanstack-start",
    "@tanstack/solid-start": "tanstack-start",
    "@solidjs/start": "solid-start",
    "gatsby": "gatsby",
    "astro": "astro",
    "@docusaurus/core": "docusaurus",
    "vitepress": "vitepress",
    "vuepress": "vuepress",
    "@11ty/eleventy": "eleventy",
    "hexo": "hexo",
    "umi": "umijs",
    "expo": "expo",
    "@react-router/dev": "react-router",
    "@angular/core": "angular",
    "ember-cli": "ember",
    "nitropack": "nitro",
    "nitro": "nitro",
}
SERVERS = {
    "express": "express",
    "fastify": "fastify",
    "koa": "koa",
    "hono": "hono",
    "elysia": "elysia",
    "@hapi/hapi": "hapi",
    "h3": "h3",
    "polka": "polka",
    "restify": "restify",
}
BUILDERS = {
    "react-scripts": "create-react-app",
    "@vue/cli-service": "vue-cli",
    "preact-cli": "preact",
    "vite": "vite",
    "parcel": "parcel",
    "parcel-bundler": "parcel",
}
STATIC = frozenset(
    (
        *("gatsby", "astro", "docusaurus", "vitepress", "vuepress", "eleventy", "hexo", "umijs"),
        *("expo", "angular", "ember", "create-react-app", "vue-cli", "preact", "vite", "parcel"),
    )
)
# A development server is no way to serve people: the build's output is.
DEVELOPMENT = (
    *("vite", "react-scripts start", "ng serve", "ng s", "vue-cli-service serve", "astro dev"),
    *("astro start", "gatsby develop", "gatsby start", "docusaurus start", "vitepress dev"),
    *("vuepress dev", "eleventy", "ember serve", "ember s", "umi dev", "parcel", "preact watch"),
    *("expo start", "webpack serve", "webpack-dev-server", "hexo server", "next dev", "nuxt dev"),
    *(
        "nx serve",
        "remix dev",
        "remix vite:dev",
        "rw dev",
        "max dev",
        "npm run dev",
        "yarn dev",
        "pnpm dev",
    ),
)
DEFAULT_STARTS = {
    "next": "npx next start",
    "nuxt": "node .output/server/index.mjs",
    "nitro": "node .output/server/index.mjs",
    "sveltekit": "node build",
    "nestjs": "node dist/main",
}
LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
ENTRIES = ("index.js", "server.js", "app.js", "main.js", "index.mjs", "server.mjs", "index.ts")
SOURCES = (*ENTRIES, "app.mjs", "server.ts", "app.ts", "main.ts", "bin/www")
PORT = re.compile(r"\bPORT\s*(?:\|\||\?\?)\s*['\"]?(\d{2,5})\b|\.listen\(\s*(\d{2,5})\b")


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Node.js: a package.json may only hold tools."""
    root = package(tree)
    if root is None:
        script = tree.first("server.js", "index.js", "app.js", "main.js")
        return Fact(LANGUAGE, script, None, GUESSED) if script else None
    framework = _framework(root)
    if framework and framework.value not in STATIC:
        return Fact(LANGUAGE, framework.file, framework.line)
    runs = root.text("scripts", "start") or root.runtime() or members(root)
    return Fact(LANGUAGE, root.path, None, DERIVED - 0.1 if runs or framework else CONVENTION - 0.1)


def facts(tree: Tree) -> Candidates:
    """Everything that Node's files say."""
    root = package(tree)
    if root is None:
        script = tree.first("server.js", "index.js", "app.js", "main.js") or ""
        return {"start_command": [Fact(f"node {script}", script, None, CONVENTION)]}
    framework = _framework(root)
    manager = next(_managers(root)).value
    sources = list(_sources(root))
    return {
        "framework": [framework] if framework else [],
        "package_manager": list(_managers(root)),
        "runtime_version": list(_versions(root)),
        "databases": [
            *from_drivers(_everywhere(root), NODE_DRIVERS),
            *from_prisma(tree, root.text("prisma", "schema")),
        ],
        "build_command": _build(root, manager),
        "start_command": list(_starts(root, framework.value if framework else None, manager)),
        "port": list(_ports(tree, sources)),
        "health_path": list(lexical_health(tree, sources)),
    }


def _framework(root: Package) -> Fact | None:
    """The root's own, else the one that all members with any agree on."""
    if own := _own_framework(root):
        return own
    found = [fact for member in members(root) if (fact := _own_framework(member))]
    agreed = found and len({fact.value for fact in found}) == 1
    return Fact(found[0].value, found[0].file, found[0].line, CONVENTION) if agreed else None


def _own_framework(one: Package) -> Fact | None:
    runtime, everything = one.runtime(), one.all()
    for known, declared in ((META, everything), (SERVERS, runtime), (BUILDERS, everything)):
        for name, framework in known.items():
            if fact := declared.get(name):
                return Fact(framework, fact.file, fact.line)
    return None


def _everywhere(root: Package) -> dict[str, Fact]:
    found = root.runtime()
    for member in members(root):
        found = {**member.runtime(), **found}
    return found


def _managers(root: Package) -> Iterator[Fact]:
    """packageManager, lock file, engines, then npm."""
    if declared := root.text("packageManager"):
        yield root.fact(declared.split("@", 1)[0], "packageManager")
    for file, name in LOCKS.items():
        if root.tree.has(file):
            yield Fact(name, file)
    for name in ("pnpm", "yarn", "bun"):
        if root.text("engines", name):
            yield root.fact(name, f'"{name}"', DERIVED)
    yield Fact("npm", root.path, None, CONVENTION)


def _versions(root: Package) -> Iterator[Fact]:
    """`engines` is what hosts and npm check; the others serve version managers."""
    for keys in (("engines", "node"), ("volta", "node"), ("devEngines", "runtime", "version")):
        value = root.text(*keys)
        if value and value != "*":
            yield root.fact(value, f'"{keys[-1]}"')
    for path in (".nvmrc", ".node-version"):
        if fact := first_line(root.tree.read(path)):
            yield Fact(fact.value.removeprefix("v"), fact.file, fact.line)
    yield from tool_files(root.tree, "node", "nodejs")


def _build(root: Package, manager: str) -> list[Fact]:
    if not root.text("scripts", "build"):
        return []
    return [root.fact(f"{manager} run build", '"build"')]


def _starts(root: Package, framework: str | None, manager: str) -> Iterator[Fact]:
    for name in ("start:prod", "start") if framework == "nestjs" else ("start",):
        script = root.text("scripts", name)
        if script and not _development(script):
            yield root.fact(f"{manager} run {name}", f'"{name}"')
    if framework in DEFAULT_STARTS:
        yield Fact(DEFAULT_STARTS[framework], root.path, None, CONVENTION)
    if framework in STATIC:
        return
    runner = "bun" if manager == "bun" else "node"
    for declared in (root.text("main"), root.text("module")):
        if declared and root.tree.has(declared.removeprefix("./")):
            command = f"{runner} {shlex.quote(declared.removeprefix('./'))}"
            yield root.fact(command, f'"{declared}"', DERIVED)
    if entry := root.tree.first(*ENTRIES[: None if runner == "bun" else -1]):
        yield Fact(f"{runner} {entry}", entry, None, CONVENTION)


def _development(script: str) -> bool:
    """Whether the script's last command is a development server."""
    last = script.split("&&")[-1].strip().removeprefix("npx ")
    words = [word for word in last.split() if "=" not in word or word.startswith("-")]
    plain = " ".join(words).removeprefix("cross-env ").removeprefix("npx ")
    if plain.startswith(("vite preview", "vite build")):
        return False
    return any(f"{plain} ".startswith(f"{server} ") for server in DEVELOPMENT)


def _sources(root: Package) -> Iterator[str]:
    """The files that may hold the application's entry."""
    main = root.text("main")
    if main:
        yield main.removeprefix("./")
    for folder in ("", "src/"):
        for name in SOURCES:
            if root.tree.has(folder + name):
                yield folder + name


def _ports(tree: Tree, sources: list[str]) -> Iterator[Fact]:
    for path in sources:
        file = tree.read(path)
        found = PORT.search(file.text) if file else None
        if file and found:
            line = file.text.count("\n", 0, found.start()) + 1
            yield Fact(found[1] or found[2], path, line, DERIVED)
