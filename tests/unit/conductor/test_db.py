"""`db`: in which order a restore goes, and what is refused; on a real PostgreSQL, without hosts."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

import pgkit
from autodeploy import conductor
from autodeploy.conductor import data
from autodeploy.contracts import DeploymentState, DeploymentStatus, Host, TechStack
from autodeploy.errors import DatabaseFailed, DumpRefused, LeaseHeld, NoDatabase
from autodeploy.journal import DirectoryStore
from autodeploy.journal.application import application

HOST = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
NEEDS = TechStack(language="python", databases=("postgresql",))
needs_server = pytest.mark.skipif(
    not (pgkit.PROGRAMS / "initdb").exists(), reason="PostgreSQL's server is not installed"
)


def known(target="lab", **more):
    where = {"application": "shop", "environment": "production", "target": target}
    done = {"status": DeploymentStatus.COMPLETED, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return application(
        [
            DeploymentState(
                id="1", operation="deploy", hosts=(HOST,), stack=NEEDS, **where, **done, **more
            )
        ]
    )


@pytest.fixture(scope="module")
def server():
    with pgkit.server() as found:
        found.ask("CREATE TABLE notes (text text)")
        found.ask(f"ALTER TABLE notes OWNER TO {pgkit.NAME}")
        yield found


@pytest.fixture
def where(server, tmp_path, monkeypatch):
    """Where the Conductor works; AWS and the host's tunnel are there in name alone."""
    monkeypatch.setattr(data, "access", lambda *_: nullcontext())
    monkeypatch.setattr(data.provisioner, "managed_database", lambda *_: server.database)
    monkeypatch.setattr(data.provisioner, "passwords", lambda *_: (pgkit.PASSWORD, None))
    monkeypatch.setattr(data, "tunnel", lambda *_: nullcontext(server.port))
    server.ask("TRUNCATE notes; INSERT INTO notes VALUES ('one')")
    return conductor.Environment(
        DirectoryStore(tmp_path / "home"), tmp_path, lambda: None, server.authorities
    )


@pytest.fixture
def dump(where, tmp_path):
    file = tmp_path / "shop.dump"
    with conductor.database_client(known(), where) as client:
        data.deployer.database.backup(client, file, lambda _: None)
    return file


def restore(where, file, before=None):
    conductor.restore_database(known(), where, file, before, lambda _: None, 0)


@needs_server
def test_a_restore_keeps_what_was_there_first(where, server, dump, tmp_path):
    server.ask("INSERT INTO notes VALUES ('two')")
    before = tmp_path / "before.dump"
    restore(where, dump, before)
    assert server.ask("SELECT * FROM notes") == "one"
    restore(where, before)
    assert server.ask("SELECT * FROM notes") == "one\ntwo"


@needs_server
def test_a_broken_file_is_refused_before_anything_is_done(where, server, dump, tmp_path):
    server.ask("DELETE FROM notes")
    dump.write_bytes(dump.read_bytes()[:-300])
    before = tmp_path / "before.dump"
    with pytest.raises(DumpRefused):
        restore(where, dump, before)
    assert not before.exists()
    assert server.ask("SELECT count(*) FROM notes") == "0"


@needs_server
def test_nobody_else_works_on_it_meanwhile(where, dump):
    with where.store.lease("shop", "production", "deploy", 0), pytest.raises(LeaseHeld):
        restore(where, dump)


@needs_server
def test_what_is_left_after_a_failure_is_said(where, dump, monkeypatch):
    said = []
    monkeypatch.setattr(where.store, "say", said.append)
    monkeypatch.setattr(data.deployer.database, "restore", fails)
    with pytest.raises(DatabaseFailed):
        restore(where, dump)
    assert said == ["the database is as it was: a restore is all or nothing"]


def fails(*_):
    raise DatabaseFailed("it did not work")


@needs_server
def test_the_url_is_the_application_s_and_its_password_is_hidden(where):
    url = conductor.database_url(known(), where, reveal=False)
    assert url.startswith(f"postgresql://{pgkit.NAME}:xxxxx@{pgkit.HOST}:5432/{pgkit.NAME}?")
    assert "a%3Ab%5Cc%27d" in conductor.database_url(known(), where, reveal=True)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (known("ssh"), "hosts that exist"),
        (known(settings={"database": False}), "DATABASE_URL"),
        (known(), "without one"),
    ],
)
def test_an_application_without_one_is_told_why(state, why, tmp_path):
    where = conductor.Environment(DirectoryStore(tmp_path), tmp_path, lambda: None)
    with pytest.raises(NoDatabase, match=why), conductor.database_client(state, where):
        pass
