"""Node: the package.json files of `node_modules`, however deep they lie."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from packageurl import PackageURL

from autodeploy.compiler.sbom.package import Package, read

ALGORITHMS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
NEEDED = ("dependencies", "optionalDependencies", "peerDependencies")


def packages(folder: Path, modules: Iterable[Path]) -> Iterator[Package]:
    """The packages in `node_modules` folders.

    Args:
        folder: The tree that they lie in.
        modules: All of them.
    """
    modules = list(modules)
    manifests = {path: manifest for one in modules for path, manifest in _manifests(one)}
    purls = {path: _purl(manifest) for path, manifest in manifests.items()}
    locked = {path: entry for one in modules for path, entry in _locked(one)}
    for path, manifest in manifests.items():
        needed = (_found(folder, path, name, purls) for name in _names(manifest))
        yield Package(
            purl=purls[path],
            licence=_licence(manifest),
            hashes=_hashes(locked.get(path, {}).get("integrity")),
            requires=tuple(sorted({one for one in needed if one} - {purls[path]})),
        )


def _manifests(modules: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for pattern in ("[!.@]*/package.json", "@*/*/package.json"):
        for path in modules.glob(pattern):
            if path.parent.is_symlink():
                continue
            manifest = _object(path)
            if isinstance(manifest.get("name"), str) and isinstance(manifest.get("version"), str):
                yield path.parent, manifest


def _locked(modules: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What npm notes of the packages that it has installed."""
    noted = _object(modules / ".package-lock.json").get("packages")
    for path, entry in noted.items() if isinstance(noted, dict) else ():
        if isinstance(entry, dict):
            yield modules.parent / path, entry


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(read(path) or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _purl(manifest: dict[str, Any]) -> str:
    namespace, _, name = manifest["name"].rpartition("/")
    return PackageURL("npm", namespace or None, name, manifest["version"]).to_string()


def _licence(manifest: dict[str, Any]) -> str | None:
    said = manifest.get("license")
    if isinstance(said, dict):
        said = said.get("type")
    return said if isinstance(said, str) and said else None


def _hashes(integrity: object) -> dict[str, str]:
    """`sha512-BASE64` as npm writes it, in CycloneDX's notation."""
    name, _, encoded = str(integrity or "").partition(" ")[0].partition("-")
    try:
        digest = base64.b64decode(encoded, validate=True).hex()
    except binascii.Error:
        return {}
    return {ALGORITHMS[name]: digest} if name in ALGORITHMS and digest else {}


def _names(manifest: dict[str, Any]) -> Iterator[str]:
    for key in NEEDED:
        named = manifest.get(key)
        if isinstance(named, dict):
            yield from named


def _found(folder: Path, path: Path, name: str, purls: dict[Path, str]) -> str | None:
    """Where Node would find `name` from `path`: in the nearest `node_modules` upwards."""
    for place in (path, *path.parents):
        if place.name != "node_modules":
            there = place / "node_modules" / name
            known = purls.get(there) or (there.is_symlink() and purls.get(there.resolve()))
            if known:
                return known
        if place == folder:
            break
    return None
