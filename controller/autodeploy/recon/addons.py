"""app.json's add-ons and the URLs of an example .env: servers that the application expects."""

from __future__ import annotations

from collections.abc import Iterator

from autodeploy.recon.databases import by_scheme, drivers
from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import EXAMPLES

ADDONS = drivers(
    postgresql="heroku-postgresql crunchypostgres",
    mysql="cleardb jawsdb jawsdb-maria",
    redis="heroku-redis rediscloud redistogo heroku-key-value-store",
    mongodb="mongolab mongohq objectrocket ormongo",
)


def expected(tree: Tree) -> Iterator[Fact]:
    """By add-on, then by the scheme of a URL that stands in an example."""
    listed = tree.json("app.json").get("addons")
    for one in listed if isinstance(listed, list) else ():
        plan = one.get("plan") if isinstance(one, dict) else one
        if isinstance(plan, str) and (kind := ADDONS.get(plan.partition(":")[0])):
            yield Fact(kind, "app.json", tree.line("app.json", plan), DERIVED)
    for path in EXAMPLES:
        file = tree.read(path)
        for number, line in enumerate(file.text.splitlines() if file else (), 1):
            value = line.partition("=")[2].strip().strip("'\"")
            if not line.lstrip().startswith("#") and (kind := by_scheme(value)):
                yield Fact(kind, path, number, DERIVED)
