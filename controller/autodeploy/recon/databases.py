"""Databases and caches: from drivers, from the services of compose files, from URLs.

SQLite needs no server and is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from autodeploy.recon.fact import DERIVED, Fact
from autodeploy.recon.tree import Tree


def drivers(**packages: str) -> dict[str, str]:
    """A table from package to the kind of server that it talks to."""
    return {name: kind for kind, names in packages.items() for name in names.split()}


IMAGES = drivers(
    postgresql="postgres postgis postgresql timescaledb timescaledb-ha pgvector",
    mysql="mysql mysql-server mariadb percona percona-server",
    redis="redis redis-stack redis-stack-server valkey",
    mongodb="mongo mongodb mongodb-community-server",
)
# As ORMs name the kinds of server.
DIALECTS = drivers(
    postgresql="postgres postgresql pg cockroachdb postgresjs",
    mysql="mysql mysql2 mariadb",
    mongodb="mongo mongodb",
)
SCHEMES = drivers(
    postgresql="postgres postgresql postgis psql pgsql",
    mysql="mysql mysql2 mariadb mysqlgis",
    redis="redis rediss",
    mongodb="mongodb",
)
MAX_SERVICES = 200
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def from_drivers(found: Mapping[str, Fact], known: Mapping[str, str]) -> Iterator[Fact]:
    """The server of each driver that the application depends on."""
    for package, kind in known.items():
        if fact := found.get(package):
            yield Fact(kind, fact.file, fact.line)


def from_compose(tree: Tree) -> Iterator[Fact]:
    """The servers that the compose file starts beside the application."""
    path = tree.first(*COMPOSE)
    services = tree.yaml(path).get("services") if path else None
    for service in islice(services.values() if isinstance(services, dict) else (), MAX_SERVICES):
        image = service.get("image") if isinstance(service, dict) else None
        file = tree.read(path or "")
        if isinstance(image, str) and file and (kind := IMAGES.get(_image_name(image))):
            yield Fact(kind, file.path, file.line_of(image), DERIVED)


def by_scheme(url: str) -> str | None:
    """The kind of server that a URL such as `postgresql+asyncpg://...` is for."""
    scheme, found, _ = url.partition("://")
    return SCHEMES.get(scheme.partition("+")[0].lower()) if found else None


def _image_name(image: str) -> str:
    return image.split("@", 1)[0].rsplit("/", 1)[-1].split(":", 1)[0]
