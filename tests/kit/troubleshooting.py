"""docs/troubleshooting.md, made from the tree of errors and docs/troubleshooting.yml.

Run as a script, writes it; the test compares.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import yaml

from autodeploy.errors import AutodeployError

DOCS = Path(__file__).parents[2] / "docs"
PAGE, CAUSES = DOCS / "troubleshooting.md", DOCS / "troubleshooting.yml"
HEAD = """\
# What errors mean

Made from `controller/autodeploy/errors.py` and `docs/troubleshooting.yml`: do not edit it here.

Each error says what happened, where (agent, step, host), why as far as it is known, and what to do.
`--json` has the same in `error`. A command ends with 1 then, unless the entry says otherwise.
With `--debug` the traceback is shown too.

"""


def tree(kind: type[AutodeployError] = AutodeployError) -> Iterator[type[AutodeployError]]:
    """All classes below a class, each before its children, in the order of the file."""
    for child in kind.__subclasses__():
        if child.__module__ == AutodeployError.__module__:
            yield child
            yield from tree(child)


def causes() -> dict[str, list[str]]:
    """Likely causes by class."""
    read: dict[str, list[str]] = yaml.safe_load(CAUSES.read_text())
    return read


def meaning(kind: type[AutodeployError]) -> str:
    """The first sentence of its docstring."""
    return inspect.getdoc(kind).split("\n\n")[0].replace("\n", " ")


def page() -> str:
    """The whole page."""
    known = causes()
    return HEAD + "\n".join(entry(kind, known) for kind in tree())


def entry(kind: type[AutodeployError], known: dict[str, list[str]]) -> str:
    """One error's."""
    depth = "##" if kind.__bases__ == (AutodeployError,) else "###"
    code = f" Exit code {kind.exit_code}." if kind.exit_code != AutodeployError.exit_code else ""
    likely = "".join(f"- {one}\n" for one in known.get(kind.__name__, ()))
    parts = [f"{depth} {kind.__name__}\n", f"{meaning(kind)}{code}\n"]
    parts += [f"Likely:\n\n{likely}"] if likely else []
    return "\n".join([*parts, f"Do: {kind.default_remediation}\n"])


if __name__ == "__main__":
    PAGE.write_text(page())
