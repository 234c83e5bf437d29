"""Python: what `site-packages` says of itself in its `*.dist-info/METADATA`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from packageurl import PackageURL
from packaging.metadata import RawMetadata, parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from autodeploy.compiler.sbom.package import Package, read

LONGEST_LICENCE = 100  # More is the licence's text.


def packages(site: Path, folders: Iterable[str]) -> Iterator[Package]:
    """The distributions of a `site-packages` folder.

    Args:
        site: The folder.
        folders: The names of the folders in it.
    """
    found = {
        str(canonicalize_name(raw["name"])): raw
        for raw in map(_metadata, (site / name for name in folders if name.endswith(".dist-info")))
        if raw.get("name") and raw.get("version")
    }
    purls = {name: _purl(name, raw["version"]) for name, raw in found.items()}
    for name, raw in found.items():
        needed = {purls[one] for one in _required(raw) if one in purls}
        yield Package(
            purl=purls[name], licence=_licence(raw), requires=tuple(sorted(needed - {purls[name]}))
        )


def _metadata(information: Path) -> RawMetadata:
    headers = (read(information / "METADATA") or b"").partition(b"\n\n")[0]
    return parse_email(headers)[0] if headers else RawMetadata()


def _purl(name: str, version: str) -> str:
    return PackageURL("pypi", None, name, version).to_string()


def _licence(raw: RawMetadata) -> str | None:
    said = raw.get("license_expression") or raw.get("license") or ""
    if said.strip() and "\n" not in said.strip() and len(said) <= LONGEST_LICENCE:
        return said.strip()
    classifiers = (one.split(" :: ") for one in raw.get("classifiers", []))
    return next((one[-1] for one in classifiers if one[0] == "License" and len(one) > 1), None)


def _required(raw: RawMetadata) -> Iterator[str]:
    """The names that it requires whatever extras are asked for."""
    for text in raw.get("requires_dist", []):
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if "extra" not in str(requirement.marker or ""):
            yield str(canonicalize_name(requirement.name))
