"""Which engines and versions the lab has: what Debian has, and what RDS calls it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autodeploy.lab.extras import Extra
from autodeploy.lab.images import IMAGES, Image

Product = Literal["postgresql", "mariadb"]
BOOKWORM, TRIXIE = IMAGES


@dataclass(frozen=True)
class Engine:
    """One engine in one version.

    Attributes:
        name: RDS's name of it.
        version: RDS's major version.
        product: What really runs: the lab has no MySQL and runs MariaDB for it.
        release: The product's own version, as Debian has it.
        image: The Debian that has it.
        port: Where it listens by default.
        description: Its name for people.
    """

    name: str
    version: str
    product: Product
    release: str
    image: Image
    port: int
    description: str

    @property
    def family(self) -> str:
        """The family of its parameter groups."""
        return f"{self.name}{self.version}"

    @property
    def extra(self) -> Extra:
        """What its hosts have beyond the base image: the server, and no data of any cluster."""
        return _EXTRAS[self.product](self.release)


def masked(*units: str) -> tuple[str, ...]:
    """Commands that keep units from ever being started."""
    return tuple(f"ln -sf /dev/null /etc/systemd/system/{unit}" for unit in units)


def _postgresql(release: str) -> Extra:
    return Extra(
        name=f"postgresql-{release}",
        packages=(f"postgresql-{release}",),
        setup=(
            "rm -rf /etc/postgresql/* /var/lib/postgresql/*",
            *masked("postgresql.service", "ssh.service"),
        ),
    )


def _mariadb(release: str) -> Extra:
    return Extra(
        name=f"mariadb-{release}",
        packages=("mariadb-server",),
        setup=(
            "rm -rf /var/lib/mysql/*",
            *masked("mariadb.service", "ssh.service"),
        ),
    )


_EXTRAS = {"postgresql": _postgresql, "mariadb": _mariadb}

# The first of a name is what a call without a version gets.
ENGINES = (
    Engine("postgres", "15", "postgresql", "15", BOOKWORM, 5432, "PostgreSQL"),
    Engine("postgres", "17", "postgresql", "17", TRIXIE, 5432, "PostgreSQL"),
    Engine("mariadb", "10.11", "mariadb", "10.11", BOOKWORM, 3306, "MariaDB Community Edition"),
    Engine("mariadb", "11.8", "mariadb", "11.8", TRIXIE, 3306, "MariaDB Community Edition"),
    Engine("mysql", "8.0", "mariadb", "10.11", BOOKWORM, 3306, "MySQL Community Edition"),
    Engine("mysql", "8.4", "mariadb", "11.8", TRIXIE, 3306, "MySQL Community Edition"),
)


def find(name: str, version: str | None) -> Engine | None:
    """The engine of that name and version; None where the lab has none.

    Args:
        name: RDS's name of the engine.
        version: RDS's version; None for the default one.
    """
    return next(
        (one for one in ENGINES if one.name == name and version in {None, one.version}), None
    )


def of_family(family: str | None) -> Engine | None:
    """The engine whose parameter groups are of a family; None where the lab has none."""
    return next((one for one in ENGINES if one.family == family), None)


def known(name: str) -> bool:
    """Whether the lab has any version of an engine."""
    return any(one.name == name for one in ENGINES)
