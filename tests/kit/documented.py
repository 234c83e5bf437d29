"""The command blocks of our pages: what a reader types, and what he is told to see."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ANY = "..."
"""A line of output that stands for any number of lines."""
VARIES = re.compile(
    r"""(?<![\w.-])(?:
        \d{8}t\d{12}-[0-9a-f]{4}             # a deployment's id
      | i-[0-9a-f]{17}                       # an instance's id
      | (?=[a-f]*\d)[0-9a-f]{12,64}          # a release, a digest
      | \d{1,3}(?:\.\d{1,3}){3}(?::\d+)?     # an address, with its port
      | \d{4}-\d\d-\d\d | \d\d:\d\d(?::\d\d)?  # a date, a time
      | \d+(?:\.\d+)?(?=[ ](?:s|min|h|[kMG]?B)\b)  # how long, how large
      | (?<=python[ ])3\.\d+                  # this machine's
    )(?![\w-])""",
    re.VERBOSE,
)
"""What may be another at each run. Every other number is what it is on the page."""


@dataclass(frozen=True)
class Step:
    """One command of a page.

    Attributes:
        command: What is typed, here documents with it.
        output: The lines that the page shows below.
    """

    command: str
    output: tuple[str, ...]


def fences(page: Path, language: str) -> Iterator[str]:
    """The texts of a page's fenced blocks in a language."""
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "fence" and token.info == language:
            yield token.content


def steps(page: Path) -> list[Step]:
    """The commands of a page's `console` blocks: `$ ` begins one, `>` goes on with it."""
    found: list[Step] = []
    for line in "".join(fences(page, "console")).splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], ()))
        elif line == ">" or line.startswith("> "):
            found[-1] = Step(f"{found[-1].command}\n{line[2:]}", ())
        else:
            found[-1] = Step(found[-1].command, (*found[-1].output, line))
    return found


def run(
    commands: Iterable[str], folder: Path, environ: Mapping[str, str]
) -> tuple[int, list[list[str]]]:
    """Type the commands into one shell, until one fails.

    Returns:
        The shell's exit code, and the lines that each command printed on stdout and stderr.
    """
    script = "exec 2>&1 </dev/null\nset -e\n" + "".join(
        f"printf '\\0'\n{one}\n" for one in commands
    )
    words = ["bash", "--norc", "-c", script]
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, [one.splitlines() for one in done.stdout.split("\0")[1:]]


def unlike(shown: Iterable[str], printed: Iterable[str]) -> str | None:
    """The first line shown that was not printed after those before it; None where all were.

    Widths may be others, and what VARIES.
    """
    rest = iter([_loose(line) for line in printed])
    return next((one for one in shown if one != ANY and _loose(one) not in rest), None)


def _loose(line: str) -> str:
    return " ".join(VARIES.sub("#", line).split())
