"""The version that a repository of another ecosystem declares, in that ecosystem's own files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import first_line, tool_files

# Gemfiles, POMs and project files are programs or XML of others: single lines of them are read.
LINES = {
    "ruby": (("Gemfile", re.compile(r"^\s*ruby\s*\(?['\"]([^'\"]+)['\"]", re.M)),),
    "java": (
        ("system.properties", re.compile(r"^java\.runtime\.version\s*=\s*(\S+)", re.M)),
        ("pom.xml", re.compile(r"<java\.version>\s*([^<\s]+)\s*</java\.version>")),
        ("pom.xml", re.compile(r"<maven\.compiler\.release>\s*([\d.]+)\s*<")),
    ),
    "elixir": (("mix.exs", re.compile(r"\belixir:\s*\"([^\"]+)\"")),),
}
PINS = {
    "ruby": (".ruby-version",),
    "php": (".php-version",),
    "java": (".java-version",),
    "rust": ("rust-toolchain",),
    "deno": (".dvmrc", ".deno-version"),
}


def versions(tree: Tree, language: str) -> Iterator[Fact]:
    """Pins before ranges."""
    for path in PINS.get(language, ()):
        if (fact := first_line(tree.read(path))) and not fact.value.startswith("["):
            yield fact
    yield from tool_files(tree, language)
    yield from _keyed(tree, language)
    for path, pattern in LINES.get(language, ()):
        for found, line in tree.matches(path, pattern):
            yield Fact(found[1], path, line)


def _keyed(tree: Tree, language: str) -> Iterator[Fact]:
    if language == "rust":
        for path in ("rust-toolchain.toml", "rust-toolchain"):
            yield from _value(tree, path, tree.toml(path).get("toolchain"), "channel")
        yield from _value(
            tree, "Cargo.toml", tree.toml("Cargo.toml").get("package"), "rust-version"
        )
    if language == "php":
        yield from _value(tree, "composer.json", tree.json("composer.json").get("require"), "php")
    if language == "dotnet":
        yield from _value(tree, "global.json", tree.json("global.json").get("sdk"), "version")


def _value(tree: Tree, path: str, table: object, key: str) -> Iterator[Fact]:
    value = table.get(key) if isinstance(table, dict) else None
    if isinstance(value, str):
        yield Fact(value, path, tree.line(path, key))
