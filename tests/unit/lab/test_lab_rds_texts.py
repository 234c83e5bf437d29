"""Databases' texts: engines, parameters, configuration, SQL, certificates, refusals."""

from __future__ import annotations

import datetime
import re

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from moto.rds.exceptions import RDSClientError

from autodeploy.lab import trust
from autodeploy.lab.authority import Authority
from autodeploy.lab.databases import (
    engines,
    mariadb,
    parameters,
    postgresql,
    rules,
)
from autodeploy.lab.databases.engines import ENGINES
from autodeploy.lab.databases.mariadb import MariaDb
from autodeploy.lab.databases.model import new_password, secret_string
from autodeploy.lab.databases.postgresql import PostgreSql
from autodeploy.lab.databases.server import product_of
from autodeploy.lab.machine import BUNDLE
from autodeploy.lab.site import Site

POSTGRES, MARIADB = engines.find("postgres", "15"), engines.find("mariadb", "10.11")
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@pytest.mark.parametrize(
    ("name", "version", "family", "release", "debian"),
    [
        ("postgres", None, "postgres15", "15", 12),
        ("postgres", "15", "postgres15", "15", 12),
        ("postgres", "17", "postgres17", "17", 13),
        ("mariadb", None, "mariadb10.11", "10.11", 12),
        ("mariadb", "11.8", "mariadb11.8", "11.8", 13),
        ("mysql", "8.0", "mysql8.0", "10.11", 12),
        ("mysql", "8.4", "mysql8.4", "11.8", 13),
    ],
)
def test_a_version_is_what_debian_has(name, version, family, release, debian):
    found = engines.find(name, version)
    assert (found.family, found.release, found.image.release) == (family, release, debian)


@pytest.mark.parametrize(
    ("name", "version"), [("postgres", "16"), ("postgres", ""), ("oracle-ee", None)]
)
def test_other_versions_are_not_found(name, version):
    assert engines.find(name, version) is None


def test_engines_of_one_product_share_its_layer():
    assert engines.find("mysql", "8.0").extra == MARIADB.extra
    assert len({one.extra.name for one in ENGINES}) == 4


def code(call, *arguments):
    with pytest.raises(RDSClientError) as raised:
        call(*arguments)
    return raised.value.code, raised.value.message


def test_an_engine_or_version_that_is_not_there_is_refused_in_awss_words():
    assert code(rules.engine, "postgres", "9.6") == (
        "InvalidParameterCombination",
        "Cannot find version 9.6 for postgres",
    )
    assert code(rules.engine, "nosql", None) == ("InvalidParameterValue", "Invalid DB engine")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "seven77",
        "with space",
        "sl/ashes",
        "a@t-sign!",
        'q"uot"e',
        "grüßegrüße",
        "x" * 129,
    ],
)
def test_passwords_that_aws_refuses(text):
    said = code(rules.password, POSTGRES, text, False)
    assert said[0] == "InvalidParameterValue"
    assert not text or text not in said[1]


def test_passwords_that_aws_accepts():
    rules.password(POSTGRES, "x" * 128, False)
    rules.password(MARIADB, "it's\\`$(8)", False)
    rules.password(POSTGRES, None, True)
    assert code(rules.password, MARIADB, "x" * 42, False)[0] == "InvalidParameterValue"
    assert code(rules.password, MARIADB, "x" * 20, True)[0] == "InvalidParameterCombination"


@pytest.mark.parametrize(
    "name", [None, "", "1st", "with-dash", "rdsadmin", "admin", "pg_x", "x" * 64]
)
def test_master_users_that_postgresql_may_not_have(name):
    assert code(rules.master_user, POSTGRES, name)[0] == "InvalidParameterValue"


def test_master_users_that_are_allowed():
    rules.master_user(POSTGRES, "postgres")
    rules.master_user(MARIADB, "admin")


class Doomed:
    db_instance_identifier = "shop"

    def __init__(self, status="available", deletion_protection=False):
        self.status = status
        self.deletion_protection = deletion_protection


COMBINATION, STATE = "InvalidParameterCombination", "InvalidDBInstanceState"


@pytest.mark.parametrize(
    ("database", "final", "skip", "expected"),
    [
        (Doomed(), None, False, COMBINATION),
        (Doomed(), None, None, COMBINATION),
        (Doomed(), "last", True, COMBINATION),
        (Doomed(deletion_protection=True), None, True, COMBINATION),
        (Doomed("deleting"), None, True, STATE),
        (Doomed("failed"), "last", False, STATE),
        (Doomed("stopped"), "last", False, STATE),
    ],
)
def test_deletions_that_are_refused(database, final, skip, expected):
    assert code(rules.deletion, database, final, skip)[0] == expected


