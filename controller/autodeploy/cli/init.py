"""`autodeploy init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autodeploy.cli import output
from autodeploy.errors import SeveralApplications, UsageError

if TYPE_CHECKING:
    from autodeploy.contracts import TechStack


@click.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False))
@click.option("--path", help="The application's folder in the repository (default: its root).")
def init(*, folder: str, path: str | None) -> None:
    """Write autodeploy.yml for the repository in FOLDER (default: here).

    What can be found is found; on a terminal it asks for what cannot.

    \b
    Examples:
      autodeploy init
      autodeploy init shop --path apps/api
    """
    from autodeploy.settings import FILE
    from autodeploy.settings.starter import starter

    file = Path(folder) / (path or "") / FILE
    if file.exists() or file.is_symlink():
        raise UsageError(
            f"{FILE} is there already: {file}",
            remediation="`autodeploy config show --origin` says what holds; change the file.",
        )
    stack = _look(folder, path)
    text = starter(stack, _asked(stack) if _on_a_terminal() else {})
    with file.open("x") as opened:
        opened.write(text)
    output.say(f"{file} is written: read it, commit it")
    output.say("next: `autodeploy plan .` shows what a deployment would make")


def _on_a_terminal() -> bool:
    return sys.stdin.isatty()


def _look(folder: str, path: str | None) -> TechStack:
    from autodeploy import paths, recon

    repository = recon.validate(folder)
    with paths.scratch("init") as kept:
        seen = recon.look(repository, ref=None, path=path, folder=kept, log=output.Talk())
    stack = seen.stack
    if stack.members and not (stack.processes or stack.output):
        listed = ", ".join(one.path for one in stack.members)
        raise SeveralApplications(
            f"there are several applications in {folder}: {listed}",
            step="detect",
            remediation=f"Choose one with --path: {listed}.",
        )
    return stack


def _asked(stack: TechStack) -> dict[str, Any]:
    """What the user says of what nothing else tells; what is left empty is left out."""
    from autodeploy.settings.starter import unknown

    answers: dict[str, Any] = {}
    if not stack.answers and not stack.processes:
        command = _ask("What starts the application?")
        answers |= {"start_command": command} if command else {}
    said = {one.name: _ask(f"The variable {one.name}?") for one in unknown(stack)}
    env = {name: value for name, value in said.items() if value}
    return {**answers, **({"env": env} if env else {})}


def _ask(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer.strip()
