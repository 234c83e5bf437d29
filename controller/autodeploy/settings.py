"""One model for all settings.

Precedence: flag > AUTODEPLOY_* > autodeploy.yml > detected > default.

Who the application is (`name`, `environment`, `target`, `region`) is known before its repository
is read, so those come from flags and the environment only.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from autodeploy.contracts import TechStack
from autodeploy.errors import UsageError
from autodeploy.safeyaml import BoundedLoader

FILE = "autodeploy.yml"
MAX_FILE_BYTES = 256 * 1024
NAME = re.compile(r"[a-z]([a-z0-9-]{0,26}[a-z0-9])?")
IDENTITY = frozenset({"name", "environment", "target", "region"})


class Settings(BaseModel):
    """All settings of one application in one environment.

    Attributes:
        name: The application's name; None means the repository's.
        environment: The environment's name.
        target: Where hosts come from.
        region: AWS's region; None means what AWS's own configuration says.
        image: The hosts' operating system.
        instance_type: EC2's type; None means what the stack needs.
        language: Overrides what Recon finds, as do the next six.
        port: The one port that the application can listen on, where it ignores PORT.
        env: Variables for the application's processes.
        build_timeout: Seconds that a build may take.
        health_timeout: Seconds that a new release has to become healthy.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    environment: str = "production"
    target: Literal["aws", "lab"] = "aws"
    region: str | None = None
    image: Literal["debian-12", "debian-13"] = "debian-12"
    instance_type: str | None = None
    language: str | None = None
    build_command: str | None = None
    start_command: str | None = None
    processes: dict[str, str] = Field(default_factory=dict)
    release_command: str | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    health_path: str | None = Field(default=None, pattern=r"^/[^\s]*$")
    env: dict[str, str] = Field(default_factory=dict)
    build_timeout: int = Field(default=600, ge=1)
    health_timeout: int = Field(default=60, ge=1)

    @field_validator("name", "environment")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and not NAME.fullmatch(value):
            raise ValueError(
                f"{value!r} is not a name: up to 28 of a-z, 0-9 and -, beginning with a letter"
            )
        return value

    @field_validator("processes")
    @classmethod
    def _processes(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not a process name")
        return value

    @field_validator("env", mode="before")
    @classmethod
    def _env(cls, value: Any) -> Any:
        """Text only: YAML reads 3.10 as 3.1 and 01234 as 668, and what was written is lost."""
        for name, one in value.items() if isinstance(value, dict) else ():
            if not isinstance(one, str):
                raise ValueError(f"{name}: the value must be text: put it in quotes")
        return value

    @field_validator("env")
    @classmethod
    def _env_names(cls, value: dict[str, str]) -> dict[str, str]:
        for name, one in value.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or "\0" in one:
                raise ValueError(f"{name!r} is not a variable that a process can have")
        return value

    def over(self, stack: TechStack) -> TechStack:
        """The stack with everything that the settings say otherwise."""
        said = self.model_dump(
            include={
                "language",
                "build_command",
                "start_command",
                "release_command",
                "port",
                "health_path",
            },
            exclude_none=True,
        )
        processes = {**stack.processes, **self.processes}
        if self.start_command:
            processes["web"] = self.start_command
        elif "web" in self.processes:
            said["start_command"] = self.processes["web"]
        return stack.model_copy(update={**said, "processes": processes})


def load(
    flags: Mapping[str, Any], folder: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """All settings, each from the first place that has it.

    Args:
        flags: Options of the command line by setting; None means not given.
        folder: The repository's root; None while it has not been read.
        environ: Environment variables.

    Raises:
        UsageError: A value is not valid, or a key of the file is not known.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    merged = {**(_from_file(folder) if folder else {}), **_from_environment(environ), **given}
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise UsageError(
            "the settings are not valid",
            cause=_explain(error),
            remediation=f"Mend {FILE}, the option or the AUTODEPLOY_ variable of that name.",
        ) from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    simple = [
        key for key, field in Settings.model_fields.items() if "dict" not in str(field.annotation)
    ]
    names = {key: f"AUTODEPLOY_{key.upper()}" for key in simple}
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
    if key in IDENTITY:
        raise UsageError(
            f"{FILE}: {key}: is no setting of the file",
            remediation=f"Give it as --{key} or AUTODEPLOY_{str(key).upper()}.",
        )
    if key not in Settings.model_fields:
        near = difflib.get_close_matches(str(key), Settings.model_fields, 1)
        hint = f"Did you mean `{near[0]}`?" if near else None
        raise UsageError(f"{FILE}: {key}: is no setting", remediation=hint)
    return False


def _explain(error: ValidationError) -> str:
    return "; ".join(
        f"{'/'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors()
    )
