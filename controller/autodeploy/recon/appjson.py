"""app.json, as Heroku and Dokku read it: settings of the repository's own, below autodeploy.yml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pydantic import ValidationError

from autodeploy.contracts import CronJob
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import ALWAYS_THERE, MAX_VARIABLES, NAME
from autodeploy.settings import unfit

PATH = "app.json"
GENERATED = 64
"""Characters that Heroku makes a secret of."""
BY_ADDON = frozenset({"DATABASE_URL", "REDIS_URL"})
"""What an add-on gives there, and a managed database here."""
MOST_JOBS = 50
MOST_PROCESSES = 50
LONGEST = 32 * 1024
NOT_RUN = (
    f"{PATH}: scripts/postdeploy is not run: it is for the first deployment alone; `autodeploy "
    "run APP -- COMMAND` runs it, `release_command` what every deployment needs"
)


@dataclass(frozen=True)
class AppJson:
    """What it says.

    Attributes:
        values: Settings by name: `env`, `secrets`, `scale`, `cron`.
        lines: The line of each, by its way: `("env", "A")`.
        findings: What of it does not count, and why, for people.
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int | None] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def place(self, keys: tuple[str, ...]) -> str:
        """`app.json:12`."""
        line = self.lines.get(keys[:2])
        return f"{PATH}:{line}" if line else PATH

    def say(self, setting: str, name: str, value: Any, line: int | None) -> None:
        """Have a setting say something."""
        self.values.setdefault(setting, {})[name] = value
        self.lines[setting, name] = line


def app_json(tree: Tree) -> AppJson:
    """What the tree's app.json says; of what is not of its form nothing."""
    found, document = AppJson(), tree.json(PATH)
    for name, said in _variables(document):
        _variable(found, name, said, tree.line(PATH, f'"{name}"'))
    for name, quantity in _formation(document):
        found.say("scale", name, quantity, tree.line(PATH, f'"{name}"'))
    _jobs(found, document, tree)
    scripts = document.get("scripts")
    if isinstance(scripts, dict) and scripts.get("postdeploy"):
        found.findings.append(NOT_RUN)
    return found


def _variables(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    declared = document.get("env")
    for name, said in islice(_items(declared), MAX_VARIABLES):
        if NAME.fullmatch(name) and name not in ALWAYS_THERE | BY_ADDON:
            yield name, said


def _variable(found: AppJson, name: str, said: Any, line: int | None) -> None:
    options = said if isinstance(said, dict) else {"value": said}
    value = options.get("value")
    if value not in (None, ""):
        if isinstance(value, str) and len(value) <= LONGEST and not unfit(value):
            found.say("env", name, value, line)
        else:
            found.findings.append(
                f"{PATH}: env/{name} does not count: its value is no text that a variable can have"
            )
    elif options.get("generator") == "secret":
        found.say("secrets", name, {"generate": GENERATED}, line)
    elif isinstance(said, dict) and "value" not in said and options.get("required") is not False:
        found.say("secrets", name, {}, line)


def _formation(document: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """How many of each process run; of `web` each host has one."""
    for name, said in islice(_items(document.get("formation")), MOST_PROCESSES):
        quantity = said.get("quantity") if isinstance(said, dict) else None
        if name != "web" and type(quantity) is int and 0 <= quantity <= MOST_PROCESSES:
            yield name, quantity


def _jobs(found: AppJson, document: Mapping[str, Any], tree: Tree) -> None:
    listed = document.get("cron")
    for number, said in enumerate((listed if isinstance(listed, list) else [])[:MOST_JOBS], 1):
        said = said if isinstance(said, dict) else {}
        command, schedule = said.get("command"), said.get("schedule")
        try:
            job = CronJob.model_validate({"command": command, "schedule": schedule})
        except ValidationError as error:
            why = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            found.findings.append(f"{PATH}: cron/{number} does not count: {why}")
        else:
            found.say(
                "cron", f"job-{number}", job.model_dump(), tree.line(PATH, json.dumps(job.command))
            )


def _items(value: Any) -> Any:
    return value.items() if isinstance(value, dict) else ()
