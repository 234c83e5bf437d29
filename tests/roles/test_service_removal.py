"""An application's units go, once nobody works on its releases."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from ansible.module_utils import service_host, service_turn

import rolekit


class Told(Exception):
    """What the module has told."""


@pytest.fixture
def remove(tmp_path, monkeypatch):
    """Runs the module, with or without check mode; gives what it tells."""
    module = rolekit.load("service/library/service_removal.py")
    monkeypatch.setattr(service_turn, "FOLDER", str(tmp_path))
    monkeypatch.setattr(service_turn, "is_heard", lambda: True)
    monkeypatch.setattr(service_host, "UNITS", str(tmp_path))

    def run(*, check_mode=False):
        def tell(**said):
            raise Told(said)

        made = SimpleNamespace(
            params={"application": "shop"},
            check_mode=check_mode,
            run_command=lambda _words: (0, "", ""),
            exit_json=tell,
            fail_json=tell,
        )
        monkeypatch.setattr(module, "AnsibleModule", lambda **_: made)
        with pytest.raises(Told) as told:
            module.main()
        return told.value.args[0]

    return run


def test_what_is_being_unpacked_is_waited_for(remove):
    order = []
    waiting = threading.Thread(target=lambda: order.append(remove()["changed"]))
    with service_turn.nobodys_turn("shop") as mine:
        assert mine
        waiting.start()
        waiting.join(timeout=0.5)
        order.append("unpacked")
    waiting.join()
    assert order == ["unpacked", False]


def test_a_run_that_brings_a_release_gives_up(remove):
    first = service_turn.Turn("shop", "r1")
    remove()
    with pytest.raises(service_turn.NotWanted):
        first.check()


def test_who_is_followed_by_a_release_removes_nothing(remove, monkeypatch):
    waits = service_turn.locked

    def overtaken(held, how=0):
        service_turn.Turn("shop", "r2")
        return waits(held, how)

    monkeypatch.setattr(service_turn, "locked", overtaken)
    assert "r2" in remove()["msg"]


def test_a_look_waits_for_nobody(remove):
    with service_turn.nobodys_turn("shop"):
        assert remove(check_mode=True)["changed"] is False
