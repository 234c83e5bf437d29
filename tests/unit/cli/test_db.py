"""`db` on the command line: what is asked, and what no file is lost by."""

from __future__ import annotations

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from autodeploy import conductor
from autodeploy.cli import db as module
from autodeploy.errors import UsageError

SHOP = SimpleNamespace(application="shop", environment="production")


@pytest.fixture
def restored(monkeypatch, tmp_path):
    """What was restored, in a folder with a dump."""
    done = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.dump").touch()
    monkeypatch.setattr(module, "_there", lambda *_: (SHOP, None))
    monkeypatch.setattr("autodeploy.cli.wiring.settings_of", lambda *_: None)
    monkeypatch.setattr(conductor, "restore_database", lambda *words: done.append(words))
    return done


@contextmanager
def on_a_terminal(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("autodeploy.cli.options.sys", SimpleNamespace(stdin=Terminal))
        patched.setattr(module, "sys", SimpleNamespace(stdin=Terminal))
        yield


class Terminal:
    @staticmethod
    def isatty():
        return True


RESTORE = ("restore", "shop", "shop.dump")


@pytest.mark.parametrize(
    ("typed", "more", "goes"),
    [
        ("y\nshop\n", (), True),
        ("n\n", (), False),
        ("y\nother\n", (), False),
        ("y\n\n", (), False),
        ("shop\n", ("--yes",), True),
        ("other\n", ("--yes",), False),
        ("y\nother\n", ("--yes-data",), False),
        ("", ("--yes", "--yes-data"), True),
    ],
)
def test_a_restore_asks_twice(restored, monkeypatch, typed, more, goes):
    with on_a_terminal(monkeypatch):
        done = CliRunner().invoke(module.db, [*RESTORE, *more], input=typed)
    assert (len(restored) == 1) is goes, done.output


@pytest.mark.parametrize("more", [(), ("--yes",), ("--yes-data",)])
def test_without_a_terminal_both_answers_must_be_given(restored, more):
    done = CliRunner().invoke(module.db, [*RESTORE, *more])
    assert isinstance(done.exception, UsageError)
    assert not restored


def test_what_is_there_is_kept_unless_it_is_said_otherwise(restored):
    yes = ("--yes", "--yes-data")
    for more in ((), ("--no-backup",)):
        assert CliRunner().invoke(module.db, [*RESTORE, *yes, *more]).exit_code == 0
    kept, not_kept = (words[3] for words in restored)
    assert kept.name.startswith("shop-production-")
    assert kept.name.endswith("-before-restore.dump")
    assert not_kept is None


@pytest.mark.parametrize("file", ["shop.dump", "nowhere/shop.dump"])
def test_a_backup_overwrites_nothing_and_makes_no_folder(restored, file):
    done = CliRunner().invoke(module.db, ["backup", "shop", "--out", file])
    assert isinstance(done.exception, UsageError)


@pytest.mark.parametrize("more", [(), ("--tunnel",)])
def test_the_url_is_a_document_too(restored, monkeypatch, more):
    client = SimpleNamespace(url=lambda instead: f"x://{instead}@")
    monkeypatch.setattr(conductor, "database_url", lambda *_, reveal: "x://xxxxx@")
    monkeypatch.setattr(conductor, "database_tunnel", lambda _known, _where, told: told(client))
    done = CliRunner().invoke(module.db, ["url", "shop", *more, "--json"])
    assert json.loads(done.stdout) == {"url": "x://xxxxx@"}
