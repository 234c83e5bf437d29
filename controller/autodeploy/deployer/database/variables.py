"""Environment variables that tell an application of its database, in its libraries' own forms.

TLS is demanded in each, with the server's certificate and name verified.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from autodeploy.contracts import Database, TechStack
from autodeploy.deployer.variables import Given
from autodeploy.runner import LOOPBACK
from autodeploy.settings import DATABASE_URL

CA_FILE = "/etc/ssl/certs/rds-ca.pem"
"""Where the certificates of RDS's authorities are on the hosts."""

VERIFIED = "verify-full"
# postgres.js would hand `sslrootcert` on to the server; Node trusts NODE_EXTRA_CA_CERTS.
POSTGRESQL_TLS = {"node": {"sslmode": VERIFIED}}
POSTGRESQL_TLS_ELSEWHERE = {"sslmode": VERIFIED, "sslrootcert": CA_FILE}
MYSQL_TLS = {
    # mysql2: an object, as JSON.
    "node": {"ssl": json.dumps({"rejectUnauthorized": True, "verifyIdentity": True})},
    # SQLAlchemy; dj-database-url below.
    "python": {"ssl_ca": CA_FILE},
    "django": {"ssl-ca": CA_FILE},
}
# MySQL's own words for its URIs.
MYSQL_TLS_ELSEWHERE = {"ssl-mode": "VERIFY_IDENTITY", "ssl-ca": CA_FILE}
# What tools of no language in particular understand: how to verify, and the name of the file.
LOCAL_TLS = {
    "postgresql": ({"sslmode": "verify-ca"}, "sslrootcert"),
    "mysql": ({"ssl-mode": "VERIFY_CA"}, "ssl-ca"),
}

FAMILIES = {
    "postgresql": r"DB|DATABASE|SQLALCHEMY_DATABASE|RDS|POSTGRES|POSTGRESQL|PG",
    "mysql": r"DB|DATABASE|SQLALCHEMY_DATABASE|RDS|MYSQL|MARIADB",
}
PARTS = {
    **dict.fromkeys(("HOST", "HOSTNAME"), "host"),
    **dict.fromkeys(("PORT",), "port"),
    **dict.fromkeys(("USER", "USERNAME"), "user"),
    **dict.fromkeys(("PASSWORD", "PASS"), "password"),
    **dict.fromkeys(("NAME", "DATABASE", "DB", "DB_NAME"), "name"),
    **dict.fromkeys(("URL", "URI"), "url"),
    **dict.fromkeys(("SSLMODE", "SSL_MODE"), "sslmode"),
}


def database_variables(
    database: Database, password: str, stack: TechStack
) -> dict[str, str | SecretStr]:
    """DATABASE_URL, what the engine's own libraries read, and such names as the application reads.

    Args:
        database: Where it is, and who the application is there.
        password: The application's user's.
        stack: For the URL's form, and the names.
    """
    facts: dict[str, str | SecretStr] = {
        "host": database.host,
        "port": str(database.port),
        "user": database.user,
        "password": SecretStr(password),
        "name": database.name,
        "url": SecretStr(database_url(database, password, stack)),
    }
    if database.engine == "postgresql":
        facts["sslmode"] = VERIFIED
    family = re.compile(rf"(?:{FAMILIES[database.engine]})_({'|'.join(PARTS)})")
    named = {one.name: family.fullmatch(one.name) for one in stack.variables}
    read = {name: PARTS[match[1]] for name, match in named.items() if match}
    return {
        **{name: facts[part] for name, part in read.items() if part in facts},
        DATABASE_URL: facts["url"],
        **(_libpq(facts) if database.engine == "postgresql" else {}),
        **({"NODE_EXTRA_CA_CERTS": CA_FILE} if stack.language == "node" else {}),
    }


def database_names(engine: str, stack: TechStack) -> list[str]:
    """The names of the variables that `database_variables` gives for such a database."""
    nowhere = dict.fromkeys(("host", "name", "user", "secret", "master_secret"), "x")
    database = Database.model_validate({"engine": engine, "port": 1, **nowhere})
    return list(database_variables(database, "x", stack))


def _libpq(facts: Given) -> dict[str, str | SecretStr]:
    """What libpq reads; pgx, lib/pq, node-postgres and asyncpg do too."""
    return {
        "PGHOST": facts["host"],
        "PGPORT": facts["port"],
        "PGUSER": facts["user"],
        "PGPASSWORD": facts["password"],
        "PGDATABASE": facts["name"],
        "PGSSLMODE": VERIFIED,
        "PGSSLROOTCERT": CA_FILE,
    }


def database_url(database: Database, password: str, stack: TechStack) -> str:
    """`DATABASE_URL` in the form that the stack's libraries understand; arguments as above."""
    if database.engine == "mysql" and stack.language == "go":
        return _dsn(database, password)
    place = f"{database.host}:{database.port}"
    return _url(database, password, place, _tls(database.engine, stack))


def local_url(database: Database, password: str, port: int, authorities: Path) -> str:
    """For tools on this machine, through a tunnel.

    The server's authority is verified; its name cannot be where it is reached by another.

    Args:
        database: The database.
        password: The application's user's.
        port: The TCP port of this machine's loopback that leads to it.
        authorities: The file of the authorities' certificates.
    """
    mode, file = LOCAL_TLS[database.engine]
    return _url(database, password, f"{LOOPBACK}:{port}", {**mode, file: str(authorities)})


def _url(database: Database, password: str, place: str, tls: Mapping[str, str]) -> str:
    user, secret, name = (quote(text, safe="") for text in (database.user, password, database.name))
    query = urlencode(tls, safe="/", quote_via=quote)
    return f"{database.engine}://{user}:{secret}@{place}/{name}?{query}"


def _dsn(database: Database, password: str) -> str:
    """go-sql-driver's form, which is no URL.

    Only the database's name is quoted. Go trusts every file in /etc/ssl/certs.
    """
    place = f"tcp({database.host}:{database.port})/{quote(database.name, safe='')}"
    return f"{database.user}:{password}@{place}?parseTime=true&tls=true"


def _tls(engine: str, stack: TechStack) -> dict[str, str]:
    language = stack.language or ""
    if engine == "postgresql":
        return POSTGRESQL_TLS.get(language, POSTGRESQL_TLS_ELSEWHERE)
    kind = "django" if stack.framework == "django" else language
    return MYSQL_TLS.get(kind, MYSQL_TLS_ELSEWHERE)
