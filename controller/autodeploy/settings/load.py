"""Where settings come from, and what they say about what is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from autodeploy.errors import UsageError
from autodeploy.settings.file import ENVIRONMENTS, FILE, SettingsFile, from_repository, place
from autodeploy.settings.layers import Keys, Layer, Merged, merge
from autodeploy.settings.model import Settings
from autodeploy.settings.words import explain

NAMED = {"addresses": "host", "cache": "redis"}
"""Options that are not called as their settings: of `--no-cache` everybody thinks otherwise."""


def load(
    flags: Mapping[str, Any],
    folder: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    remembered: Mapping[str, Any] | None = None,
) -> Settings:
    """All settings, each from the first place that has it.

    Args:
        flags: Options of the command line by setting; None means not given.
        folder: The repository's root; None while it has not been read.
        environ: Environment variables.
        remembered: What earlier command lines said and still holds; the weakest.

    Raises:
        UsageError: A value is not valid, or a key of the file is not known.
    """
    file = from_repository(folder) if folder else SettingsFile()
    return validated(laid(flags, file, environ, remembered))


def laid(
    flags: Mapping[str, Any],
    file: SettingsFile,
    environ: Mapping[str, str] = os.environ,
    remembered: Mapping[str, Any] | None = None,
    found: Layer | None = None,
) -> Merged:
    """What each place says, laid over each other; nothing is checked yet.

    Args:
        flags: As in `load`.
        file: The repository's own.
        environ: As in `load`.
        remembered: As in `load`.
        found: What the repository says in another form; weaker still.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    said = _from_environment(environ)
    name = str(given.get("environment") or said.get("environment") or "production")
    above = (ENVIRONMENTS, name)
    return merge(
        _one_web(
            found or Layer({}, _option),
            Layer(remembered or {}, lambda keys: f"{_option(keys)} of an earlier command"),
            Layer(file.values, lambda keys: place(file.lines, keys)),
            Layer(file.overlays.get(name, {}), lambda keys: place(file.lines, (*above, *keys))),
            Layer(said, lambda keys: variable(keys[0])),
            Layer(given, _option),
        )
    )


def _one_web(*layers: Layer) -> list[Layer]:
    """`start_command` and the process `web` say one thing: the uppermost word on it counts."""
    said, found = False, list[Layer]()
    for layer in reversed(layers):
        values = layer.values
        if said:
            values = {key: one for key, one in values.items() if key != "start_command"}
        processes = values.get("processes")
        said = said or (isinstance(processes, dict) and "web" in processes)
        found.append(Layer(values, layer.where))
    return found[::-1]


def validated(merged: Merged) -> Settings:
    """The settings.

    Raises:
        UsageError: A value is not valid.
    """
    try:
        return Settings(**merged.values)
    except ValidationError as error:
        raise UsageError(
            "the settings are not valid",
            cause="\n".join(explain(error, merged)),
            remediation=f"Mend {FILE}, the option or the AUTODEPLOY_ variable of that name.",
        ) from None


def variable(setting: str) -> str:
    """The variable of the environment that says a setting."""
    return f"AUTODEPLOY_{setting.upper()}"


def _option(keys: Keys) -> str:
    if keys[0] == "scale":
        return "`autodeploy scale`"
    return f"--{NAMED.get(keys[0], keys[0]).replace('_', '-')}"


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    names = {key: variable(key) for key in Settings.model_fields if _simple(key)}
    return {key: environ[name] for key, name in names.items() if environ.get(name)}


def _simple(key: str) -> bool:
    """Whether one variable of the environment can say it."""
    kind = Settings.model_fields[key].annotation
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return get_origin(kind) not in (dict, tuple) and not is_model
