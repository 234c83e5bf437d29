"""Folders that a Node server hands out as they are.

JavaScript has no parser in Python: calls of the usual middleware with a literal folder count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autodeploy.recon.fact import CONVENTION, DERIVED, Fact
from autodeploy.recon.node.manifest import Package

SERVED = re.compile(
    r"(?:\(\s*['\"](?P<url>/[\w/-]*)['\"]\s*,\s*)?(?:express\.static|serveStatic|koaStatic)\(\s*"
    r"(?:path\.(?:join|resolve)\(\s*(?:__dirname|process\.cwd\(\))\s*,\s*)?['\"](?P<folder>[\w./-]+)['\"]"
)
PUBLIC = {"next": "public", "nuxt": ".output/public", "remix": "public", "sveltekit": "static"}


def static(one: Package, framework: str | None, sources: Iterable[str]) -> Iterator[Fact]:
    """Folders with the URL's path as the meaning."""
    for path in sources:
        for found, line in one.tree.matches(path, SERVED):
            folder = found["folder"].removeprefix("./").strip("/")
            if folder and ".." not in folder:
                url = f"/{(found['url'] or '').strip('/')}/".replace("//", "/")
                yield Fact(folder, path, line, DERIVED, url)
    folder = PUBLIC.get(framework or "", "")
    if folder and one.tree.holds(one.under(folder)):
        yield Fact(one.under(folder), one.path, None, CONVENTION, "/")
