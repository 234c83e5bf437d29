"""Whether what is built is files for a browser, and in which folder they are.

JavaScript's configuration files have no parser in Python: single options are looked for as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.node.frameworks import STATIC
from autodeploy.recon.node.manifest import Package

OUTPUTS = {
    "gatsby": "public",
    "astro": "dist",
    "docusaurus": "build",
    "vitepress": ".vitepress/dist",
    "vuepress": ".vuepress/dist",
    "eleventy": "_site",
    "hexo": "public",
    "umijs": "dist",
    "expo": "dist",
    "ember": "dist",
    "create-react-app": "build",
    "vue-cli": "dist",
    "preact": "build",
    "vite": "dist",
    "parcel": "dist",
    "stencil": "www",
    "polymer": "build/default",
    "brunch": "public",
    "sanity": "dist",
    "next": "out",
    "nuxt": ".output/public",
    "sveltekit": "build",
    "react-router": "build/client",
}
ENDINGS = ("js", "mjs", "cjs", "ts", "mts", "cts")
# What says that files are all there is: the configuration's name and a pattern in it.
EXPORTS = {
    "next": ("next.config", re.compile(r"\boutput\s*:\s*['\"]export['\"]")),
    "react-router": ("react-router.config", re.compile(r"\bssr\s*:\s*false\b")),
}
# And what says that there is a server after all.
SERVED = {
    "astro": ("astro.config", re.compile(r"\boutput\s*:\s*['\"](?:server|hybrid)['\"]")),
    "expo": ("app", re.compile(r"['\"]?output['\"]?\s*:\s*['\"]server['\"]")),
}
OUT_DIR = re.compile(r"\b(?:outDir|distDir|outputDir|buildDir)\s*:\s*['\"]([\w./-]+)['\"]")
CONFIGS = {"vite": "vite.config", "astro": "astro.config", "vue-cli": "vue.config"}
GENERATES = re.compile(r"\b(?:nuxt|nuxi) generate\b")


def built_with_vite(one: Package) -> bool:
    """Whether Vite builds the package: as a dependency it also serves tests and bundlers."""
    names = ("index.html", *(f"vite.config.{end}" for end in ENDINGS))
    return bool(one.tree.first(*map(one.under, names))) or one.mentions("vite")


def served_as_files(one: Package, framework: str | None) -> bool:
    """Whether the build's output needs no server of its own."""
    declared = one.all()
    if framework in EXPORTS:
        return _said(one, *EXPORTS[framework])
    if framework == "nuxt":
        return bool(GENERATES.search(one.text("scripts", "build") or ""))
    if framework == "sveltekit":
        return "@sveltejs/adapter-static" in declared
    if framework == "astro" and "@astrojs/node" in declared:
        return False
    if framework == "angular" and {"@angular/ssr", "@nguniversal/express-engine"} & set(declared):
        return False
    if framework in SERVED and _said(one, *SERVED[framework]):
        return False
    return framework in STATIC


def outputs(one: Package, framework: str | None) -> Iterator[Fact]:
    """The folder with the built files; nothing where a server runs."""
    if framework is None or not served_as_files(one, framework):
        return
    if framework == "angular":
        yield from _angular(one)
    elif configured := _configured(one, framework):
        yield configured
    elif framework in OUTPUTS:
        yield Fact(one.under(_placed(one, framework)), one.path, None, CONVENTION)


def configured_for(one: Package, framework: str | None) -> bool:
    """Whether the framework's own configuration file is in the package."""
    return bool(framework) and _config(one, f"{framework}.config") is not None


def _placed(one: Package, framework: str) -> str:
    """VitePress and VuePress build beside their sources, often in docs/."""
    folder = OUTPUTS[framework]
    tool = folder.split("/", 1)[0]
    if tool.startswith(".") and not one.tree.holds(one.under(tool)):
        places = (f"{docs}/{tool}" for docs in ("docs", "src"))
        found = next((place for place in places if one.tree.holds(one.under(place))), None)
        return folder.replace(tool, found, 1) if found else folder
    return folder


def _configured(one: Package, framework: str) -> Fact | None:
    path = _config(one, CONFIGS.get(framework, "")) or ""
    for found, line in one.tree.matches(path, OUT_DIR):
        if not found[1].startswith(("/", "..")):
            return Fact(one.under(found[1].removeprefix("./")), path, line, DERIVED)
    return None


def _angular(one: Package) -> Iterator[Fact]:
    path = one.under("angular.json")
    projects = one.tree.json(path).get("projects")
    for name, project in projects.items() if isinstance(projects, dict) else ():
        place: Any = project
        for key in ("architect", "build", "options"):
            place = place.get(key) if isinstance(place, dict) else None
        place = place if isinstance(place, dict) else {}
        output = place.get("outputPath")
        folder = output if isinstance(output, str) else f"dist/{name}"
        browser = "/browser" if "browser" in place else ""
        yield Fact(one.under(folder + browser), path, one.tree.line(path, f'"{name}"'), DERIVED)


def _said(one: Package, name: str, pattern: re.Pattern[str]) -> bool:
    path = _config(one, name)
    file = one.tree.read(path) if path else None
    return bool(file and pattern.search(file.text))


def _config(one: Package, name: str) -> str | None:
    endings = (*ENDINGS, "json")
    return one.tree.first(*(one.under(f"{name}.{end}") for end in endings)) if name else None