@pytest.mark.parametrize("status", ["available", "creating", "failed", "stopped"])
def test_deletions_that_are_allowed(status):
    rules.deletion(Doomed(status), None, True)
    rules.deletion(Doomed(), "last", False)


def change(name, value, method="immediate"):
    return [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}]


@pytest.mark.parametrize(
    ("family", "changed", "expected"),
    [
        ("postgres15", change("no_such", "1"), "InvalidParameterValue"),
        ("postgres15", change("rds.force_ssl", "2"), "InvalidParameterValue"),
        ("postgres15", change("max_connections", "5", "pending-reboot"), "InvalidParameterValue"),
        (
            "postgres15",
            change("max_connections", "1'\n", "pending-reboot"),
            "InvalidParameterValue",
        ),
        ("postgres15", change("max_connections", "50"), COMBINATION),
        ("mariadb10.11", change("rds.force_ssl", "1"), "InvalidParameterValue"),
        ("mariadb10.11", change("performance_schema", "1"), COMBINATION),
    ],
)
def test_parameters_that_are_refused(family, changed, expected):
    assert code(rules.parameter_values, family, changed)[0] == expected


def test_parameters_that_are_accepted():
    rules.parameter_values("postgres15", change("max_connections", "50", "pending-reboot"))
    rules.parameter_values("postgres15", change("log_min_duration_statement", "-1"))
    rules.parameter_values("mariadb11.8", change("require_secure_transport", "0"))
    rules.parameter_values("oracle-ee-19", change("whatever", "1"))


@pytest.mark.parametrize(
    ("engine", "forced"),
    [
        (("postgres", "15"), "1"),
        (("postgres", "17"), "1"),
        (("mariadb", "10.11"), "0"),
        (("mariadb", "11.8"), "1"),
        (("mysql", "8.0"), "0"),
        (("mysql", "8.4"), "0"),
    ],
)
def test_tls_is_forced_by_default_where_rds_forces_it(engine, forced):
    values = parameters.effective(engines.find(*engine), {})
    assert values.get("rds.force_ssl", values.get("require_secure_transport")) == forced


def test_only_static_parameters_wait_for_a_reboot():
    running = parameters.effective(POSTGRES, {})
    wanted = parameters.effective(POSTGRES, {"max_connections": "50", "work_mem": "8192"})
    at_once = parameters.without_reboot(POSTGRES, running, wanted)
    assert (at_once["max_connections"], at_once["work_mem"]) == ("100", "8192")


def files(product, engine, **group):
    made = product.configuration(parameters.effective(engine, group))
    return {file.path.rpartition("/")[2]: file.content for file in made}


def test_postgresql_admits_what_the_group_says():
    forced = files(PostgreSql("15", 5433), POSTGRES)
    free = files(PostgreSql("15", 5433), POSTGRES, **{"rds.force_ssl": "0"})
    assert "hostssl all all 0.0.0.0/0 scram-sha-256\n" in forced["pg_hba.conf"]
    assert "\nhost all all 0.0.0.0/0" not in forced["pg_hba.conf"]
    assert "\nhost all all 0.0.0.0/0 scram-sha-256\n" in free["pg_hba.conf"]
    for made in (forced, free):
        assert "host all rdsadmin 0.0.0.0/0 reject" in made["pg_hba.conf"]
        assert "local all all reject" in made["pg_hba.conf"]
        assert "trust" not in made["pg_hba.conf"]
    assert "port = '5433'\n" in forced["postgresql.conf"]
    assert "ssl = 'on'\n" in forced["postgresql.conf"]
    assert "rds." not in forced["postgresql.conf"]


def test_mariadb_is_configured_as_the_group_says():
    made = files(MariaDb(3333), MARIADB, max_connections="77", require_secure_transport="1")
    lines = made["my.cnf"].splitlines()
    assert lines[0] == "[mariadbd]"
    for line in ("port = 3333", "max_connections = 77", "require_secure_transport = 1"):
        assert line in lines


def test_a_running_server_is_told_what_changed():
    assert PostgreSql("15", 1).live({"work_mem": "64"}) is None
    assert MariaDb(1).live({"wait_timeout": "9"}) == "SET GLOBAL wait_timeout = 9;\n"


