"""Reading the record of the API's calls."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autodeploy.lab.info import ApiCall


def read(path: Path, since: datetime | None = None) -> list[ApiCall]:
    """Every call since a time, oldest first; a line cut short by a crash is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    calls = [ApiCall.model_validate_json(line) for line in lines if line.endswith("\n")]
    return [call for call in calls if since is None or call.time >= since]
