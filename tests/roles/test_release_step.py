"""The step that puts a release on a host: one run at a time."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

import rolekit

STEP = Path(rolekit.ROLES, "../playbooks/library/release.py")


def test_a_second_run_waits_for_the_first(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("release_step", STEP)
    step = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(step)
    monkeypatch.setattr(step, "LOCKS", str(tmp_path))
    order = []

    def second():
        with step.alone("shop"):
            order.append("second")

    waiting = threading.Thread(target=second)
    with step.alone("shop"):
        waiting.start()
        with step.alone("another"):
            order.append("another's")
        waiting.join(timeout=0.2)
        order.append("first")
    waiting.join()
    assert order == ["another's", "first", "second"]
