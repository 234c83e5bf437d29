"""Commands without the package manager: hosts have none, and it would swallow signals."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

CALL = re.compile(
    r"(?:exec )?(?:npm|yarn|pnpm|bun)(?: run| run-script)? (?P<name>[\w:.-]+)"
    r"(?: (?:-- )?(?P<rest>.+))?"
)
PROGRAM = re.compile(
    r"(?:exec )?(?:npx(?: --no-install| --yes| -y)?|bunx|(?:pnpm|yarn) exec) (?!-)"
)
INTO = re.compile(r"cd (?P<folder>'[^']+'|[\w@./-]+) && (?P<rest>.+)")
BUN = re.compile(r"(?:^|[\s;&|(])bunx?(?:\s|$)")


def direct(command: str, scripts: Mapping[str, str], depth: int = 5) -> str:
    """A command as the shell can run it, PATH having the modules' programs.

    `npm run NAME` becomes the script itself, with the scripts around it; `npx NAME` becomes NAME.
    """
    called = CALL.fullmatch(command.strip())
    script = scripts.get(called["name"]) if called else None
    if not called or script is None or not depth:
        return PROGRAM.sub("", command, count=1) if PROGRAM.match(command) else command
    name, last = called["name"], f"{script} {called['rest'] or ''}".strip()
    around = [scripts.get(f"pre{name}"), last, scripts.get(f"post{name}")]
    return " && ".join(direct(one, scripts, depth - 1) for one in around if one)


def at_home(
    command: str, scripts: Mapping[str, str], scripts_of: Callable[[str], Mapping[str, str]]
) -> str:
    """`direct`, in whichever member's folder the command runs; `scripts_of` knows a folder's."""
    command = direct(command, scripts)
    there = INTO.fullmatch(command)
    if there is None:
        return command
    folder = shlex.split(there["folder"])[0]
    place = f"cd {shlex.quote(folder)} && export PATH=$PWD/node_modules/.bin:$PATH"
    return f"{place} && {direct(there['rest'], scripts_of(folder))}"


def needs_bun(command: str) -> bool:
    """Whether it runs by Bun itself, which hosts do not have."""
    return bool(BUN.search(command))
