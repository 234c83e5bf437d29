"""Diagrams of the code, made from it: what imports what, and what agents hand each other.

Run as a script, writes docs/agents.md and the floors in docs/architecture.md; the test compares.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from inspect import getdoc
from pathlib import Path

import grimp

from autodeploy import contracts
from autodeploy.contracts.base import Contract

DOCS = Path(__file__).parents[2] / "docs"
AGENTS, ARCHITECTURE = DOCS / "agents.md", DOCS / "architecture.md"
PACKAGE = Path(contracts.__file__).parents[1]
BEGIN, END = "<!-- floors: made by tests/kit/diagrams.py -->", "<!-- end -->"
HANDED: dict[str, tuple[type[Contract], ...]] = {
    "recon": (contracts.Source, contracts.TechStack),
    "compiler": (contracts.BuildArtifact, contracts.BuildRequest),
    "provisioner": (contracts.InfrastructureSpec,),
    "deployer": (contracts.DeploymentConfig,),
    "sheriff": (contracts.SecurityConfig,),
}
"""What each agent gives."""
HEAD = """\
# The agents, and what they hand each other

Made from the code by `tests/kit/diagrams.py`: do not edit it here. Who does what and where a change
goes is in [AGENTS.md](../AGENTS.md); the road as a whole is in [architecture](architecture.md).

Each agent is a folder of `controller/autodeploy/`, has one typed input and one typed output
(`controller/autodeploy/contracts/`: frozen, no other fields) and imports no other agent. The
Conductor calls them, hands on what they give, and writes all of it down.

"""


@cache
def imports() -> dict[str, frozenset[str]]:
    """Which of our folders each of them imports."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    graph = grimp.build_graph(PACKAGE.name)
    found: dict[str, set[str]] = {folder: set() for folder in sorted(folders)}
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            pair = [*(name.split(".")[1] for name in (module, other) if "." in name)]
            if len(pair) == 2 and set(pair) <= folders and pair[0] != pair[1]:
                found[pair[0]].add(pair[1])
    return {one: frozenset(others) for one, others in found.items()}


def reached(folder: str) -> frozenset[str]:
    """Which folders it imports, by others too."""
    direct = imports()[folder]
    return direct.union(*(reached(one) for one in direct))


def floors() -> str:
    """What imports what as a flow chart; left out is what follows from the rest."""
    lines = ["flowchart TD"]
    for folder, direct in imports().items():
        through = frozenset[str]().union(*(reached(one) for one in direct))
        lines += [f"    {folder} --> {other}" for other in sorted(direct - through)]
    return _mermaid(lines)


def agents() -> str:
    """The whole page of the agents."""
    return HEAD + _handed() + "".join(f"\n{part}" for part in _parts())


def _handed() -> str:
    """Who gives what to whom, by what their modules import."""
    lines = ["flowchart LR"]
    for agent, given in HANDED.items():
        takers = [other for other in HANDED if other != agent]
        for one in given:
            lines.append(f'    {agent}(["{agent}"]) --> {one.__name__}')
            lines += [f"    {one.__name__} --> {other}" for other in takers if one in _taken(other)]
    return _mermaid(lines)


def _taken(agent: str) -> set[type[Contract]]:
    """Which contracts an agent's modules import."""
    trees = [ast.parse(path.read_text()) for path in (PACKAGE / agent).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {name.name for node in nodes for name in node.names}
    return {one for given in HANDED.values() for one in given if one.__name__ in names}


def _parts() -> Iterator[str]:
    for agent, given in HANDED.items():
        yield f"## {agent.capitalize()}\n"
        for one in given:
            about, fields = _documented(one)
            article = "an" if one.__name__[0] in "AEIO" else "a"
            yield f"gives {article} `{one.__name__}`: {about[0].lower()}{about[1:]}\n"
            yield "| field | type | |\n| --- | --- | --- |\n" + "".join(
                f"| `{name}` | {_kind(one, name)} | {says} |\n" for name, says in fields.items()
            )


def _kind(one: type[Contract], name: str) -> str:
    text = str(one.__annotations__[name]).replace("|", "\\|")
    return f"`{text}`"


def _documented(one: type[Contract]) -> tuple[str, dict[str, str]]:
    """A contract's first line, and what it says of each field."""
    about, _, rest = (getdoc(one) or "").partition("\nAttributes:\n")
    said = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", rest, re.MULTILINE)
    told = {name: " ".join(text.split()).replace("|", "\\|") for name, text in said}
    return about.splitlines()[0], {name: told.get(name, "") for name in one.model_fields}


def _mermaid(lines: list[str]) -> str:
    return "```mermaid\n" + "".join(f"{line}\n" for line in lines) + "```\n"


def architecture(page: str) -> str:
    """The page with the floors as they are now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{floors()}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    AGENTS.write_text(agents())
    ARCHITECTURE.write_text(architecture(ARCHITECTURE.read_text()))
