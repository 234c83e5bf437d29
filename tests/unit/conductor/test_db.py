"""`db`: in which order a restore goes, and what is refused; on a real PostgreSQL, without hosts."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

import pgkit
from autodeploy import conductor, stopping
from autodeploy.conductor import data
from autodeploy.contracts import DeploymentState, DeploymentStatus, Host, TechStack
from autodeploy.errors import DatabaseFailed, DumpRefused, LeaseHeld, LeaseLost, NoDatabase
from autodeploy.journal import DirectoryStore
from autodeploy.journal.application import application
from autodeploy.journal.events import HostsKnown, SourceRead, StatusChanged
from autodeploy.settings import Settings
from statekit import created

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
    monkeypatch.setattr(data, "tunnel", lambda *_: nullcontext(SimpleNamespace(port=server.port)))
    server.ask("TRUNCATE notes; INSERT INTO notes VALUES ('one')")
    store = DirectoryStore(tmp_path / "home")
    deployed(store, {})
    return conductor.Environment(store, tmp_path, lambda: None, server.authorities)


def deployed(store, settings):
    journal = created(store)
    journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(SourceRead(commit="c", stack=NEEDS, settings=settings))
    journal.write(HostsKnown(hosts=(HOST,)))
    journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


@pytest.fixture
def dump(where, tmp_path):
    file = tmp_path / "shop.dump"
    with conductor.database_client(known(), where) as client:
        data.deployer.database.backup(client, file, lambda _: None)
    return file


WHO = conductor.Command(repository=None, name="shop", flags={}, settings=Settings(target="lab"))


def restore(where, file, before=None, heard=lambda _: None):
    conductor.restore_database(WHO, where, file, before, heard)


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
    restoring = data.deployer.database.Restoring
    for is_undone, left in ((True, "is as it was"), (False, "may be restored, or as it was")):

        def fails(self, is_undone=is_undone):
            self.is_undone = is_undone
            raise DatabaseFailed("it did not work")

        monkeypatch.setattr(restoring, "carry_out", fails)
        with pytest.raises(DatabaseFailed):
            restore(where, dump)
        assert left in said.pop()


@needs_server
def test_what_a_killed_deployment_left_running_is_ended_first(where, dump, monkeypatch):
    ended = []
    monkeypatch.setattr("autodeploy.conductor.run.end_survivors", ended.append)
    restore(where, dump)
    assert ended == [where.store.application_folder("shop", "production")]


@needs_server
@pytest.mark.parametrize("moment", ["backup", "restore", "unheard"])
def test_who_has_lost_the_right_changes_nothing(where, server, dump, tmp_path, moment):
    """Another controller deploys by now."""
    lease = where.store.application_folder("shop", "production") / "lease"
    server.ask("INSERT INTO notes VALUES ('two')")
    before = tmp_path / "before.dump"

    def heard(_):
        if moment == "unheard":
            lease.unlink(missing_ok=True)
        elif before.exists() is (moment == "restore"):
            stopping.lose(LeaseLost("another one has it"))

    with pytest.raises(LeaseLost):
        restore(where, dump, before, heard)
    assert server.ask("SELECT * FROM notes") == "one\ntwo"


@needs_server
def test_it_goes_by_what_there_is_once_nobody_else_works_on_it(where, dump, monkeypatch):
    """The database is another by then, or none is managed any more."""
    alone = data.alone

    @contextmanager
    def waits(*words):
        with alone(*words):
            deployed(where.store, {"database": False})
            yield

    monkeypatch.setattr(data, "alone", waits)
    with pytest.raises(NoDatabase, match="bring one of its own"):
        restore(where, dump)


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
