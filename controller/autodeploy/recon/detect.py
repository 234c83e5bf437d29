"""What a checkout is made of: the strongest claim wins, and its ecosystem fills in the rest.

Pure reading: nothing of the repository runs. Each field of the answer is the first candidate for
it; the candidates that lost are evidence too.
"""

from __future__ import annotations

from typing import Protocol

from autodeploy.contracts import Evidence, RuntimeVersion, Source, TechStack
from autodeploy.recon import go, node, others, python
from autodeploy.recon.databases import from_compose
from autodeploy.recon.disk import Disk
from autodeploy.recon.fact import Candidates, Fact
from autodeploy.recon.processes import procfile
from autodeploy.recon.tree import Tree
from autodeploy.recon.versions import TESTS, resolve

ROOT_HEALTH = "/"
PLAIN = (
    *("framework", "package_manager", "build_command", "start_command", "release_command"),
    "output",
)


class Ecosystem(Protocol):
    """What each ecosystem's file offers."""

    def claim(self, tree: Tree) -> Fact | None:
        """How sure it is that the repository is of this ecosystem; None where nothing says so."""

    def facts(self, tree: Tree) -> Candidates:
        """All candidates, the best first."""


# Of equal claims the first wins: Node last, whose package.json serves tools everywhere.
ECOSYSTEMS: tuple[Ecosystem, ...] = (go, *others.MARKERS, python, node)


def detect(source: Source) -> TechStack:
    """Read what `clone` gave. The stack's language is None where no ecosystem is recognised."""
    return stack_of(Tree(Disk(source.root), source.path))


def stack_of(tree: Tree) -> TechStack:
    """What the tree's folder is made of."""
    claims = [(one, claim) for one in ECOSYSTEMS if (claim := one.claim(tree))]
    if not claims:
        return TechStack(evidence=tuple(_below(tree)))
    ecosystem, language = max(claims, key=lambda pair: pair[1].confidence)
    found = _with_processes(ecosystem.facts(tree), tree)
    lost = [claim for _, claim in claims if claim.value != language.value]
    return _stack(language, {"language": [language, *lost], **found}, tree)


def _with_processes(found: Candidates, tree: Tree) -> dict[str, list[Fact]]:
    """The candidates with the Procfile's and the compose file's word put first or added."""
    said = procfile(tree)
    merged = {field: list(candidates) for field, candidates in found.items()}
    for name, field in (("web", "start_command"), ("release", "release_command")):
        if name in said:
            merged[field] = [said[name], *merged.get(field, [])]
    merged["databases"] = [*merged.get("databases", []), *from_compose(tree)]
    return merged


def _stack(language: Fact, found: dict[str, list[Fact]], tree: Tree) -> TechStack:
    first = {field: candidates[0].value for field, candidates in found.items() if candidates}
    processes = {name: one.value for name, one in procfile(tree).items() if name != "release"}
    if "start_command" in first:
        processes["web"] = first["start_command"]
    return TechStack(
        language=language.value,
        runtime_version=_runtime(language.value, found.get("runtime_version", [])),
        databases=tuple(sorted({fact.value for fact in found["databases"]})),
        processes=processes,
        port=_port(first.get("port")),
        health_path=first.get("health_path", ROOT_HEALTH),
        evidence=tuple(_evidence(found)),
        **{field: first.get(field) for field in PLAIN},
    )


def _runtime(language: str, candidates: list[Fact]) -> RuntimeVersion:
    if not candidates:
        return RuntimeVersion()
    said = candidates[0]
    meaning = said.meaning or said.value
    resolved = resolve(language, meaning) if language in TESTS else None
    return RuntimeVersion(declared=said.value, resolved=resolved, source=said.file)


def _port(value: str | None) -> int | None:
    return int(value) if value and 1 <= int(value) <= 65535 else None


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
        for fact in dict.fromkeys(candidates)
    ]


def _below(tree: Tree) -> list[Evidence]:
    """Where nothing is recognised: the folders below that hold an application."""
    found = []
    for folder in tree.folders():
        inside = tree.at(folder)
        for claim in filter(None, (one.claim(inside) for one in ECOSYSTEMS)):
            path = f"{folder}/{claim.file}"
            found.append(Evidence(fact="path", value=folder, file=path, confidence=0.3))
            break
    return found
