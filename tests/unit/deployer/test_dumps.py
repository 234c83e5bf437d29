"""Dumps by a real PostgreSQL's own clients: whole or none, and all back or nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import pgkit
from autodeploy import stopping
from autodeploy.deployer import database as module
from autodeploy.deployer.database import clients, dumps
from autodeploy.errors import DatabaseFailed, DumpRefused, LeaseLost, ToolMissing
from labkit import until

pytestmark = pytest.mark.skipif(
    not (pgkit.PROGRAMS / "initdb").exists(), reason="PostgreSQL's server is not installed"
)
FILLED = """
CREATE EXTENSION pgcrypto;
CREATE SCHEMA shelf;
CREATE TYPE public.colour AS ENUM ('red', 'blue');
CREATE TABLE public.notes (id serial PRIMARY KEY, text text, colour colour);
CREATE TABLE shelf.books (note int REFERENCES public.notes, is_read bool DEFAULT false);
CREATE VIEW public.all_notes AS SELECT * FROM public.notes;
CREATE FUNCTION public.twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
INSERT INTO public.notes (text, colour)
  VALUES (E'a\\\\b\\n"c"', 'red'), (NULL, 'blue'), ('ü', 'red');
INSERT INTO shelf.books SELECT id FROM public.notes;
"""
LOOK = "SELECT array_agg(notes ORDER BY id) FROM notes; SELECT count(*) FROM shelf.books"


@pytest.fixture(scope="module")
def server():
    with pgkit.server() as found:
        yield found


@pytest.fixture
def client(server):
    """The application's clients, on a database that has something in it."""
    port, pem = server.port, server.authorities
    with module.client(server.database, port, pem, pgkit.PASSWORD) as found:
        tell(found, (Path(dumps.__file__).parent / "postgresql_empty.sql").read_text() + "COMMIT;")
        tell(found, FILLED)
        yield found


