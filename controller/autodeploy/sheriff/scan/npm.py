"""`npm audit`: what the registry knows of Node.js packages."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import Finding
from autodeploy.contracts.security import Severity
from autodeploy.sheriff.scan.packages import Packages, Told
from autodeploy.sheriff.scan.tools import NotScanned, program, told

SEVERITIES: Mapping[str, Severity] = {
    "info": "low",
    "low": "low",
    "moderate": "medium",
    "high": "high",
    "critical": "critical",
}
OPTIONS = ("--package-lock-only", "--ignore-scripts", "--json", "--no-update-notifier")


def audit(packages: Packages) -> Told:
    """What is known of them; nothing is installed or run.

    Raises:
        NotScanned: npm is not there, or the registry knows no advisories.
    """
    tool = program("npm")
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as made:
        folder = Path(made)
        (folder / "package.json").write_text(json.dumps({"name": "audit", "version": "0.0.0"}))
        (folder / "package-lock.json").write_text(json.dumps(lock(packages)))
        done = told([tool, "audit", *OPTIONS], folder)
    try:
        return read(json.loads(done.stdout), packages)
    except ValueError:
        lines = done.stderr.strip().splitlines()
        raise NotScanned(lines[0] if lines else "npm said nothing") from None


def lock(packages: Packages) -> dict[str, Any]:
    """A lock file with them all, each in a folder of its own: of one name there may be several."""
    root = {"name": "audit", "version": "0.0.0"}
    folders = {
        f"node_modules/p{number}": {"name": name, "version": version}
        for number, (name, version) in enumerate(packages)
    }
    return {**root, "lockfileVersion": 3, "requires": True, "packages": {"": root, **folders}}


def read(document: Mapping[str, Any], packages: Packages) -> Told:
    """What npm's document says. Pure.

    Raises:
        NotScanned: It says why it could not ask.
    """
    if "vulnerabilities" not in document:
        raise NotScanned(str(document.get("message") or "npm gave no vulnerabilities"))
    found = {(one.id, one.resource): one for one in _findings(document["vulnerabilities"])}
    return Told(asked=len(packages), findings=tuple(found.values()))


def _findings(vulnerabilities: Mapping[str, Any]) -> Iterator[Finding]:
    advisories = [
        via
        for one in vulnerabilities.values()
        for via in one.get("via", ())
        if isinstance(via, dict)
    ]
    for one in advisories:
        yield Finding(
            id=str(one["url"]).rstrip("/").rsplit("/", 1)[-1],
            severity=SEVERITIES.get(one["severity"], "medium"),
            resource=f"npm {one['name']}",
            message=f"{one['title']} ({one['range']})",
        )
