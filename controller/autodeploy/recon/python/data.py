"""The servers that a Python project talks to: its drivers, and URLs in its settings."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from autodeploy.recon.databases import by_scheme, drivers, from_drivers
from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree

DRIVERS = drivers(
    postgresql="psycopg psycopg-binary psycopg-c psycopg-pool psycopg2 psycopg2-binary "
    "psycopg2cffi asyncpg pg8000 aiopg py-postgresql tortoise-orm[asyncpg] tortoise-orm[psycopg] "
    "databases[postgresql] databases[asyncpg] databases[postgresql-asyncpg] databases[aiopg] "
    "sqlalchemy[asyncpg] sqlalchemy[postgresql] sqlalchemy[postgresql-asyncpg] "
    "sqlalchemy[postgresql-psycopg] sqlalchemy[postgresql-psycopg2binary] "
    "sqlalchemy[postgresql-pg8000] piccolo[postgres] piccolo[all] procrastinate",
    mysql="mysqlclient pymysql mysql-connector-python mysql-connector mysql-python aiomysql "
    "asyncmy mariadb flask-mysqldb flask-mysql databases[mysql] databases[aiomysql] "
    "databases[asyncmy] sqlalchemy[mysql] sqlalchemy[pymysql] sqlalchemy[aiomysql] "
    "sqlalchemy[asyncmy] sqlalchemy[mysql-connector] tortoise-orm[asyncmy] tortoise-orm[aiomysql]",
    redis="redis django-redis aioredis hiredis rq django-rq rq-scheduler flask-redis arq "
    "celery[redis] channels-redis kombu[redis] fastapi-cache2[redis] redis-om dramatiq[redis] "
    "valkey redis-py-cluster limits[redis] aiocache[redis] fastapi-limiter django-redis-cache "
    "broadcaster[redis] taskiq-redis coredis walrus",
    mongodb="pymongo motor mongoengine flask-pymongo flask-mongoengine beanie djongo odmantic "
    "django-mongodb-backend umongo pymodm mongoengine-goodjson",
)
URL_FILES = ("config.py", "settings.py", "database.py", "db.py", "app/config.py", "app/database.py")


def databases(tree: Tree, found: Mapping[str, Fact], sources: Iterable[str]) -> Iterator[Fact]:
    """From drivers, then from the URLs that the sources and configurations fall back to."""
    yield from from_drivers(found, DRIVERS)
    for path in dict.fromkeys((*sources, *URL_FILES)):
        for node in tree.nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                kind = by_scheme(node.value)
                yield from [Fact(kind, path, node.lineno, DERIVED)] if kind else []