def tell(client, sql):
    """What the application's user gets for SQL."""
    line = client.engine.shell(client.access, ["-XqAtv", "ON_ERROR_STOP=1", "-f", "-"])
    done = subprocess.run(
        line, env=client.environment, input=sql, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def backup(client, folder):
    file = folder / "shop.dump"
    module.backup(client, file, lambda _: None)
    return file


def restore(client, file, heard=lambda _: None):
    module.Restoring(client, file, heard).carry_out()


OTHERS = {
    "aggregate": "CREATE AGGREGATE {} (int) (sfunc = int4pl, stype = int)",
    "cast": "CREATE TYPE {} AS (a int); CREATE CAST (int AS {}) WITH INOUT",
    "collation": "CREATE COLLATION {} (locale = 'C')",
    "composite type": "CREATE TYPE {} AS (a int, b int)",
    "conversion": "CREATE CONVERSION {} FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
    "domain": "CREATE DOMAIN {} AS int CHECK (value > 0)",
    "dictionary": "CREATE TEXT SEARCH DICTIONARY {} (template = simple)",
    "materialized view": "CREATE MATERIALIZED VIEW {} AS SELECT 1 AS one",
    "operator": "CREATE OPERATOR === (function = int4eq, leftarg = int, rightarg = int)",
    "partitioned table": "CREATE TABLE {} (of int) PARTITION BY LIST (of)",
    "procedure": "CREATE PROCEDURE {} () LANGUAGE sql AS 'SELECT 1'",
    "publication": "CREATE PUBLICATION {} FOR TABLE notes",
    "range": "CREATE TYPE {} AS RANGE (subtype = int)",
    "search configuration": "CREATE TEXT SEARCH CONFIGURATION {} (copy = simple)",
    "statistics": "CREATE STATISTICS {} ON id, text FROM notes",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_whatever_an_application_has_of_its_own_comes_back(client, tmp_path, kind):
    tell(client, OTHERS[kind].replace("{}", "odd"))
    file = backup(client, tmp_path)
    restore(client, file)
    again = tmp_path / "again"
    again.mkdir()
    kept = [said_in(client, one) for one in (file, backup(client, again))]
    assert kept[0] == kept[1]


def said_in(client, file):
    """A dump's SQL, without the word of the day by which psql knows its end."""
    lines = subprocess.check_output(client.engine.script(file)).splitlines()
    return [line for line in lines if not line.startswith((b"\\restrict", b"\\unrestrict"))]


def test_what_was_destroyed_changed_and_added_is_as_it_was(client, server, tmp_path):
    before = tell(client, LOOK)
    file = backup(client, tmp_path)
    tell(client, "DROP TABLE notes CASCADE; CREATE TABLE later (of int); TRUNCATE shelf.books;")
    tell(client, "CREATE TABLE shelf.new (id int); DROP EXTENSION pgcrypto; DROP FUNCTION twice;")
    restore(client, file)
    assert tell(client, LOOK) == before
    assert tell(client, "SELECT to_regclass('later'), to_regclass('shelf.new')") == "|"
    assert tell(client, "SELECT twice(2), length(gen_random_bytes(3))") == "4|3"
    owners = server.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname !~ '^(pg|inf)'")
    assert owners == pgkit.NAME
    restore(client, file)
    assert tell(client, LOOK) == before


def test_the_file_is_private_and_never_there_in_part(client, tmp_path):
    file = backup(client, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_uid == os.geteuid()
    assert list(tmp_path.iterdir()) == [file]
    tell(client, "CREATE TABLE secret (id int); REVOKE ALL ON secret FROM CURRENT_USER")
    file.unlink()
    with pytest.raises(DatabaseFailed, match="secret"):
        backup(client, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_somebody_else_has_put_there_is_not_written_into(client, tmp_path):
    planted = tmp_path / ".shop.dump.partial"
    planted.write_text("theirs")
    planted.chmod(0o666)
    backup(client, tmp_path)
    assert planted.read_text() == "theirs"


def test_a_restore_that_fails_changes_nothing(client, tmp_path):
    file = backup(client, tmp_path)
    tell(client, "INSERT INTO notes (text) VALUES ('newer')")
    before = tell(client, LOOK)
    for broken in (b"SELECT 1;\nSELECT no_such_function();\n", None):
        with pytest.raises(DatabaseFailed):
            restore(failing(client, broken), file)
        assert tell(client, LOOK) == before


def test_ctrl_c_in_a_restore_changes_nothing(client, tmp_path):
    file = backup(client, tmp_path)
    tell(client, "INSERT INTO notes (text) VALUES ('newer')")
    before = tell(client, LOOK)

    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(client, file, interrupted)
    assert tell(client, LOOK) == before


def failing(client, more):
    """Its restores fail at their end by what is said; without `more` their reader fails there."""

    class Engine(type(client.engine)):
        def script(self, file):
            return ["sh", "-c", f"pg_restore -Of - {file}; exit 7"] if more is None else ["cat"]

        def statements(self, access, dumped):
            yield from super().statements(access, dumped)
            yield more or b""

    return clients.Client(Engine(), client.access, client.environment)


@pytest.mark.parametrize(
    ("more", "is_undone"),
    [
        (b"SELECT no_such_function();\n", True),
        (b"SELECT pg_terminate_backend(pg_backend_pid());\n", False),
        (b"ALTER TABLE shelf.books ALTER CONSTRAINT books_note_fkey DEFERRABLE INITIALLY DEFERRED;"
         b"INSERT INTO shelf.books VALUES (99);\n", True),
    ],
)  # fmt: skip
def test_it_is_as_it_was_only_where_that_is_known(client, tmp_path, more, is_undone):
    """Once COMMIT is on its way, the end of the connection alone does not tell."""
    restoring = module.Restoring(failing(client, more), backup(client, tmp_path), lambda _: None)
    with pytest.raises(DatabaseFailed):
        restoring.carry_out()
    assert restoring.is_undone is is_undone


def test_who_has_lost_the_right_ends_a_restore_that_waits(client, server, tmp_path):
    """It would be a minute until the table's lock is given up for."""
    file = backup(client, tmp_path)
    holds = "SELECT count(*) FROM pg_locks WHERE mode LIKE 'AccessExcl%' AND granted"
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    line = client.engine.shell(client.access, ["-Xqc", "BEGIN; LOCK notes; SELECT pg_sleep(600)"])
    with subprocess.Popen(line, env=client.environment) as other, ThreadPoolExecutor(1) as pool:
        try:
            until(lambda: server.ask(holds) == "1")
            pool.submit(
                lambda: (until(lambda: server.ask(waits) == "1"), stopping.lose(LeaseLost("gone")))
            )
            with stopping.at_safe_points(), pytest.raises(LeaseLost):
                restore(client, file)
        finally:
            server.ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode LIKE 'AccessEx%'")
            other.kill()


@pytest.mark.parametrize("cut", [10, 400, 900])
def test_a_dump_that_is_cut_off_is_refused(client, tmp_path, cut):
    file = backup(client, tmp_path)
    size = file.stat().st_size
    assert size > cut
    os.truncate(file, size - cut)
    with pytest.raises(DumpRefused):
        module.refuse_broken(client.engine, file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no dump of PostgreSQL"),
        (b"SELECT 1;", "no dump of PostgreSQL"),
        (b"-- MariaDB dump 10.19\n", "it is one of MySQL"),
    ],
)
def test_what_is_no_dump_of_the_engine_s_is_refused(client, tmp_path, text, said):
    file = tmp_path / "some.dump"
    file.write_bytes(text)
    with pytest.raises(DumpRefused) as caught:
        module.refuse_broken(client.engine, file)
    assert said in str(caught.value)


def test_the_password_is_in_no_process_s_words_or_environment(client, tmp_path):
    engine, access = client.engine, client.access
    lines = [engine.shell(access, ["x"]), engine.dump(access), engine.restore(access)]
    assert pgkit.PASSWORD not in str(lines)
    assert pgkit.PASSWORD not in str(client.environment)
    assert "a:b" not in repr(client)


def test_the_password_is_on_no_disk_and_ends_with_us(server):
    with module.client(server.database, server.port, server.authorities, "x") as client:
        kept = Path(client.access.path)
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.readlink() == Path("/memfd:autodeploy (deleted)")
        assert kept.read_text().endswith(":x\n")
    assert not kept.exists()


def test_a_server_of_another_name_is_not_talked_to(server, tmp_path):
    other = server.database.model_copy(update={"host": "other.x.rds.amazonaws.com"})
    with (
        module.client(other, server.port, server.authorities, pgkit.PASSWORD) as client,
        pytest.raises(DatabaseFailed, match="does not match host name"),
    ):
        backup(client, tmp_path)


def test_settings_of_the_user_s_lead_nowhere_else(server, monkeypatch, tmp_path):
    for name in ("PGHOST", "PGSERVICE", "PGOPTIONS", "PGSSLMODE", "PGPASSWORD"):
        monkeypatch.setenv(name, "nonsense")
    with module.client(server.database, server.port, server.authorities, pgkit.PASSWORD) as found:
        assert tell(found, "SELECT current_user") == pgkit.NAME


def test_ctrl_c_is_the_shell_s_alone(client):
    """It ends a query there; we wait for the client's own end."""

    class Engine(type(client.engine)):
        def shell(self, access, words):
            return ["sh", "-c", "kill -INT $PPID; exit 7"]

    before = signal.getsignal(signal.SIGINT)
    assert clients.Client(Engine(), client.access, client.environment).shell([]) == 7
    assert signal.getsignal(signal.SIGINT) is before


def test_clients_that_are_missing_or_too_old_are_told(server, monkeypatch, tmp_path):
    with monkeypatch.context() as bare:
        bare.setattr(shutil, "which", lambda name: None if name == "pg_dump" else name)
        with pytest.raises(ToolMissing, match="pg_dump is not on this machine") as caught:
            module.refuse_missing(server.database, "dumps")
        for less in ("shell", "tunnel"):
            module.refuse_missing(server.database, less)
        bare.setattr(shutil, "which", lambda _: None)
        module.refuse_missing(server.database, "tunnel")
        with pytest.raises(ToolMissing, match="psql is not on"):
            module.refuse_missing(server.database, "shell")
    assert "apt-get install postgresql-client" in caught.value.remediation
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'aborting because of server version mismatch' >&2; exit 1\n")
    old.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with (
        module.client(server.database, server.port, server.authorities, pgkit.PASSWORD) as client,
        pytest.raises(ToolMissing, match="older than the database's server"),
    ):
        backup(client, tmp_path)
