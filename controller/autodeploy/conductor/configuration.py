"""All settings of an application as they hold, and whose word each is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.read import look
from autodeploy.contracts import TechStack
from autodeploy.recon import Talk
from autodeploy.settings import FOUND, Keys, Settings, validated

DETECTED, DEFAULT = "detected", "default"
FROM_RECON = {*FOUND - {"port"}, "processes", "static_folders"}
"""What Recon is enough for. A port that it finds is none that the application is bound to."""
FOUND_NAMES = {"static_folders": "static"}
"""What grounds are named after, where that is not the setting."""


@dataclass(frozen=True)
class Setting:
    """One setting as it holds.

    Attributes:
        keys: The way to it.
        value: Its value; None where it is not set.
        origin: `--hosts`, `AUTODEPLOY_PORT`, `autodeploy.yml:3`, `--hosts of an earlier command`,
            `detected: Procfile:1` or `default`.
    """

    keys: Keys
    value: Any
    origin: str


def configuration(command: Command, environment: Environment, talk: Talk) -> list[Setting]:
    """Every setting, in the model's order; of a mapping, each of its keys.

    Raises:
        ReconError: There is nothing there.
        UsageError: The repository's settings are not valid.
    """
    _source, said, found = look(command, environment, talk)
    settings = validated(said)
    stack = settings.over(found)
    return [
        Setting(keys, value, said.origin(keys) or _unsaid(keys, value, stack))
        for keys, value in _leaves({**_values(settings, stack), "name": command.name})
    ]


def _values(settings: Settings, stack: TechStack) -> dict[str, Any]:
    """The settings, with what Recon found in the place of what nobody said."""
    found = stack.model_dump(include=FROM_RECON)
    values = settings.model_dump(mode="json")
    return {
        **values,
        **found,
        "static_folders": {**found["static_folders"], **values["static_folders"]},
    }


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from (((key, name), one) for name, one in value.items())
        else:
            yield (key,), value


def _unsaid(keys: Keys, value: Any, stack: TechStack) -> str:
    """Where something comes from that nobody said: from Recon's grounds, or nowhere."""
    key = "start_command" if keys == ("processes", "web") else FOUND_NAMES.get(keys[0], keys[0])
    for one in stack.evidence if keys[0] in FROM_RECON else ():
        if value is not None and one.fact == key and str(value) == one.value:
            return f"{DETECTED}: {one.file}{f':{one.line}' if one.line else ''}"
    is_found = value not in (None, {}) and keys[0] in FROM_RECON
    return DETECTED if is_found else DEFAULT
