"""All packages in a folder, whichever tool put them there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from autodeploy.compiler.sbom import gobinary, nodemodules, sitepackages
from autodeploy.compiler.sbom.package import Package


def installed(folder: Path, skip: Collection[str] = ()) -> tuple[Package, ...]:
    """The packages of a layer's folder, sorted by package URL, each once.

    Args:
        folder: The folder.
        skip: Names directly in it that are not part of the layer.
    """
    found: dict[str, Package] = {}
    for package in _all(folder, skip):
        before = found.get(package.purl, package)
        requires = sorted({*before.requires, *package.requires})
        found[package.purl] = before.model_copy(update={"requires": tuple(requires)})
    return tuple(found[purl] for purl in sorted(found))


def _all(folder: Path, skip: Collection[str]) -> Iterator[Package]:
    modules: list[Path] = []
    for place, folders, files in os.walk(folder):
        here = Path(place)
        if here == folder:
            folders[:] = [name for name in folders if name not in skip]
        if here.name == "site-packages":
            yield from sitepackages.packages(here, folders)
            folders.clear()
        elif here.name == "node_modules":
            modules.append(here)
        else:
            yield from gobinary.packages(here, files)
    yield from nodemodules.packages(folder, modules)
