"""pip-audit: what PyPI knows of Python packages."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import Finding
from autodeploy.sheriff.scan.packages import Packages, Told
from autodeploy.sheriff.scan.tools import EXTRA, NotScanned, program, told

OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")


def audit(packages: Packages) -> Told:
    """What is known of them; nothing is installed or resolved.

    Raises:
        NotScanned: pip-audit is not there, or could not ask.
    """
    try:
        tool = program("pip-audit")
    except NotScanned as why:
        raise NotScanned(f"{why}: {EXTRA}") from None
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as made:
        asked = Path(made) / "requirements.txt"
        asked.write_text("".join(f"{name}=={version}\n" for name, version in packages))
        done = told([tool, "--requirement", str(asked), *OPTIONS], Path(made))
    try:
        document = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines()
        raise NotScanned(lines[-1] if lines else "pip-audit said nothing") from None
    return read(document)


def read(document: Mapping[str, Any]) -> Told:
    """What its document says. Pure."""
    entries = document.get("dependencies", ())
    # pip-audit says "no known vulnerabilities" of what it could not ask about, too.
    skipped = [one for one in entries if "skip_reason" in one]
    unscanned = (
        f"{len(skipped)} not scanned, such as: " + skipped[0]["skip_reason"] if skipped else ""
    )
    return Told(
        asked=len(entries) - len(skipped),
        findings=tuple(_findings(entries)),
        unscanned=(unscanned,) if unscanned else (),
    )


def _findings(entries: Any) -> Iterator[Finding]:
    for one in entries:
        for known in one.get("vulns", ()):
            mended = ", ".join(known.get("fix_versions", ())) or "no version yet"
            # pip-audit rates nothing.
            yield Finding(
                id=known["id"],
                severity="medium",
                resource=f"pypi {one['name']} {one['version']}",
                message=f"mended in {mended}",
            )
