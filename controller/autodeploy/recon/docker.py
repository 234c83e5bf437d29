"""What a Dockerfile says of the application: its last stage's port and command.

The image that is built is not used: these are the last resort after what the ecosystem says.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from io import StringIO
from typing import Any

from autodeploy.recon.fact import Fact
from autodeploy.recon.tree import File, Tree

DOCKERFILES = ("Dockerfile", "Containerfile")
LANGUAGE = "docker"
# The parser takes quadratic time for continued lines.
LARGEST = 32 * 1024
PORT = re.compile(r"[0-9]{2,5}")
SSH = "22"
ASKED = re.compile(
    r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::[^/\s'\"]+)?(?P<path>/[\w./-]*)"
)
SCRIPTS = (".js", ".mjs", ".cjs", ".py")
STARTS = ("ENTRYPOINT", "CMD")


def claim(tree: Tree) -> Fact | None:
    """A Dockerfile with something to run, where nothing else is recognised."""
    start = next((one for one in _last_stage(tree) if one["instruction"] in STARTS), None)
    path = tree.first(*DOCKERFILES)
    return Fact(LANGUAGE, path, start["startline"] + 1, 0.2) if path and start else None


def facts(tree: Tree) -> dict[str, list[Fact]]:
    """The port, the command and the image of the last stage."""
    return {
        "port": list(_ports(tree)),
        "start_command": list(_starts(tree)),
        "health_path": list(_health(tree)),
        "image": list(_images(tree)),
    }


def deployable(tree: Tree) -> bool:
    """Whether there is something to run."""
    return claim(tree) is not None


def workspace(_tree: Tree) -> list[str]:
    """An image is one application."""
    return []


def _ports(tree: Tree) -> Iterator[Fact]:
    for one in _last_stage(tree):
        port = one["value"].split("/", 1)[0].split(" ", 1)[0]
        if one["instruction"] == "EXPOSE" and PORT.fullmatch(port) and port != SSH:
            yield _fact(tree, port, one, 0.7)


def _starts(tree: Tree) -> Iterator[Fact]:
    """ENTRYPOINT and CMD together, as Docker joins them; the last of each counts.

    One whose script only the image has is no command here.
    """
    found = {one["instruction"]: one for one in _last_stage(tree)}
    parts = [(_command(found[name]["value"]), found[name]) for name in STARTS if name in found]
    words = " ".join(text for text, _ in parts).split()
    missing = [one for one in words if one.endswith(SCRIPTS) and not tree.has(one)]
    if parts and not missing:
        yield _fact(tree, " ".join(text for text, _ in parts), parts[-1][1])


def _health(tree: Tree) -> Iterator[Fact]:
    """The path of the URL that HEALTHCHECK asks."""
    for one in _last_stage(tree):
        found = ASKED.search(one["value"]) if one["instruction"] == "HEALTHCHECK" else None
        if found:
            yield _fact(tree, found["path"], one, 0.7)


def _images(tree: Tree) -> Iterator[Fact]:
    for one in _last_stage(tree):
        if one["instruction"] == "FROM":
            yield _fact(tree, one["value"].split()[0] if one["value"].split() else "", one)


def _fact(tree: Tree, value: str, one: dict[str, Any], confidence: float = 0.5) -> Fact:
    return Fact(value, tree.first(*DOCKERFILES) or "", one["startline"] + 1, confidence)


def _command(value: str) -> str:
    """The exec form as a shell would have it; the shell form as it stands."""
    try:
        words = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return shlex.join(str(word) for word in words) if isinstance(words, list) else value


def _last_stage(tree: Tree) -> list[dict[str, Any]]:
    path = tree.first(*DOCKERFILES)
    return tree.remembered("stage", path, lambda _: _parsed(tree.read(path))) or [] if path else []


def _parsed(file: File | None) -> list[dict[str, Any]]:
    if file is None or len(file.text) > LARGEST:
        return []
    from dockerfile_parse import DockerfileParser

    parser = DockerfileParser(fileobj=StringIO(file.text), cache_content=True)
    instructions = [dict(one) for one in parser.structure if one["instruction"] != "COMMENT"]
    stages = [at for at, one in enumerate(instructions) if one["instruction"] == "FROM"]
    return instructions[stages[-1] :] if stages else []
