"""The table of variables in a role's README, made from its argument spec.

Run as a script, writes it into every README; the test compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).parents[2] / "roles"
BEGIN, END = "<!-- variables: begin -->\n", "<!-- variables: end -->\n"
HEAD = ["| variable | type | default | what |", "| --- | --- | --- | --- |"]


def entry_points(role: Path) -> dict[str, Any]:
    text = (role / "meta/argument_specs.yml").read_text()
    specs: dict[str, Any] = yaml.safe_load(text)["argument_specs"]
    return specs


def table(role: Path) -> str:
    options = entry_points(role)["main"]["options"]
    return "".join(f"{line}\n" for line in [*HEAD, *map(row, options, options.values())])


def row(name: str, option: dict[str, Any]) -> str:
    default = "required" if option.get("required") else f"`{shown(option['default'])}`"
    kind = f"list of {option['elements']}" if "elements" in option else option["type"]
    choices = f" One of {', '.join(option['choices'])}." if "choices" in option else ""
    what = " ".join(option["description"].split()).replace("C(", "`")
    return f"| `{name}` | {kind} | {default} | {code(what)}{choices} |"


def shown(default: Any) -> str:
    """A value in a cell of a table."""
    return json.dumps(default).replace("|", "\\|")


def code(text: str) -> str:
    """Ansible's C(...) as Markdown's."""
    head, *rest = text.split("`")
    parts = [part.split(")", 1) for part in rest]
    return head + "".join(f"`{inside}`{after}" for inside, after in parts)


def split(text: str) -> tuple[str, str, str]:
    """What is before the table, the table, and what is after it."""
    before, _begin, rest = text.partition(BEGIN)
    inside, _end, after = rest.partition(END)
    return before, inside, after


def main() -> None:
    for spec in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        readme = spec.parents[1] / "README.md"
        before, _old, after = split(readme.read_text())
        readme.write_text(f"{before}{BEGIN}{table(spec.parents[1])}{END}{after}")


if __name__ == "__main__":
    main()
