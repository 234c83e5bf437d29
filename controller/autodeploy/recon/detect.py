"""What a folder is made of: the strongest claim wins, and its ecosystem fills in the rest.

Pure reading: nothing of the repository runs. Each field of the answer is the first candidate for
it; the candidates that lost are evidence too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

from autodeploy.contracts import Evidence, Member, RuntimeVersion, Source, TechStack
from autodeploy.recon import (
    addons,
    docker,
    go,
    node,
    others,
    platforms,
    python,
    sqlite,
    variables,
)
from autodeploy.recon.appjson import AppJson, app_json
from autodeploy.recon.databases import from_compose
from autodeploy.recon.disk import Disk
from autodeploy.recon.fact import GUESSED, Candidates, Fact
from autodeploy.recon.members import Seen, members, usual
from autodeploy.recon.processes import procfile
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import TESTS, resolve

ROOT_HEALTH = "/"
MAX_EVIDENCE = 250
MAX_CONSTRAINTS = 8
PLAIN = (
    *("framework", "package_manager", "build_command", "start_command", "release_command"),
    "output",
)


class Ecosystem(Protocol):
    """What each ecosystem's folder offers."""

    def claim(self, tree: Tree) -> Fact | None:
        """How sure it is that the repository is of this ecosystem; None where nothing says so."""

    def facts(self, tree: Tree) -> Candidates:
        """All candidates, the best first."""

    def deployable(self, tree: Tree) -> bool:
        """Whether there is something to run or to serve, and no library."""

    def workspace(self, tree: Tree, /) -> list[str]:
        """The folders that are declared to be parts of this one."""


# Of equal claims the first wins: Node last, whose package.json serves tools everywhere.
ECOSYSTEMS: tuple[Ecosystem, ...] = (go, *others.MARKERS, python, node, docker)


def detect(source: Source) -> TechStack:
    """Read what `clone` gave. The stack's language is None where no ecosystem is recognised."""
    return stack_of(Tree(Disk(source.root), source.path))


def said_of_itself(source: Source) -> AppJson:
    """The settings that what `clone` gave says in another platform's form."""
    return app_json(Tree(Disk(source.root), source.path))


def stack_of(tree: Tree) -> TechStack:
    """What the tree's folder is made of."""
    stack = _found(tree)
    kept = sqlite.finding(tree, stack.databases) if stack.language else None
    findings = (*app_json(tree).findings, *([kept] if kept else []))
    evidence = (*stack.evidence, *sqlite.beside(tree, stack.databases))
    found = {"findings": findings, "evidence": evidence, "unreadable": tree.broken()}
    return stack.model_copy(update=found)


def _found(tree: Tree) -> TechStack:
    claims = _claims(tree)
    if not claims:
        return TechStack(members=tuple(members(tree, usual(tree), _recognised)))
    ecosystem, language = max(claims, key=lambda pair: pair[1].confidence)
    found = _with_the_rest(ecosystem.facts(tree), tree)
    lost = [claim for _, claim in claims if claim.value != language.value]
    return _stack(language, {"language": [language, *lost], **found}, tree)


def _claims(tree: Tree) -> list[tuple[Ecosystem, Fact]]:
    return [(one, claim) for one in ECOSYSTEMS if (claim := one.claim(tree))]


def _with_the_rest(found: Candidates, tree: Tree) -> dict[str, list[Fact]]:
    """The candidates with what files of no ecosystem say put first or added."""
    merged = {field: list(candidates) for field, candidates in found.items()}
    said = procfile(tree)
    for name, field in (("web", "start_command"), ("release", "release_command")):
        if name in said:
            merged[field] = [said[name], *merged.get(field, [])]
    for field, facts in (*platforms.facts(tree).items(), *docker.facts(tree).items()):
        if field != "start_command" or not merged.get("output"):
            merged[field] = [*merged.get(field, []), *facts]
    for field in ("port", "health_path"):
        merged[field].sort(key=lambda fact: -fact.confidence)
    merged["databases"] = [
        *merged.get("databases", []),
        *from_compose(tree),
        *addons.expected(tree),
    ]
    read = merged.get("variables", [])
    merged["variables"] = [
        *read,
        *variables.from_app_json(tree),
        *variables.from_examples(tree),
    ]
    return merged


