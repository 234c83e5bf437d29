"""A plan in a file: written by `plan --out`, read by `deploy --plan`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pydantic import ValidationError

from autodeploy.cli import outfile
from autodeploy.contracts import SavedPlan
from autodeploy.errors import UsageError

MAX_BYTES = 1024 * 1024
AGAIN = "Write it anew: `autodeploy plan REPOSITORY --out FILE`."


def write(path: Path, saved: SavedPlan) -> None:
    """Keep a plan; raises as `outfile.write`."""
    outfile.write(path, saved.model_dump_json(indent=2) + "\n")


def read(path: Path) -> SavedPlan:
    """The plan in a file.

    Raises:
        UsageError: The file cannot be read, or holds no plan that this version knows.
    """
    try:
        with open(path, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is no regular file", remediation=AGAIN)
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read", cause=str(error)) from error
    try:
        if len(text) > MAX_BYTES:
            raise UsageError(f"{path} is larger than any plan", remediation=AGAIN)
        return SavedPlan.model_validate_json(text)
    except ValidationError as error:
        raise UsageError(
            f"{path} is no plan that this version knows", cause=_first(error), remediation=AGAIN
        ) from None


def _at_once(path: str, flags: int) -> int:
    """A pipe to which nobody writes is opened all the same: it is looked at next."""
    return os.open(path, flags | os.O_NONBLOCK)


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    return f"{'/'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
