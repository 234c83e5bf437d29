"""Known vulnerabilities of what an application is made of, by its bill of materials.

Nothing of the repository is run, and no lock file of its is read by another program: what is asked
for is written anew, of names and versions alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from packageurl import PackageURL

from autodeploy.contracts import Finding, TopicReport
from autodeploy.sheriff.scan import npm, pip
from autodeploy.sheriff.scan.packages import Packages, Told
from autodeploy.sheriff.scan.tools import NotScanned

TOPIC = "dependencies"
NAME = re.compile(r"@?[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_~-]*")


def _go(_packages: Packages) -> Told:
    raise NotScanned("govulncheck reads programs, not bills of materials; run it in CI")


ASKED: Mapping[str, tuple[str, Callable[[Packages], Told]]] = {
    "pypi": ("Python packages", pip.audit),
    "npm": ("Node.js packages", npm.audit),
    "golang": ("Go modules", _go),
}
"""Who is asked, by the type of the package URL."""


def scan_dependencies(sbom: str | None) -> TopicReport:
    """What is known of the packages.

    Args:
        sbom: A CycloneDX document; None where there is none.
    """
    if sbom is None:
        nothing = "dependencies: not scanned, the release has no bill of materials"
        return TopicReport(topic=TOPIC, not_verified=(nothing,))
    found: list[Finding] = []
    verified: list[str] = []
    unscanned: list[str] = []
    for kind, packages in sorted(packages_of(sbom).items()):
        called, ask = ASKED.get(kind, (f"{kind} packages", _nobody))
        try:
            told = ask(packages)
        except NotScanned as why:
            unscanned.append(f"{called}: not scanned, {why}")
            continue
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            unscanned.append(
                f"{called}: not scanned, what was told is not as it should be: {error}"
            )
            continue
        found += told.findings
        unscanned += [f"{called}: {one}" for one in told.unscanned]
        if told.asked and not told.findings:
            verified.append(f"{told.asked} {called}: none has a known vulnerability")
    return TopicReport(
        topic=TOPIC,
        verified=tuple(verified),
        findings=tuple(found),
        not_verified=tuple(unscanned),
    )


def packages_of(sbom: str) -> dict[str, Packages]:
    """Names and versions by type of package URL; what is neither a name nor a version is left out.

    The document's texts are the repository's: they go into files that other programs read.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for purl in _purls(json.loads(sbom)):
        name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
        if NAME.fullmatch(name) and VERSION.fullmatch(purl.version or ""):
            found.setdefault(purl.type, set()).add((name, str(purl.version)))
    return {kind: tuple(sorted(packages)) for kind, packages in found.items()}


def _purls(document: Mapping[str, Any]) -> Iterator[PackageURL]:
    for component in document.get("components", ()):
        try:
            yield PackageURL.from_string(component["purl"])
        except (KeyError, ValueError):
            continue


def _nobody(_packages: Packages) -> Told:
    raise NotScanned("nobody here knows them")