def _stack(language: Fact, found: dict[str, list[Fact]], tree: Tree) -> TechStack:
    first = {field: candidates[0].value for field, candidates in found.items() if candidates}
    processes = {name: one.value for name, one in procfile(tree).items() if name != "release"}
    if processes and "web" not in processes and "framework" not in first:
        # The repository names what runs: a start command that is only a convention's is no more.
        first.pop("start_command", None)
    if "start_command" in first:
        processes["web"] = first["start_command"]
    return TechStack(
        language=language.value,
        runtime_version=_runtime(language.value, found.get("runtime_version", [])),
        databases=tuple(sorted({fact.value for fact in found["databases"]})),
        processes=processes,
        port=_port(first.get("port")),
        health_path=first.get("health_path", ROOT_HEALTH),
        variables=variables.merged(found["variables"]),
        static_folders=_by_url(found.get("static", [])),
        media_folders=_by_url(found.get("media", [])),
        members=_members(tree, found),
        evidence=tuple(_evidence(found)),
        **{field: first.get(field) for field in PLAIN},
    )


def _members(tree: Tree, found: Mapping[str, Sequence[Fact]]) -> tuple[Member, ...]:
    """The applications of a workspace, and those of other languages beside it.

    A folder that declares no workspace and runs by itself is one application.
    """
    runs = found.get("start_command") or found.get("output")
    declared = [folder for one in ECOSYSTEMS for folder in one.workspace(tree)]
    if not declared and runs:
        return ()
    parts = members(tree, declared, _application)
    languages = {one.language for one in parts}
    beside = [folder for folder in usual(tree) if folder not in declared]
    others = members(tree, beside, _application)
    return (*parts, *(one for one in others if one.language not in languages))


def _application(tree: Tree) -> Seen | None:
    """What a folder holds, where that is something to run or to serve."""
    claims = _claims(tree)
    ecosystem, _ = max(claims, key=lambda pair: pair[1].confidence, default=(None, None))
    return _seen(tree, claims) if ecosystem and ecosystem.deployable(tree) else None


def _recognised(tree: Tree) -> Seen | None:
    """What a folder holds, whatever it is."""
    return _seen(tree, _claims(tree))


def _seen(tree: Tree, claims: list[tuple[Ecosystem, Fact]]) -> Seen | None:
    """Language, framework and the file that says so; None for what is only guessed."""
    sure = [pair for pair in claims if pair[1].confidence > GUESSED]
    if not sure:
        return None
    ecosystem, language = max(sure, key=lambda pair: pair[1].confidence)
    framework = ecosystem.facts(tree).get("framework", [])
    return Seen(language.value, framework[0].value if framework else None, language.file)


def _runtime(language: str, candidates: list[Fact]) -> RuntimeVersion:
    if not candidates:
        return RuntimeVersion()
    said = candidates[0]
    meant = [one.meaning or one.value for one in candidates[:MAX_CONSTRAINTS]]
    resolved = resolve(language, *meant) if language in TESTS else None
    return RuntimeVersion(declared=said.value, resolved=resolved, source=said.file)


def _by_url(folders: Iterable[Fact]) -> dict[str, str]:
    """The first folder of each path of a URL."""
    found: dict[str, str] = {}
    for fact in folders:
        found.setdefault(fact.meaning or "/", fact.value)
    return found


def _port(value: str | None) -> int | None:
    number = int(value) if value and value.isdecimal() and len(value) <= 5 else 0
    return number if 1 <= number <= 65535 else None


def _evidence(found: dict[str, list[Fact]]) -> list[Evidence]:
    return [
        Evidence(
            fact=field,
            value=fact.value,
            file=fact.file,
            line=fact.line,
            confidence=round(fact.confidence, 2),
        )
        for field, candidates in found.items()
        for fact in islice(dict.fromkeys(candidates), MAX_EVIDENCE)
    ]
