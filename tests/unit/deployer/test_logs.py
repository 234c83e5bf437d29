"""Logs of several hosts: what a journal's entry says, and one order for all."""

from __future__ import annotations

import json
import queue
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.deployer.logs import LogQuery, moment
from autodeploy.deployer.merging import as_it_comes, in_order

RELEASE = "0123456789ab"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def entry(unit=f"shop-web-{RELEASE}.service", message="hello", **more):
    micro = str(int(NOON.timestamp() * 1_000_000) + 7)
    said = {"__REALTIME_TIMESTAMP": micro, "_SYSTEMD_UNIT": unit, "MESSAGE": message, **more}
    return json.dumps(said)


def test_an_entry_is_of_a_process_and_a_release():
    line = LogQuery("shop").parse("host-2", entry())
    assert (line.host, line.process, line.release, line.text) == ("host-2", "web", RELEASE, "hello")
    assert line.time == NOON.replace(microsecond=7)
    assert not line.is_ours


@pytest.mark.parametrize(
    ("unit", "process"),
    [
        (f"shop-mail-worker-{RELEASE}.service", "mail-worker"),
        (f"shop-command.{RELEASE}.service", "command"),
        (f"shop-hook.{RELEASE}.service", "hook"),
    ],
)
def test_whose_an_entry_is(unit, process):
    assert LogQuery("shop").parse("h", entry(unit)).process == process


@pytest.mark.parametrize(
    ("process", "is_wanted"),
    [
        ("worker", True),
        ("worker-2", True),
        ("worker-12", True),
        ("worker-mail", False),
        ("worker-2x", False),
        ("web", False),
        ("coworker-2", False),
    ],
)
def test_a_process_is_all_that_run_of_it(process, is_wanted):
    query = LogQuery("shop", "worker")
    said = query.parse("h", entry(f"shop-{process}-{RELEASE}.service"))
    assert (said is not None) is is_wanted


def test_what_systemd_says_of_a_process_is_told_apart():
    said = entry("init.scope", "Started", UNIT=f"shop-web-{RELEASE}.service", _PID="1")
    line = LogQuery("shop").parse("h", said)
    assert (line.process, line.is_ours) == ("web", True)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-- No entries --", "{", "3", "[]", "{}", entry("ssh.service")),
        *(entry(f"shopping-web-{RELEASE}.service"), entry(f"shop-{RELEASE}.target")),
    ],
)
def test_what_is_no_entry_of_the_application_is_left_out(text):
    assert LogQuery("shop").parse("h", text) is None


def test_one_process_is_no_other_that_begins_like_it():
    query = LogQuery("shop", process="web")
    assert query.parse("h", entry())
    assert query.parse("h", entry(f"shop-web-admin-{RELEASE}.service")) is None


@pytest.mark.parametrize(
    ("message", "text"), [([104, 255, 105], "h\ufffdi"), (None, ""), ("a\nb", "a\nb")]
)
def test_what_is_no_text_is_shown_as_far_as_it_is(message, text):
    assert LogQuery("shop").parse("h", entry(message=message)).text == text


def test_nobody_but_systemd_is_believed_what_he_says_of_a_unit():
    forged = f"shop-admin-{RELEASE}.service"
    line = LogQuery("shop").parse("h", entry(UNIT=forged, _PID="77"))
    assert (line.process, line.is_ours) == ("web", False)
    steering = f"shop-\x1b]0;x\x07-{RELEASE}.service"
    assert LogQuery("shop").parse("h", entry(UNIT=steering, _PID="1")) is None


def test_the_journal_is_asked_for_what_is_wanted():
    said = LogQuery("shop", "web", NOON, 5).command(sudo=True)
    assert said.startswith("sudo -n sh -c ")
    for one in ("--unit=shop-web[-.]", f"--since=@{NOON.timestamp():.0f}", "--all"):
        assert one in said
    # Not the first five since then.
    assert "--lines=all" in said
    assert "--lines=5" in LogQuery("shop", lines=5).command(sudo=False)
    assert "--lines=all" in LogQuery("shop").command(sudo=False)


def test_who_follows_hears_of_releases_that_are_not_there_yet(tmp_path):
    """What the host's shell would run, with a journal that tells what it was asked."""
    (tmp_path / "journalctl").write_text(
        '#!/bin/sh\necho "$@"\ncase $* in *--show-cursor) echo "-- cursor: s=1;i=2";; esac\n'
    )
    (tmp_path / "id").write_text("#!/bin/sh\necho 999\n")
    for one in tmp_path.iterdir():
        one.chmod(0o755)
    line = LogQuery("shop", lines=5, follow=True).command(sudo=False)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, env=environ
    )
    first, cursor, after = done.stdout.splitlines()
    assert "--lines=5" in first
    assert cursor.startswith("-- cursor")
    assert after.endswith("--follow --no-tail --after-cursor=s=1;i=2 _UID=999 + _PID=1")


@pytest.mark.parametrize(
    ("said", "hour"), [("2h", 10), ("30m", 11), ("2026-01-31T09:00", 9), ("2026-01-31T09:00Z", 9)]
)
def test_moments(said, hour):
    assert moment(said, NOON).hour == hour


@pytest.mark.parametrize("said", ["", "yesterday", "2 h", "-1h", "h"])
def test_what_is_no_moment(said):
    with pytest.raises(ValueError, match=r"ISO|iso"):
        moment(said, NOON)


@given(st.lists(st.lists(st.integers(0, 50)), max_size=4))
def test_streams_are_merged_in_order(numbers):
    streams = [[(n, host) for n in sorted(each)] for host, each in enumerate(numbers)]
    got = list(in_order([iter(one) for one in streams], lambda one: one[0], print))
    assert [one[0] for one in got] == sorted(n for each in numbers for n in each)
    for host, each in enumerate(streams):
        assert [one for one in got if one[1] == host] == each


@pytest.mark.parametrize("merge", [in_order, as_it_comes])
def test_a_stream_that_fails_does_not_end_the_others(merge):
    def broken():
        yield 1
        raise OSError("gone")

    failed = []
    got = merge([broken(), iter([2, 3])], lambda one: one, failed.append)
    assert list(got) == [1, 2, 3]
    assert [str(one) for one in failed] == ["gone"]


def test_who_follows_does_not_wait_for_a_silent_host():
    silent = queue.Queue()
    got = as_it_comes([iter(silent.get, None), iter([1])], lambda one: one, print, hold=0.01)
    assert next(got) == 1
    silent.put(None)
    assert list(got) == []
