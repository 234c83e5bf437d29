"""docs/commands.md, made from the command line itself and from what its commands have printed.

Run as a script, writes the page; with `--record` types all of docs/commands.yml into a shell first,
in a lab, and keeps what is printed. The test compares the page.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import yaml

from autodeploy.cli.main import COMMANDS, autodeploy
from autodeploy.lab.site import Site
from commandline import ours
from documented import ANY, run

ROOT = Path(__file__).parents[2]
PAGE, EXAMPLES = ROOT / "docs/commands.md", ROOT / "docs/commands.yml"
APPLICATIONS = {"notes": "flask-notes", "guests": "flask-guestbook"}
"""Folders in which commands are typed, copies of examples."""
FIRST, LAST = 14, 14
"""So many lines of what a command prints are shown."""
HEAD = """\
# Every command

Made from the command line by `tests/kit/commands.py`: do not edit it here. What commands print was
recorded in a lab (`docs/commands.yml`, in that order; `notes` is a copy of `examples/flask-notes`,
`guests` one of `examples/flask-guestbook`, which has a database), on two cores with other work
beside, so it took its time; of long outputs the first and the last lines are shown.

Data is on stdout, talk on stderr. What tells something takes `--json`.

"""


def commands(
    command: click.Command = autodeploy, above: click.Context | None = None
) -> Iterator[click.Context]:
    """Contexts of all commands, each before those below it."""
    name = command.name if above else "autodeploy"
    # Click keeps a command's `--help` as its first context has it, which was another test's.
    command._help_option = None
    settings = {**command.context_settings, "terminal_width": 100}
    context = click.Context(command, parent=above, info_name=name, **settings)
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            if not found.hidden:
                yield from commands(found, context)


def examples() -> list[dict[str, str]]:
    """What was typed (`run`) and printed (`prints`), or why that is not shown (`says`)."""
    kept: list[dict[str, str]] = yaml.safe_load(EXAMPLES.read_text())
    return kept


def page() -> str:
    """The whole page."""
    shown = examples()
    parts = [_part(context, shown) for context in commands() if context.parent]
    return "\n".join([HEAD + "".join(_table()), *parts])


def _table() -> Iterator[str]:
    yield "| command | |\n| --- | --- |\n"
    for name, says in COMMANDS.items():
        yield f"| [{name}](#autodeploy-{name}) | {says} |\n"


def _part(context: click.Context, shown: list[dict[str, str]]) -> str:
    """A command's heading and help, and what it printed."""
    path = context.command_path
    depth = "##" if path.count(" ") == 1 else "###"
    text = f"{depth} {path}\n\n```text\n{context.get_help().rstrip()}\n```\n"
    if isinstance(context.command, click.Group):
        return text
    return text + "".join(f"\n{_shown(one)}\n" for one in shown if shows(one, path))


def shows(example: Mapping[str, str], path: str) -> bool:
    """Whether it is one of the command with that path."""
    return f"{' '.join(ours(example['run'])[0])} ".startswith(f"{path} ")


def _shown(example: Mapping[str, str]) -> str:
    if "says" in example:
        return example["says"].rstrip()
    return f"```text\n$ {example['run']}\n{example['prints']}```"


def record() -> None:
    """Type all examples but those that cannot be, and keep what is printed."""
    kept = examples()
    typed = [one["run"] for one in kept if "says" not in one]
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as folder:
        for name, of in APPLICATIONS.items():
            shutil.copytree(ROOT / "examples" / of, Path(folder) / name)
        environ = {"HOME": folder, "no_proxy": "10.0.0.0/8", "COLUMNS": "100"}
        told = [f'{one} || echo "(exit code $?)"' for one in typed]
        code, printed = run(told, Path(folder), environ)
        assert code == 0
        names = {
            str(Site.here().folder.parent): "~/.local/state/autodeploy",
            folder: "~",
            str(ROOT): "~/autodeploy",
            str(Path(sys.executable).resolve()): "/usr/bin/python3",
            str(Path.home()): "~",
        }
    said = dict(zip(typed, (_kept(lines, names) for lines in printed), strict=True))
    made = [
        one if "says" in one else {"run": one["run"], "prints": said[one["run"]]} for one in kept
    ]
    text = yaml.dump(made, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    EXAMPLES.write_text(EXAMPLES.read_text().split("\n- ", 1)[0] + "\n" + text)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as a person would write them."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def _kept(lines: list[str], names: dict[str, str]) -> str:
    shown = [*lines[:FIRST], ANY, *lines[-LAST:]] if len(lines) > FIRST + LAST + 1 else lines
    text = "".join(f"{line.rstrip()}\n" for line in shown)
    for place, name in names.items():
        text = text.replace(place, name)
    return text


if __name__ == "__main__":
    if "--record" in sys.argv:
        record()
    PAGE.write_text(page())
