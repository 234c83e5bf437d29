"""Where settings come from, and what they say about what is wrong."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from autodeploy.errors import UsageError
from autodeploy.safeyaml import BoundedLoader
from autodeploy.settings.model import EXISTING, IDENTITY, Settings

FILE = "autodeploy.yml"
COMPOUND = ("dict", "tuple", "Hooks", "Proxy")
"""What one variable of the environment cannot say."""
MAX_FILE_BYTES = 256 * 1024


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
    given = {key: value for key, value in flags.items() if value is not None}
    file = _from_file(folder) if folder else {}
    merged = {**(remembered or {}), **file, **_from_environment(environ), **given}
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise UsageError(
            "the settings are not valid",
            cause=_explain(error),
            remediation=f"Mend {FILE}, the option or the AUTODEPLOY_ variable of that name.",
        ) from None


def variable(setting: str) -> str:
    """The variable of the environment that says a setting."""
    return f"AUTODEPLOY_{setting.upper()}"


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    simple = [
        key
        for key, field in Settings.model_fields.items()
        if not any(kind in str(field.annotation) for kind in COMPOUND)
    ]
    names = {key: variable(key) for key in simple}
    return {key: environ[name] for key, name in names.items() if environ.get(name)}


def _from_file(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    if path.is_symlink() or not path.is_file():
        return {}
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UsageError(f"{FILE} is larger than {MAX_FILE_BYTES} bytes")
    try:
        read = BoundedLoader.load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{FILE} is not YAML", cause=str(error), remediation=f"Mend {FILE} there."
        ) from error
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise UsageError(f"{FILE} must be a mapping of settings")
    return {key: value for key, value in read.items() if not _ignored(key)}


def _ignored(key: object) -> bool:
    """Whether a key of the file is a comment; unknown ones are refused with the nearest name."""
    if isinstance(key, str) and key.startswith("x-"):
        return True
    if key in IDENTITY | EXISTING:
        option = "host" if key == "addresses" else str(key).replace("_", "-")
        raise UsageError(
            f"{FILE}: {key}: is no setting of the file", remediation=f"Give it as --{option}."
        )
    if key not in Settings.model_fields:
        near = difflib.get_close_matches(str(key), Settings.model_fields, 1)
        hint = f"Did you mean `{near[0]}`?" if near else None
        raise UsageError(f"{FILE}: {key}: is no setting", remediation=hint)
    return False


def _explain(error: ValidationError) -> str:
    return "; ".join(
        ": ".join(
            filter(None, ("/".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")))
        )
        for one in error.errors()
    )
