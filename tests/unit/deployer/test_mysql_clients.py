"""What MySQL's clients are told, and which files are whole dumps of its; no server is asked."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Database
from autodeploy.deployer import database as module
from autodeploy.deployer.database.clients import ENGINES
from autodeploy.errors import DumpRefused

SHOP = Database(
    engine="mysql",
    host="shop.x.rds.amazonaws.com",
    port=3306,
    name="app_shop",
    user="app_shop",
    secret="arn:1",
    master_secret="arn:2",
)
CA = Path("/nowhere/ca.pem")
WHOLE = b"""-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
CREATE TABLE `notes` (`id` int);
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-26 15:03:44
"""
SANDBOXED = b"/*M!999999\\- enable the sandbox mode */ \n" + WHOLE


def broken(folder, content):
    file = folder / "some.dump"
    file.write_bytes(content)
    module.refuse_broken(ENGINES["mysql"], file)


@pytest.mark.parametrize("dump", [WHOLE, SANDBOXED, WHOLE.replace(b"MariaDB dump", b"MySQL dump")])
def test_a_whole_dump_is_taken(tmp_path, dump):
    broken(tmp_path, dump)


@pytest.mark.parametrize(
    ("dump", "said"),
    [
        (b"", "no dump of MySQL"),
        (b"PGDMP\x01\x0e", "it is one of PostgreSQL"),
        (WHOLE[: WHOLE.index(b"-- Dump")], "its last line is missing"),
        (WHOLE + b"INSERT INTO notes", "its last line is missing"),
    ],
)
def test_what_is_none_or_not_whole_is_refused(tmp_path, dump, said):
    with pytest.raises(DumpRefused) as caught:
        broken(tmp_path, dump)
    assert said in str(caught.value)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r")))
def test_any_password_is_in_the_file_alone(password):
    with module.client(SHOP, 40123, CA, password) as client:
        text = Path(client.access.path).read_text()
        options = {f"--defaults-file={client.access.path}"}
        lines = [client.engine.shell(client.access, ["-e", "x"]), client.engine.dump(client.access)]
    (line,) = [one for one in text.split("\n") if one.startswith("password=")]
    assert unquoted(line.removeprefix("password=")) == password
    assert {one[1] for one in lines} == options


def unquoted(value):
    """As MySQL reads a quoted value of an option file."""
    assert value[0] == value[-1] == '"'
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def test_the_certificate_must_be_the_authority_s(monkeypatch):
    monkeypatch.setenv("MYSQL_PWD", "other")
    with module.client(SHOP, 40123, CA, "x") as client:
        found = ConfigParser()
        found.read_string(Path(client.access.path).read_text())
    assert found["client"]["ssl-ca"] == str(CA)
    assert (found["client"]["host"], found["client"]["port"]) == ("127.0.0.1", "40123")
    assert "MYSQL_PWD" not in client.environment


def test_a_restore_leaves_nothing_of_before():
    with module.client(SHOP, 40123, CA, "x") as client:
        first, *rest = client.engine.statements(client.access, iter([b"a", b"b"]))
    assert first == (
        b"SET SESSION lock_wait_timeout=60; "  # Else it is a year.
        b"DROP DATABASE `app_shop`; CREATE DATABASE `app_shop`; USE `app_shop`;\n"
    )
    assert rest == [b"a", b"b"]
