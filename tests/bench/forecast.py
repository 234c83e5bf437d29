"""How true what is foreseen is: `make bench-forecast`, as root.

Each application is deployed and deployed anew four times in a lab of its own, which nothing was
deployed in before. For each run what was foreseen of its time stands beside what it took; from the
third run on they may differ by a quarter of what it took. `AGAIN` is how many times anew (4).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

import click
import platformdirs

from autodeploy.lab import client
from figures import Figure

AGAIN = int(os.environ.get("AGAIN", "4"))
BOUND = 25
THIRD = 3
EXAMPLES = Path(__file__).parents[2] / "examples"


def page(folder: Path, number: int) -> None:
    """Change what the Go program embeds."""
    with (folder / "templates" / "index.html").open("a") as file:
        file.write(f"<!-- {number} -->\n")


def module(folder: Path, number: int) -> None:
    """Change a line of a Python program."""
    with (folder / "app.py").open("a") as file:
        file.write(f"# {number}\n")


CHANGES: dict[str, Callable[[Path, int], None]] = {"go-hello": page, "flask-notes": module}


def deploy(folder: Path) -> Any:
    line = [sys.executable, "-m", "autodeploy", "deploy", folder, "--target", "lab", "--json"]
    done = subprocess.run(line, check=True, capture_output=True)
    return json.loads(done.stdout)["forecast"]


def runs(folder: Path, change: Callable[[Path, int], None]) -> Iterator[tuple[float, float, str]]:
    """What was foreseen, what it took, and what the first was told by, run by run."""
    for number in range(AGAIN + 1):
        if number:
            change(folder, number)
        told = deploy(folder)
        yield told["foreseen"]["p50"], told["done"]["seconds"], f"{told['work']}; {told['basis']}"


def figures(name: str, folder: Path) -> Iterator[Figure]:
    for number, (foreseen, took, basis) in enumerate(runs(folder, CHANGES[name]), 1):
        error = 100 * abs(foreseen - took) / took
        click.echo(f"{name} {number}: {foreseen:6.2f} s foreseen, {took:6.2f} s ({basis})")
        if number >= THIRD:
            yield Figure(f"{name}, run {number}: off by", error, BOUND, "%")


def main() -> int:
    found: list[Figure] = []
    default = platformdirs.user_state_path("autodeploy") / "lab/images"
    os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(default))
    with tempfile.TemporaryDirectory() as home:
        os.environ["AUTODEPLOY_HOME"] = f"{home}/lab"
        try:
            for name in CHANGES:
                folder = shutil.copytree(EXAMPLES / name, Path(home) / name)
                found += figures(name, folder)
        finally:
            client.down()
    for figure in found:
        click.echo(figure)
    return any(figure.is_missed for figure in found)


if __name__ == "__main__":
    raise SystemExit(main())
