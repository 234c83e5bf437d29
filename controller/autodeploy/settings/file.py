"""The file of settings in a repository: what it says, and on which line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from autodeploy.errors import UsageError
from autodeploy.safeyaml import BoundedLoader
from autodeploy.settings.layers import Keys
from autodeploy.settings.model import EXISTING, IDENTITY, NAME, Settings

FILE = "autodeploy.yml"
ENVIRONMENTS = "environments"
"""The file's key for what is otherwise in one environment."""
MAX_FILE_BYTES = 256 * 1024
SAYABLE = tuple(key for key in Settings.model_fields if key not in IDENTITY | EXISTING)
"""What the file may say."""
ALL = "docs/configuration.md has all settings; `autodeploy schema` prints them for editors."


@dataclass(frozen=True)
class SettingsFile:
    """What a file says.

    Attributes:
        values: Its settings, without comments (`x-`) and environments.
        overlays: What is otherwise, by environment.
        lines: The line, counted from 1, of every key by its path, such as `("env", "A")`; those of
            an environment begin with `("environments", NAME)`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    overlays: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lines: Mapping[Keys, int] = field(default_factory=dict)


def from_repository(folder: Path) -> SettingsFile:
    """The file of a repository; nothing where there is none.

    Args:
        folder: The repository's root.

    Raises:
        UsageError: It is no plain file, not a mapping in YAML, or has a key that is no setting.
    """
    path = folder / FILE
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # A link of a hostile repository's may lead anywhere on this machine.
        raise UsageError(f"{FILE} is no plain file", remediation="Put the file itself there.")
    if not path.exists():
        return SettingsFile()
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UsageError(
            f"{FILE} is larger than {MAX_FILE_BYTES} bytes",
            remediation="Keep settings alone in it; data belongs into files of the application's.",
        )
    try:
        return parse(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        is_deep = isinstance(error, RecursionError)
        raise UsageError(
            f"{FILE} is not YAML",
            cause="it is nested too deeply" if is_deep else str(error),
            remediation=f"Mend {FILE} there.",
        ) from error


def parse(text: str) -> SettingsFile:
    """What a text says.

    Raises:
        yaml.YAMLError: It is not YAML, or beyond the loader's bounds.
        UsageError: As `from_repository`.
    """
    lines: dict[Keys, int] = {}
    values = BoundedLoader.load(text, lambda node: lines.update(_lines(node, (), set())))
    if values is None:
        return SettingsFile()
    if not isinstance(values, dict):
        raise UsageError(
            f"{FILE} must be a mapping of settings",
            remediation="Write each as `name: value`, such as `hosts: 2`; `autodeploy init` writes "
            "a first file where there is none.",
        )
    overlays = values.pop(ENVIRONMENTS, None) or {}
    _check_environments(overlays, lines)
    return SettingsFile(
        values=_settings(values, (), lines),
        overlays={
            name: _settings(said or {}, (ENVIRONMENTS, name), lines)
            for name, said in overlays.items()
        },
        lines=lines,
    )


def place(lines: Mapping[Keys, int], path: Keys) -> str:
    """`autodeploy.yml:12` for a path; the nearest line above where it has none of its own."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return f"{FILE}:{lines[path[:length]]}"
    return FILE


def nearest(key: object, known: Iterable[str]) -> str | None:
    """A hint at the name that was meant; None where none is near."""
    near = difflib.get_close_matches(str(key), list(known), 1)
    return f"Did you mean `{near[0]}`?" if near else None


def _lines(node: yaml.Node, above: Keys, seen: set[int]) -> Iterator[tuple[Keys, int]]:
    """Every key's line; a list's items count from 0. What an alias repeats has its first place.

    Raises:
        UsageError: A key is there twice: the first one's value would be lost.
    """
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, one in enumerate(node.value):
            yield (*above, str(index)), one.start_mark.line + 1
            yield from _lines(one, (*above, str(index)), seen)
    if isinstance(node, yaml.MappingNode):
        for key, value in _once(node, above):
            name = str(key.value)
            yield (*above, name), key.start_mark.line + 1
            yield from _lines(value, (*above, name), seen)


def _once(node: yaml.MappingNode, above: Keys) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            where = ": ".join(filter(None, (f"{FILE}:{line}", "/".join(above))))
            raise UsageError(f"{where}: a key must be text")
        name = str(key.value)
        if name in seen:
            where = f"{FILE}:{line}: {'/'.join((*above, name))}"
            raise UsageError(f"{where}: is on line {seen[name]} too", remediation="Keep one.")
        seen[name] = line
        yield key, value


def _check_environments(overlays: Any, lines: Mapping[Keys, int]) -> None:
    if not isinstance(overlays, dict):
        where = place(lines, (ENVIRONMENTS,))
        raise UsageError(f"{where}: {ENVIRONMENTS}: must be a mapping of settings by environment")
    for name, said in overlays.items():
        where = f"{place(lines, (ENVIRONMENTS, str(name)))}: {ENVIRONMENTS}/{name}"
        if not (isinstance(name, str) and NAME.fullmatch(name)):
            raise UsageError(f"{where}: is no name of an environment")
        if said is not None and not isinstance(said, dict):
            raise UsageError(f"{where}: must be a mapping of settings")


def _settings(said: Mapping[Any, Any], above: Keys, lines: Mapping[Keys, int]) -> dict[str, Any]:
    """What is said, without comments.

    Raises:
        UsageError: A key is no setting of the file.
    """
    kept = {key: value for key, value in said.items() if not str(key).startswith("x-")}
    for key in kept:
        _check_key(key, (*above, str(key)), lines)
    return kept


def _check_key(key: object, path: Keys, lines: Mapping[Keys, int]) -> None:
    where = f"{place(lines, path)}: {'/'.join(path)}"
    if key in IDENTITY | EXISTING:
        option = "host" if key == "addresses" else str(key).replace("_", "-")
        raise UsageError(
            f"{where}: is no setting of the file", remediation=f"Give it as --{option}."
        )
    if key not in SAYABLE:
        above = () if path[:-1] else (ENVIRONMENTS,)
        hint = nearest(key, (*SAYABLE, *above))
        raise UsageError(f"{where}: is no setting", remediation=hint or ALL)
