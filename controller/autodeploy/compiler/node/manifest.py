"""What package.json says, read without trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autodeploy.compiler.tree import Tree
from autodeploy.errors import BuildError


def document(tree: Tree, path: str = "package.json") -> dict[str, Any]:
    """A JSON object of the repository; {} where there is no such file.

    Raises:
        BuildError: It is something else.
    """
    try:
        value = json.loads(tree.read(path) or "{}")
    except (ValueError, RecursionError) as error:
        raise BuildError(f"{path} is not JSON", cause=str(error), step="source") from error
    if not isinstance(value, dict):
        raise BuildError(f"{path} is no JSON object", step="source")
    return value


def table(manifest: Mapping[str, Any], key: str) -> dict[str, str]:
    """An object of texts in it; {} where there is none."""
    value = manifest.get(key)
    return {name: str(one) for name, one in value.items()} if isinstance(value, dict) else {}


def scripts(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Its scripts by name."""
    return table(manifest, "scripts")
