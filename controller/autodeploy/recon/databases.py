"""Databases and caches: from drivers, and from the services of compose files.

SQLite needs no server and is none. Tables map a package to what it talks to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree


def _table(**packages: str) -> dict[str, str]:
    return {name: kind for kind, names in packages.items() for name in names.split()}


PYTHON_DRIVERS = _table(
    postgresql="psycopg psycopg-binary psycopg-c psycopg2 psycopg2-binary psycopg2cffi asyncpg "
    "pg8000 aiopg tortoise-orm[asyncpg] databases[postgresql] databases[asyncpg] "
    "sqlalchemy[asyncpg] sqlalchemy[postgresql] sqlalchemy[postgresql-asyncpg] "
    "sqlalchemy[postgresql-psycopg]",
    mysql="mysqlclient pymysql mysql-connector-python aiomysql asyncmy mariadb databases[mysql] "
    "sqlalchemy[mysql] sqlalchemy[pymysql] sqlalchemy[aiomysql]",
    redis="redis django-redis aioredis hiredis rq django-rq flask-redis arq celery[redis] "
    "channels-redis kombu[redis] fastapi-cache2[redis] redis-om dramatiq[redis] valkey",
    mongodb="pymongo motor mongoengine flask-pymongo flask-mongoengine beanie djongo odmantic "
    "django-mongodb-backend",
)
NODE_DRIVERS = _table(
    postgresql="pg pg-promise pg-native postgres slonik postgraphile @databases/pg pg-boss "
    "@prisma/adapter-pg @mikro-orm/postgresql",
    mysql="mysql mysql2 mariadb @databases/mysql promise-mysql @mikro-orm/mysql",
    redis="redis ioredis @redis/client bull bullmq connect-redis bee-queue kue @fastify/redis",
    mongodb="mongodb mongoose @nestjs/mongoose connect-mongo monk @mikro-orm/mongodb typegoose "
    "@typegoose/typegoose @fastify/mongodb",
)
GO_DRIVERS = _table(
    postgresql="github.com/lib/pq github.com/jackc/pgx gorm.io/driver/postgres "
    "github.com/go-pg/pg github.com/uptrace/bun/driver/pgdriver",
    mysql="github.com/go-sql-driver/mysql gorm.io/driver/mysql github.com/go-mysql-org/go-mysql",
    redis="github.com/redis/go-redis github.com/go-redis/redis github.com/gomodule/redigo "
    "github.com/redis/rueidis github.com/hibiken/asynq",
    mongodb="go.mongodb.org/mongo-driver github.com/qiniu/qmgo",
)
IMAGES = _table(
    postgresql="postgres postgis postgresql timescaledb timescaledb-ha pgvector",
    mysql="mysql mysql-server mariadb percona percona-server",
    redis="redis redis-stack redis-stack-server valkey",
    mongodb="mongo mongodb mongodb-community-server",
)
PRISMA_SCHEMAS = ("prisma/schema.prisma", "schema.prisma")
PRISMA = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "cockroachdb": "postgresql",
    "mysql": "mysql",
    "mongodb": "mongodb",
}
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def from_drivers(found: Mapping[str, Fact], drivers: Mapping[str, str]) -> Iterator[Fact]:
    """The server of each driver that the application depends on."""
    for package, kind in drivers.items():
        if fact := found.get(package):
            yield Fact(kind, fact.file, fact.line)


def from_compose(tree: Tree) -> Iterator[Fact]:
    """The servers that the compose file starts beside the application."""
    path = tree.first(*COMPOSE)
    services = tree.yaml(path).get("services") if path else None
    for service in services.values() if isinstance(services, dict) else ():
        image = service.get("image") if isinstance(service, dict) else None
        file = tree.read(path or "")
        if isinstance(image, str) and file and (kind := IMAGES.get(_image_name(image))):
            yield Fact(kind, file.path, file.line_of(image), DERIVED)


def _image_name(image: str) -> str:
    return image.split("@", 1)[0].rsplit("/", 1)[-1].split(":", 1)[0]


def from_prisma(tree: Tree, declared: str | None) -> Iterator[Fact]:
    """The provider of Prisma's data source; the schema's language has no parser in Python.

    `declared` is where package.json says that the schema is.
    """
    path = tree.first(*([declared] if declared else ()), *PRISMA_SCHEMAS)
    file = tree.read(path) if path else None
    inside = False
    for number, line in enumerate(file.text.splitlines() if file else (), 1):
        word, _, value = line.partition("=")
        inside = line.startswith("datasource") or (inside and not line.startswith("}"))
        provider = value.strip().strip('"')
        if inside and file and word.strip() == "provider" and provider in PRISMA:
            yield Fact(PRISMA[provider], file.path, number)
