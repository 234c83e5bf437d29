"""`autodeploy analyze`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autodeploy import paths
from autodeploy.cli import options, output
from autodeploy.contracts import TechStack

if TYPE_CHECKING:
    from autodeploy.recon import Look

FACTS = (
    "language",
    "framework",
    "package_manager",
    "runtime_version",
    "databases",
    "build_command",
    "start_command",
    "release_command",
    "port",
    "health_path",
)


@click.command()
@click.argument("repository")
@click.option("--ref", help="Branch, tag or commit (default: the repository's default branch).")
@click.option("--path", help="The folder inside the repository that holds the application.")
@options.as_json
def analyze(*, repository: str, ref: str | None, path: str | None, as_json: bool) -> None:
    """Show what REPOSITORY is made of, with the file and line that say so."""
    from autodeploy import recon

    recon.validate(repository)
    cache = paths.private_folder(paths.home() / "cache")
    with tempfile.TemporaryDirectory(prefix="analyze-", dir=cache) as folder:
        seen = recon.look(repository, ref=ref, path=path, folder=Path(folder), log=output.Talk())
    if as_json:
        output.document(seen.stack.model_dump(mode="json"))
    else:
        _page(seen, seen.stack)


def _page(source: Look, stack: TechStack) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    commit = f" at {source.commit[:12]}" if source.commit else ""
    console.print(Text(f"{source.url}{commit}", style="bold"))
    if stack.language is None:
        console.print("no ecosystem is recognised at the root of the repository")
        for one in stack.evidence:
            console.print(Text(f"  --path {one.value}: there is {one.file}"))
        return
    console.print(_facts(stack))
    if any(name != "web" for name in stack.processes):
        console.print(_processes(stack))


def _facts(stack: TechStack) -> Any:
    """One row a fact: what it is, what says so, and what says otherwise."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("fact", "value", "evidence", "confidence"):
        table.add_column(title, justify="right" if title == "confidence" else "left")
    for name in FACTS:
        said = [one for one in stack.evidence if one.fact == name]
        grounds = "\n".join(_place(one.file, one.line) for one in said[:1]) or "-"
        table.add_row(
            name.replace("_", " "),
            Text(_value(stack, name)),
            Text(grounds),
            f"{said[0].confidence:.0%}" if said else "",
        )
        for other in said[1:]:
            also = "also" if name == "databases" else "not"
            if also == "not" and other.value == said[0].value:
                continue
            table.add_row(
                "",
                Text(f"{also} {other.value}", style="dim"),
                Text(_place(other.file, other.line), style="dim"),
                Text(f"{other.confidence:.0%}", style="dim"),
            )
    return table


def _processes(stack: TechStack) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table("process", "command", box=None, pad_edge=False)
    for name, command in stack.processes.items():
        table.add_row(Text(name), Text(command))
    return table


def _value(stack: TechStack, name: str) -> str:
    if name == "runtime_version":
        version = stack.runtime_version
        resolved = f" -> {version.resolved}" if version.resolved else ""
        return f"{version.declared or 'not declared'}{resolved}"
    value = getattr(stack, name)
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "-" if value is None else str(value)


def _place(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file
