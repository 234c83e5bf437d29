"""The environment variables that an application reads: from examples, app.json and its code.

A fact's value is the variable's name and its meaning REQUIRED, DEFAULT or None: read, and nothing
says whether it must be there. Values are never kept: an example may hold a real secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice

from autodeploy.contracts import Variable
from autodeploy.recon.fact import DECLARED, DERIVED, Fact
from autodeploy.recon.tree import File, Tree

REQUIRED, DEFAULT = "required", "default"
EXAMPLES = (
    *(".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults"),
    *("env.example", "example.env", "sample.env", ".env.production.example"),
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What every process has, or autodeploy sets.
ALWAYS_THERE = frozenset(
    ("PORT", "HOST", "NODE_ENV", "HOME", "PATH", "PWD", "USER", "SHELL", "LANG", "TZ", "CI", "DYNO")
)
# JavaScript and Go have no parser in Python. What follows tells whether there is a default.
IN_SCRIPTS = re.compile(
    r"\b(?:process|Bun)\.env(?:\.(?P<plain>\w+)|\[\s*['\"](?P<quoted>\w+)['\"]\s*\])"
    r"(?P<after>\s*(?:\|\||\?\?))?"
)
IN_GO = re.compile(r"\bos\.(?:Getenv|LookupEnv)\(\s*\"(?P<plain>\w+)\"\s*\)(?P<after>)")
MAX_VARIABLES = 200


def from_examples(tree: Tree) -> Iterator[Fact]:
    """Those of the example of a .env file: a value there is no default of the application's."""
    for path in EXAMPLES:
        file = tree.read(path)
        for name, line in islice(_bindings(file), MAX_VARIABLES) if file else ():
            yield Fact(name, path, line, DECLARED)


def from_app_json(tree: Tree) -> Iterator[Fact]:
    """Those of Heroku's app.json, which says of each whether it has a value or must get one."""
    declared = tree.json("app.json").get("env")
    entries = declared.items() if isinstance(declared, dict) else ()
    for name, said in islice(entries, MAX_VARIABLES):
        options = said if isinstance(said, dict) else {"value": said}
        valued = options.get("value") not in (None, "") or "generator" in options
        optional = options.get("required") is False
        meaning = DEFAULT if valued else None if optional else REQUIRED
        yield Fact(name, "app.json", tree.line("app.json", f'"{name}"'), DECLARED, meaning)


def in_text(tree: Tree, paths: Iterable[str], pattern: re.Pattern[str]) -> Iterator[Fact]:
    """Those that sources in a language without a parser here read."""
    for path in dict.fromkeys(paths):
        for found, line in tree.matches(path, pattern):
            groups = found.groupdict()
            name = groups["plain"] or groups.get("quoted") or ""
            yield Fact(name, path, line, DERIVED, DEFAULT if groups["after"] else None)


def merged(facts: Iterable[Fact]) -> tuple[Variable, ...]:
    """One variable a name, sorted: a default anywhere is a default."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        if NAME.fullmatch(fact.value) and fact.value not in ALWAYS_THERE:
            found.setdefault(fact.value, []).append(fact)
    return tuple(_variable(name, found[name]) for name in sorted(found)[:MAX_VARIABLES])


def _variable(name: str, facts: list[Fact]) -> Variable:
    meanings = {fact.meaning for fact in facts}
    default = DEFAULT in meanings
    return Variable(name=name, required=REQUIRED in meanings and not default, default=default)


def _bindings(file: File) -> Iterator[tuple[str, int]]:
    from dotenv.parser import parse_stream

    for binding in parse_stream(StringIO(file.text)):
        if binding.key and not binding.error:
            blank = len(binding.original.string) - len(binding.original.string.lstrip())
            above = binding.original.string[:blank].count("\n")
            yield binding.key, binding.original.line + above
