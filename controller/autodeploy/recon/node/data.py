"""The servers that a package talks to: its drivers, and the settings of its ORM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from autodeploy.recon.databases import DIALECTS, drivers, from_drivers
from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.node.manifest import Package
from autodeploy.recon.tree import Tree

DRIVERS = drivers(
    postgresql="pg pg-promise pg-native pg-pool postgres slonik postgraphile @databases/pg pg-boss "
    "@prisma/adapter-pg @mikro-orm/postgresql @vercel/postgres @neondatabase/serverless "
    "graphile-worker connect-pg-simple @keyv/postgres @payloadcms/db-postgres @medusajs/medusa",
    mysql="mysql mysql2 mariadb @databases/mysql promise-mysql @mikro-orm/mysql serverless-mysql "
    "@planetscale/database express-mysql-session @prisma/adapter-mariadb",
    redis="redis ioredis @redis/client bull bullmq connect-redis bee-queue kue @fastify/redis "
    "@keyv/redis rate-limit-redis @socket.io/redis-adapter socket.io-redis redis-om "
    "@nestjs/bull @nestjs/bullmq handy-redis",
    mongodb="mongodb mongoose @nestjs/mongoose connect-mongo monk @mikro-orm/mongodb typegoose "
    "@typegoose/typegoose @fastify/mongodb agenda mongojs connect-mongodb-session "
    "@payloadcms/db-mongodb",
)
PRISMA_SCHEMAS = ("prisma/schema.prisma", "schema.prisma")
# Options of configuration files in JavaScript, for which there is no parser in Python.
SETTINGS = {
    "drizzle.config": re.compile(r"\bdialect\s*:\s*['\"](\w+)['\"]"),
    "ormconfig": re.compile(r"\btype['\"]?\s*:\s*['\"](\w+)['\"]"),
    "knexfile": re.compile(r"\bclient\s*:\s*['\"](\w+)['\"]"),
    "mikro-orm.config": re.compile(r"\btype\s*:\s*['\"](\w+)['\"]"),
    "config/config": re.compile(r"\bdialect['\"]?\s*:\s*['\"](\w+)['\"]"),
}
ENDINGS = ("ts", "js", "mjs", "cjs", "json")


def databases(
    root: Package, everywhere: Iterable[tuple[str, Mapping[str, Fact]]]
) -> Iterator[Fact]:
    """From the drivers among all dependencies, then from the settings of ORMs.

    `everywhere` has, with each package's dependencies, the way to where their files are named.
    """
    for prefix, found in everywhere:
        for fact in from_drivers(found, DRIVERS):
            yield replace(fact, file=prefix + fact.file)
    yield from from_prisma(root.tree, root.text("prisma", "schema"))
    for name, pattern in SETTINGS.items():
        path = root.tree.first(*(f"{name}.{ending}" for ending in ENDINGS)) or ""
        for match, line in root.tree.matches(path, pattern):
            if kind := DIALECTS.get(match[1].lower()):
                yield Fact(kind, path, line, DERIVED)


def from_prisma(tree: Tree, declared: str | None) -> Iterator[Fact]:
    """The provider of Prisma's data source; the schema's language has no parser in Python.

    `declared` is where package.json says that the schema is: a file, or a folder of files.
    """
    path = tree.first(*_schemas(tree, declared))
    file = tree.read(path) if path else None
    inside = False
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        word, _, value = line.partition("=")
        inside = line.startswith("datasource") or (inside and not line.startswith("}"))
        kind = DIALECTS.get(value.strip().strip('"'))
        if inside and file and word.strip() == "provider" and kind:
            yield Fact(kind, file.path, number)


# Where the tool is a development dependency, production does not have it.
MIGRATIONS = (
    ("prisma", "prisma/migrations", "prisma migrate deploy"),
    ("sequelize-cli", "migrations", "sequelize-cli db:migrate"),
    ("knex", "migrations", "knex migrate:latest"),
    ("drizzle-kit", "drizzle", "drizzle-kit migrate"),
)


def migrations(one: Package) -> Iterator[Fact]:
    """The command of a tool that is installed in production and has migrations to run."""
    runtime = one.runtime()
    for tool, folder, command in MIGRATIONS:
        fact = runtime.get(tool)
        if fact and one.tree.holds(one.under(folder)):
            yield Fact(command, fact.file, fact.line, DERIVED)


def _schemas(tree: Tree, declared: str | None) -> Iterator[str]:
    for path in (declared, *PRISMA_SCHEMAS):
        if path:
            yield path.removeprefix("./")
    for folder in (declared or "", "prisma", "prisma/schema"):
        names = tree.files(folder) if folder else ()
        yield from (f"{folder}/{name}" for name in names if name.endswith(".prisma"))
