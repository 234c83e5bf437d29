"""The health path: a well-known route that the application's entry really has.

Only routes of the application object itself count, and of a router that the same file gives it
without a prefix: any other may hang under one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree

PATHS = (
    "/healthz",
    "/health",
    "/up",
    "/livez",
    "/_health",
    "/healthcheck",
    "/health-check",
    "/health_check",
    "/api/health",
    "/api/healthz",
    "/ping",
)
KNOWN = frozenset(PATHS) | {f"{path}/" for path in PATHS}
# JavaScript and Go have no parser in Python: a call of a routing method with a literal path.
CALL = re.compile(
    r"\b(?:app|application|server|fastify|http|mux|r|e|router|engine|srv)"
    r"\.(?:get|use|all|head|GET|Get|Any|Handle|HandleFunc)"
    r"\(\s*['\"`](?:GET )?(?P<path>/[\w/-]+)['\"`]"
)
MOUNTED = re.compile(r"\brouter\.")
AT_ROOT = re.compile(r"\.use\(\s*router(?:\.routes\(\))?\s*[,)]")
"""The file's own router hangs under no prefix; `new Router({ prefix })` says another one."""
PREFIX = re.compile(r"\bprefix\b")
COMPARED = re.compile(
    r"\b(?:req|request|url)\.(?:url|pathname|path)\s*===?\s*['\"`](?P<path>/[\w/-]+)['\"`]"
)
"""A server without a framework asks what its client wants."""


def lexical_health(tree: Tree, paths: Iterable[str]) -> Iterator[Fact]:
    """Routes in JavaScript's or Go's entry files."""
    yield from best(route for path in paths for route in _lexical_routes(tree, path))


def best(routes: Iterable[Fact]) -> list[Fact]:
    """The well-known ones among the routes, the most telling first."""
    known = [route for route in routes if route.value in KNOWN]
    return sorted(known, key=lambda route: PATHS.index(route.value.rstrip("/")))


def _lexical_routes(tree: Tree, path: str) -> Iterator[Fact]:
    is_script = path.endswith(("js", "ts"))
    below = is_script and not _is_at_root(tree, path)
    for found, line in tree.matches(path, CALL):
        if not (below and MOUNTED.match(found[0])):
            yield Fact(found["path"], path, line, DERIVED)
    for found, line in tree.matches(path, COMPARED) if is_script else ():
        yield Fact(found["path"], path, line, DERIVED)


def _is_at_root(tree: Tree, path: str) -> bool:
    """Whether a script's router is the application's own, and no path stands before its routes."""
    is_prefixed = any(True for _ in tree.matches(path, PREFIX))
    return not is_prefixed and any(True for _ in tree.matches(path, AT_ROOT))