@pytest.mark.parametrize("engine", ENGINES, ids=lambda one: one.family)
def test_no_secret_is_in_a_command_line(engine):
    product = product_of(engine, 1)
    said = " ".join([*product.client, product.dump, product.restore, product.initialise])
    assert "{" not in said.replace("() {", "").replace("${", "")
    assert "password" not in said.replace("--no-role-passwords", "").lower()
    assert "Type=notify" in product.unit()
    assert f"User={product.user}" in product.unit()


def test_the_master_user_of_postgresql_is_no_superuser():
    sql = PostgreSql("15", 1).master("boss", "it's", "shop")
    assert 'ALTER ROLE "boss" LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE' in sql
    assert "PASSWORD 'it''s'" in sql
    assert 'CREATE DATABASE "shop" OWNER "boss";' in sql
    assert sql.index("log_min_error_statement") < sql.index("PASSWORD 'it")
    assert "CREATE DATABASE" not in PostgreSql("15", 1).master("boss", "it's", "postgres")


def test_the_master_user_of_mariadb_has_no_right_over_the_server():
    sql = MariaDb(1).master("boss", "it's\\", "shop")
    assert "IDENTIFIED BY 'it''s\\\\'" in sql
    assert "CREATE DATABASE `shop`" in sql
    for right in ("SUPER", "FILE", "SHUTDOWN", "ALL PRIVILEGES"):
        assert right not in sql


@given(text)
def test_postgresql_reads_back_what_was_quoted(given_text):
    """As its manual has it: a doubled quote is a quote, all else is itself."""
    for quote, quoted in (
        ("'", postgresql.literal(given_text)),
        ('"', postgresql.identifier(given_text)),
    ):
        inner = quoted[1:-1]
        assert quoted[0] == quoted[-1] == quote
        assert not re.search(f"(?<!{quote}){quote}({quote}{quote})*(?!{quote})", inner)
        assert inner.replace(quote * 2, quote) == given_text


@given(text)
def test_mariadb_reads_back_what_was_quoted(given_text):
    quoted = mariadb.literal(given_text)
    read, rest = [], quoted[1:]
    while rest != "'":
        one, step = ("'", 2) if rest.startswith("''") else (rest[0], 1)
        if one == "\\":
            one, step = rest[1], 2
        else:
            assert one != "'" or step == 2
        read.append(one)
        rest = rest[step:]
    assert "".join(read) == given_text


def test_a_made_password_is_one_that_aws_accepts():
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        rules.password(POSTGRES, one, False)
        rules.password(MARIADB, one, False)
    assert secret_string("boss", 'p"w') == '{"username": "boss", "password": "p\\"w"}'


def test_a_certificate_is_for_its_name_and_the_authoritys(tmp_path):
    site = Site(tmp_path / "lab", tmp_path / "images")
    assert trust.read(site) is None
    pem = Authority.of(site).root.read_text()
    assert Authority.of(site).root.read_text() == pem == trust.read(site)
    name = f"{'x' * 63}.c0123.us-east-1.rds.amazonaws.com"
    made = x509.load_pem_x509_certificate(Authority.of(site).issue([name]).certificate.encode())
    issuer = x509.load_pem_x509_certificate(pem.encode())
    made.verify_directly_issued_by(issuer)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [name]
    assert made.not_valid_before_utc < datetime.datetime.now(datetime.UTC)
    assert (tmp_path / "lab/ca/ca.key").stat().st_mode & 0o777 == 0o600


def test_a_host_gets_the_authoritys_certificate(tmp_path):
    site = Site(tmp_path / "lab", tmp_path / "images")
    root = tmp_path / "root"
    for path in (trust.ON_HOSTS, trust.IN_STORE, BUNDLE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / BUNDLE).write_text("others\n")
    trust.publish(site, root)
    assert not (root / trust.ON_HOSTS).exists()
    pem = Authority.of(site).root.read_text()
    trust.publish(site, root)
    assert (root / trust.ON_HOSTS).read_text() == (root / trust.IN_STORE).read_text() == pem
    assert (root / BUNDLE).read_text() == f"others\n{pem}"


def test_and_that_of_the_public_authority_that_runs(tmp_path):
    site = Site(tmp_path / "lab", tmp_path / "images")
    root, pem = tmp_path / "root", Authority.of(site).root.read_text()
    for path in (trust.ON_HOSTS, trust.IN_STORE, BUNDLE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
    trust.bundle(site, "public\n")
    trust.publish(site, root)
    assert (root / trust.PUBLIC_IN_STORE).read_text() == "public\n"
    assert (root / trust.IN_STORE).read_text() == pem
    assert (root / BUNDLE).read_text() == trust.bundle_path(site).read_text() == f"{pem}public\n"
