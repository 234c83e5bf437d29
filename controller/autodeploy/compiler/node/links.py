"""Whether modules are links into the source: then one is not shipped without the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autodeploy.compiler.node.manifest import document, table
from autodeploy.compiler.tree import Tree
from autodeploy.errors import BuildError

LOCAL = ("file:", "link:", "workspace:", "portal:", "./", "../")
NPM_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
PNPM_MEMBERS = re.compile(r"^packages\s*:", re.MULTILINE)


def linked(tree: Tree, manifest: Mapping[str, Any]) -> bool:
    """Whether there is a workspace, or a dependency that is a folder of the repository."""
    if "workspaces" in manifest or PNPM_MEMBERS.search(tree.read("pnpm-workspace.yaml")):
        return True
    required = manifest.get("dependencies") or {}
    if not isinstance(required, dict):
        raise BuildError(
            "`dependencies` in package.json is not an object",
            step="dependencies",
            remediation='Write it as {"name": "version"}.',
        )
    kinds = ("dependencies", "devDependencies", "optionalDependencies")
    if any(one.startswith(LOCAL) for kind in kinds for one in table(manifest, kind).values()):
        return True
    return any(_links(document(tree, lock)) for lock in NPM_LOCKS if lock in tree.names)


def _links(lock: Mapping[str, Any]) -> bool:
    packages = lock.get("packages")
    every = packages.values() if isinstance(packages, dict) else ()
    return any(isinstance(one, dict) and one.get("link") for one in every)
