"""The variables that tell an application of its database, each against a reader of its form."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from autodeploy.contracts import Database, TechStack, Variable
from autodeploy.deployer import database_variables
from autodeploy.deployer.variables import Secrets, environment
from autodeploy.settings import Settings

CA = "/etc/ssl/certs/rds-ca.pem"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
# What go-sql-driver takes as it stands: the user's name ends at the first colon.
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True)
STACKS = [
    ("node", "express"),
    ("python", "django"),
    ("python", "flask"),
    ("go", None),
    (None, None),
]


def database(engine="postgresql", **more):
    port = {"postgresql": 5432, "mysql": 3306}[engine]
    said = {"host": "shop.x.rds.amazonaws.com", "port": port, "name": "shop", "user": "shop_app"}
    return Database(engine=engine, **{**said, **more}, secret="arn:1", master_secret="arn:2")


def shown(variables):
    return {
        name: one.get_secret_value() if isinstance(one, SecretStr) else one
        for name, one in variables.items()
    }


def stack(language="python", framework=None, *names):
    read = tuple(Variable(name=name) for name in names)
    return TechStack(language=language, framework=framework, variables=read)


@given(st.sampled_from(["postgresql", "mysql"]), st.sampled_from(STACKS), TEXTS, TEXTS, TEXTS)
def test_any_url_is_read_back(engine, which, user, password, name):
    given = database(engine, user=user, name=name)
    url = shown(database_variables(given, password, stack(*which)))["DATABASE_URL"]
    if (engine, which[0]) == ("mysql", "go"):
        return
    parts = urlsplit(url)
    assert parts.scheme == engine
    assert (parts.hostname, parts.port) == (given.host, given.port)
    assert unquote(parts.username) == user
    assert unquote(parts.password) == password
    assert unquote(parts.path[1:]) == name
    assert parse_qs(parts.query, strict_parsing=True)
    assert parts.fragment == ""


@given(NAMES, TEXTS, NAMES)
def test_gos_own_form_is_read_back(user, password, name):
    given = database("mysql", user=user, name=name)
    dsn = shown(database_variables(given, password, stack("go")))["DATABASE_URL"]
    # As its ParseDSN does: the last slash, the last @ before it, the first colon before that.
    before, _, after = dsn.rpartition("/")
    login, _, place = before.rpartition("@")
    assert tuple(login.split(":", 1)) == (user, password)
    assert place == "tcp(shop.x.rds.amazonaws.com:3306)"
    assert after == f"{name}?parseTime=true&tls=true"


@pytest.mark.parametrize(
    ("engine", "which", "query"),
    [
        ("postgresql", ("python", "django"), {"sslmode": "verify-full", "sslrootcert": CA}),
        ("postgresql", ("go", None), {"sslmode": "verify-full", "sslrootcert": CA}),
        ("postgresql", ("node", "express"), {"sslmode": "verify-full"}),
        ("mysql", ("python", "django"), {"ssl-ca": CA}),
        ("mysql", ("python", "flask"), {"ssl_ca": CA}),
        ("mysql", (None, None), {"ssl-mode": "VERIFY_IDENTITY", "ssl-ca": CA}),
    ],
)
def test_tls_is_demanded_in_the_libraries_own_form(engine, which, query):
    url = shown(database_variables(database(engine), "p", stack(*which)))["DATABASE_URL"]
    assert parse_qs(urlsplit(url).query) == {name: [value] for name, value in query.items()}


def test_mysql2_gets_an_object():
    url = shown(database_variables(database("mysql"), "p", stack("node")))["DATABASE_URL"]
    (ssl,) = parse_qs(urlsplit(url).query)["ssl"]
    assert json.loads(ssl) == {"rejectUnauthorized": True, "verifyIdentity": True}


def test_node_trusts_the_authorities_and_others_are_told_in_the_url():
    for engine in ("postgresql", "mysql"):
        assert database_variables(database(engine), "p", stack("node"))["NODE_EXTRA_CA_CERTS"] == CA
        assert "NODE_EXTRA_CA_CERTS" not in database_variables(database(engine), "p", stack("go"))


def test_libpqs_variables_are_there_for_postgresql_alone():
    assert shown(database_variables(database(), "p w", stack())) == {
        "DATABASE_URL": "postgresql://shop_app:p%20w@shop.x.rds.amazonaws.com:5432/shop"
        f"?sslmode=verify-full&sslrootcert={CA}",
        "PGHOST": "shop.x.rds.amazonaws.com",
        "PGPORT": "5432",
        "PGUSER": "shop_app",
        "PGPASSWORD": "p w",
        "PGDATABASE": "shop",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": CA,
    }
    assert set(database_variables(database("mysql"), "p", stack())) == {"DATABASE_URL"}


@pytest.mark.parametrize(
    ("name", "engine", "value"),
    [
        ("DB_HOST", "mysql", "shop.x.rds.amazonaws.com"),
        ("RDS_HOSTNAME", "postgresql", "shop.x.rds.amazonaws.com"),
        ("DB_PORT", "mysql", "3306"),
        ("DB_USER", "mysql", "shop_app"),
        ("DB_USERNAME", "postgresql", "shop_app"),
        ("DB_PASSWORD", "mysql", "p"),
        ("DB_PASS", "mysql", "p"),
        ("DB_NAME", "mysql", "shop"),
        ("DB_DATABASE", "postgresql", "shop"),
        ("POSTGRES_DB", "postgresql", "shop"),
        ("POSTGRES_HOST", "postgresql", "shop.x.rds.amazonaws.com"),
        ("MYSQL_DATABASE", "mysql", "shop"),
        ("MYSQL_PASSWORD", "mysql", "p"),
        ("DB_SSLMODE", "postgresql", "verify-full"),
        ("DB_SSLMODE", "mysql", None),
        ("POSTGRES_HOST", "mysql", None),
        ("MYSQL_HOST", "postgresql", None),
        ("REDIS_HOST", "postgresql", None),
        ("SECRET_KEY", "postgresql", None),
        ("MYDB_HOST", "postgresql", None),
        ("DB_HOST_OLD", "postgresql", None),
    ],
)
def test_names_that_the_application_reads_are_filled(name, engine, value):
    given = shown(database_variables(database(engine), "p", stack("python", None, name)))
    assert given.get(name) == value
    without = database_variables(database(engine), "p", stack())
    assert name not in without


def test_other_names_of_the_url_are_the_url():
    names = ("DB_URL", "POSTGRES_URL", "SQLALCHEMY_DATABASE_URI")
    given = shown(database_variables(database(), "p", stack("python", None, *names)))
    assert {given[name] for name in names} == {given["DATABASE_URL"]}


@pytest.mark.parametrize("which", STACKS)
def test_what_holds_the_password_is_secret_and_nothing_else_is(which):
    names = ("DB_HOST", "DB_PASSWORD", "DB_URL", "DB_USER")
    given = database_variables(database(), "canary word", stack(*which, *names))
    plain, secret = environment(given, Settings(), Secrets())
    assert set(secret) == {"DATABASE_URL", "PGPASSWORD", "DB_PASSWORD", "DB_URL"}
    assert {**plain, **secret} == shown(given)
    assert "canary" not in repr(given) + repr(plain)


def test_what_the_settings_say_wins():
    given = database_variables(database(), "p", stack())
    plain, secret = environment(given, Settings(env={"DATABASE_URL": "mine", "A": "1"}), Secrets())
    assert (plain["DATABASE_URL"], plain["A"]) == ("mine", "1")
    assert "DATABASE_URL" not in secret
