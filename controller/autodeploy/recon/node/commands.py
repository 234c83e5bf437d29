"""How a package is built and started."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.node.frameworks import STATIC
from autodeploy.recon.node.manifest import Package
from autodeploy.recon.node.site import served_as_files

# A development server is no way to serve people: the build's output is.
DEVELOPMENT = (
    *("vite", "react-scripts start", "ng serve", "ng s", "vue-cli-service serve", "astro dev"),
    *("astro start", "gatsby develop", "gatsby start", "docusaurus start", "vitepress dev"),
    *("vuepress dev", "eleventy", "ember serve", "ember s", "umi dev", "parcel", "preact watch"),
    *("expo start", "webpack serve", "webpack-dev-server", "hexo server", "hexo s", "next dev"),
    *(
        "nuxt dev",
        "nx serve",
        "remix dev",
        "remix vite:dev",
        "rw dev",
        "max dev",
        "umi-scripts dev",
    ),
    *("stencil build --dev --watch --serve", "polymer serve", "brunch watch", "craco start"),
    *("react-app-rewired start", "sanity dev", "sanity start", "storybook", "start-storybook"),
    *("vuepress serve", "vitepress serve", "docusaurus-start", "rsbuild dev", "farm start"),
    *("npm run dev", "yarn dev", "yarn run dev", "pnpm dev", "pnpm run dev", "bun dev"),
)
NODE_SERVER = "node .output/server/index.mjs"
DEFAULT_STARTS = {
    "next": "next start",
    "nuxt": NODE_SERVER,
    "nitro": NODE_SERVER,
    "solid-start": NODE_SERVER,
    "nestjs": "node dist/main",
    "blitzjs": "blitz start",
    "redwoodjs": "rw serve",
    "sapper": "node __sapper__/build",
    "strapi": "strapi start",
    "adonisjs": "node build/bin/server.js",
    "mastra": "mastra start",
}
DEFAULT_BUILDS = {
    "next": "next build",
    "nuxt": "nuxt build",
    "gatsby": "gatsby build",
    "astro": "astro build",
    "docusaurus": "docusaurus build",
    "eleventy": "eleventy",
    "hexo": "hexo generate",
    "angular": "ng build",
    "create-react-app": "react-scripts build",
    "vue-cli": "vue-cli-service build",
    "sveltekit": "vite build",
    "remix": "remix build",
    "react-router": "react-router build",
    "nestjs": "nest build",
}
BUILT = ("dist/", "build/", "lib/", "out/", ".output/")
ENTRIES = ("index.js", "server.js", "app.js", "main.js", "index.mjs", "server.mjs", "index.ts")


def builds(one: Package, framework: str | None, manager: str) -> list[Fact]:
    """The build script, else what the framework is built with."""
    if one.text("scripts", "build"):
        return [one.fact(f"{manager} run build", '"build"')]
    default = DEFAULT_BUILDS.get(framework or "")
    return [Fact(f"npx {default}", one.path, None, CONVENTION)] if default else []


def starts(one: Package, framework: str | None, manager: str) -> Iterator[Fact]:
    """The start script, the framework's way, the package's entry."""
    files = served_as_files(one, framework)
    scripts = ("start:prod", "start") if framework == "nestjs" else ("start",)
    for name in scripts:
        script = one.text("scripts", name)
        if script and not development(script) and not (files and _serves_nothing(script)):
            yield one.fact(f"{manager} run {name}", f'"{name}"')
    if files:
        return
    runner = "bun" if manager == "bun" else "node"
    if default := _default_start(one, framework, runner):
        yield Fact(default, one.path, None, CONVENTION)
    if framework not in STATIC:
        yield from _entries(one, runner)


def workers(one: Package, manager: str) -> Iterator[Fact]:
    """What its name says to run beside the server; only the user knows whether it is to."""
    for name in ("worker", "start:worker"):
        script = one.text("scripts", name)
        if script and not development(script):
            yield one.fact(f"{manager} run {name}", f'"{name}"', CONVENTION)


def within(folder: str, facts: Iterator[Fact]) -> Iterator[Fact]:
    """The commands as they are run from above the folder."""
    place = f"cd {shlex.quote(folder)} && " if folder else ""
    return (replace(fact, value=place + fact.value) for fact in facts)


def _serves_nothing(script: str) -> bool:
    """Whether it starts a framework's server, which has nothing to do for an exported site."""
    return script.removeprefix("npx ").startswith(("next start", "react-router-serve"))


def _default_start(one: Package, framework: str | None, runner: str) -> str | None:
    declared = one.all()
    if framework == "sveltekit":
        return f"{runner} build"
    if framework == "nuxt" and major(declared["nuxt"].value if "nuxt" in declared else "") == 2:
        return "nuxt start"
    if framework == "angular":
        script = next((name for name in one.table("scripts") if name.startswith("serve:ssr")), None)
        return f"npm run {script}" if script else None
    if framework == "tanstack-start":
        own_server = any(name in declared for name in ("nitro", "nitropack", "vinxi"))
        return NODE_SERVER if own_server else "npx srvx --prod -s ../client dist/server/server.js"
    if framework == "astro":
        return "node ./dist/server/entry.mjs" if "@astrojs/node" in declared else None
    if framework == "react-router":
        serve = "@react-router/serve" in declared
        return "react-router-serve ./build/server/index.js" if serve else None
    if framework == "remix":
        output = "build/server/index.js" if "vite" in declared else "build"
        return f"remix-serve {output}" if "@remix-run/serve" in declared else None
    return DEFAULT_STARTS.get(framework or "")


def _entries(one: Package, runner: str) -> Iterator[Fact]:
    for declared in (one.text("main"), one.text("module")):
        path = (declared or "").removeprefix("./")
        names = (path, f"{path}.js", f"{path}/index.js") if path else ()
        found = next((name for name in names if one.tree.has(one.under(name))), None)
        built = path if path.startswith(BUILT) and one.text("scripts", "build") else None
        if declared and (entry := found or built):
            yield one.fact(f"{runner} {shlex.quote(entry)}", f'"{declared}"', DERIVED)
    for name in (*ENTRIES, *(f"src/{name}" for name in ENTRIES)):
        if name.endswith(".ts") and runner == "node":
            continue
        if one.tree.has(one.under(name)):
            yield Fact(f"{runner} {name}", one.under(name), None, CONVENTION)


def major(declared: str) -> int | None:
    """The first number of a version or range."""
    found = re.search(r"\d+", declared)
    return int(found[0]) if found else None


def development(script: str) -> bool:
    """Whether the script's last command is a development server."""
    last = re.split(r"&&|;", script)[-1].strip()
    words = [word for word in last.split() if "=" not in word or word.startswith("-")]
    while words and words[0] in ("npx", "cross-env", "bunx", "dotenv", "--", "NODE_ENV"):
        words.pop(0)
    plain = " ".join(words)
    if plain.startswith(("vite preview", "vite build")):
        return False
    if words and words[0] in ("concurrently", "npm-run-all", "run-p", "nodemon"):
        return words[0] != "nodemon" and any(
            f" {name} " in f" {plain} " for name in ("dev", "watch")
        )
    return any(f"{plain} ".startswith(f"{server} ") for server in DEVELOPMENT)
