"""What is shown of a deployment's events: lines, the live page, JSON."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import click
import pytest
from click.testing import CliRunner

from autodeploy import stopping
from autodeploy.cli import options, output, running, stackpage
from autodeploy.cli.names import EVENTS
from autodeploy.cli.progress import line, listener
from autodeploy.contracts import Forecast, Prediction
from autodeploy.errors import StateError
from autodeploy.journal.events import (
    Foreseen,
    LogLine,
    StageEnded,
    StageStarted,
    StepEnded,
    StepStarted,
)

BEGAN = datetime(2026, 11, 27, 11, tzinfo=UTC)
STARTED = StageStarted(agent="deployer", time=BEGAN)
ENDED = StageEnded(agent="deployer", ok=True)
OK = StepEnded(agent="deployer", step="facts", host="host-1", seconds=1.04, outcome="ok")
NEXT = StepStarted(agent="deployer", step="reload", host="host-2")
CHANGED = OK.model_copy(update={"outcome": "changed"})
SAID = LogLine(agent="recon", level="info", message="python, flask")
WARNED = LogLine(agent="recon", level="warning", message="no lock file")
HOSTILE = LogLine(agent="recon", level="info", message="a\x1b[2J\x1b]0;owned\x07b\u202e\nc")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (STARTED, [None, "deployer", "deployer"]),
        (OK, [None, None, "  deployer: ok: facts on host-1 (1.0 s)"]),
        (CHANGED, [None, *["  deployer: changed: facts on host-1 (1.0 s)"] * 2]),
        (SAID, [None, *["  recon: python, flask"] * 2]),
        (WARNED, ["  recon: no lock file"] * 3),
        (ENDED, [None] * 3),
        (NEXT, [None] * 3),
        (StageEnded(agent="deployer", ok=False), ["  deployer: failed"] * 3),
    ],
)
def test_each_voice_says_its_part(event, said):
    told = [line(event, voice) for voice in ("quiet", None, "verbose")]
    assert [one and one.text for one in told] == said


def test_a_stage_that_ctrl_c_ends_was_stopped(monkeypatch):
    ended = StageEnded(agent="deployer", ok=False)
    monkeypatch.setattr(stopping, "asked", threading.Event())
    stopping.asked.set()
    assert line(ended).text == "  deployer: stopped"
    with stopping.uninterrupted():  # What goes back is not stopped by it.
        assert line(ended).text == "  deployer: failed"
    monkeypatch.setattr(stopping, "_lost", [StateError("another has the lease")])
    assert line(ended).text == "  deployer: failed"


def prediction():
    stage = {"agent": "deployer", "starts_after": 4, "p50": 20.4, "p95": 31}
    timeline = {"p50": 40, "p95": 60, "stages": [stage], "basis": "3 runs like it"}
    forecast = {
        "work": "a first deployment",
        "timeline": timeline,
        "downtime": {"seconds": 0, "reason": "none"},
        "permissions": {},
        "undo": ["rollback"],
    }
    return Prediction(resources=(), forecast=Forecast.model_validate(forecast))


def page(*events, seconds=12, width=80):
    now = running.Running()
    for event in events:
        now = running.after(now, event)
    return running.lines(now, BEGAN + timedelta(seconds=seconds), width)


def test_the_page_has_what_runs_for_how_long_and_how_long_it_takes():
    conductor = StageStarted(agent="conductor", time=BEGAN)
    foreseen = Foreseen(prediction=prediction())
    assert page(conductor, STARTED, foreseen, OK) == [
        "conductor       12 s of about 40 s",
        "deployer        12 s of about 20 s     host-1: facts",
    ]
    assert page(STARTED, foreseen, OK, width=40) == ["deployer        12 s host-1: facts"]
    assert page(STARTED, OK, NEXT) == [f"{'deployer        12 s':<38} host-2: reload"]
    assert page(STARTED) == ["deployer        12 s"]
    assert page(STARTED, seconds=-5) == ["deployer         0 s"]
    assert page(STARTED, ENDED) == []


def begins(step, host):
    return StepStarted(agent="deployer", step=step, host=host and f"shop-production-{host}")


def ends(step, host):
    return StepEnded(agent="deployer", step=step, host=host and f"shop-production-{host}",
                     seconds=1, outcome="ok")  # fmt: skip


def test_of_several_hosts_the_page_shows_who_is_waited_for():
    story = [
        (begins("rules", "host-1"), "host-1: rules"),
        (begins("rules", "host-2"), "2 hosts: rules"),
        (ends("rules", "host-1"), "host-2: rules"),
        (begins("reload", "host-1"), "host-2: rules (and 1 more)"),
        (SAID.model_copy(update={"agent": "deployer"}), "host-2: rules (and 1 more)"),
        (ends("rules", "host-2"), "host-1: reload"),
        (begins("look", "host-1"), "host-1: look"),
        (ends("look", "host-1"), "host-1: look"),
        (begins("create vpc", None), "create vpc"),
        (begins("create key", None), "create vpc (and 1 more)"),
        (ends("create vpc", None), "create key"),
        (ends("create key", None), "create key"),
        (ends("reload", "host-2"), "host-2: reload"),
    ]
    told = []
    for number in range(1, len(story) + 1):
        (shown,) = page(STARTED, *(event for event, _ in story[:number]), width=40)
        told.append(shown.removeprefix("deployer        12 s "))
    assert told == [said for _, said in story]
    assert page(STARTED, *(event for event, _ in story), ENDED, STARTED)[0].endswith("reload")


def test_nothing_of_a_repository_steers_the_terminal():
    recon = StageStarted(agent="recon", time=BEGAN)
    (shown,) = page(recon, HOSTILE)
    assert shown.isprintable()
    assert "\n" not in shown


def heard(*arguments):
    """What a command with these options prints of two events and an outcome."""

    @click.command()
    @options.lock_wait
    @options.as_json
    def made(lock_wait, as_json):
        hear = listener()
        # As stages that run beside each other are heard.
        thread = threading.Thread(target=lambda: [hear(one) for one in (SAID, NEXT, WARNED)])
        thread.start()
        thread.join()
        if as_json:
            output.document({"status": "completed"})

    return CliRunner().invoke(made, arguments)


def test_events_are_lines_of_json_and_the_last_is_the_outcome():
    done = heard("--events")
    first, second, last = map(json.loads, done.stdout.splitlines())
    assert (first["kind"], first["message"]) == ("log", "python, flask")
    assert second["level"] == "warning"
    assert last == {"kind": "outcome", "status": "completed"}
    assert done.stderr == ""


def test_what_goes_on_is_not_ended_by_a_reader_that_is_gone(monkeypatch):
    reads, writes = os.pipe()
    os.close(reads)
    with click.Context(click.Command("deploy")) as context:
        context.meta[EVENTS] = True
        hear = listener()
        monkeypatch.setattr(sys, "stdout", os.fdopen(writes, "w"))
        hear(SAID)


def test_quiet_keeps_warnings():
    assert heard("-q").stderr == "  recon: no lock file\n"
    assert heard().stderr == "  recon: python, flask\n  recon: no lock file\n"


@pytest.mark.parametrize("both", [("--events", "--json"), ("-q", "-v")])
def test_what_excludes_each_other(both):
    assert heard(*both).exit_code == 2


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({}, None),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, False),
        ({"NO_COLOR": "", "CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, None),
        ({"CLICOLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colour(environ, colour):
    assert output.colour(environ) is colour


@pytest.mark.parametrize(("forced", "coloured"), [("1", True), ("", False)])
def test_colour_in_a_pipe(capfd, monkeypatch, forced, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("CLICOLOR_FORCE", forced)
    with patch("sys.stderr", sys.__stderr__):
        output.say("red", fg="red")
    assert ("\x1b[31m" in capfd.readouterr().err) is coloured


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({"CLICOLOR_FORCE": "1"}, True),
        ({}, False),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_tables_are_coloured_in_a_pipe_as_talk_is(capsys, monkeypatch, environ, coloured, term):
    for name in ("NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**environ, "TERM": term}.items():
        monkeypatch.setenv(name, value)
    made = stackpage.table("what")
    made.add_row(stackpage.plain("red", style="red"))
    stackpage.show_table(made)
    shown = capsys.readouterr().out
    assert ("\x1b[31mred" in shown) is coloured
    assert ("\x1b" in shown) is coloured


RUN = """
import signal, sys
from datetime import UTC, datetime
import click
from autodeploy.cli.output import say
from autodeploy.cli.progress import listener
from autodeploy.journal.events import LogLine, StageEnded, StageStarted

@click.command()
def run():
    hear = listener()
    hear(StageStarted(agent="recon", time=datetime.now(UTC)))
    hear(LogLine(agent="recon", level="info", message=chr(27) + "[2Jhello"))
    if sys.argv[1] == "ends":
        hear(StageEnded(agent="recon", ok=True))
    elif sys.argv[1] == "breaks":
        raise RuntimeError
    else:
        say("waiting")
        signal.pause()
    print("DATA")

run([], standalone_mode=False)
"""


def on_a_terminal(how, term="xterm"):
    """What a run shows on a terminal of its own; one that waits gets a Ctrl-C."""
    here, there = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-c", RUN, how], stdin=there, stdout=there, stderr=there,
        env={**os.environ, "TERM": term, "COLUMNS": "80"},
    )  # fmt: skip
    os.close(there)
    said = b""
    try:
        while more := os.read(here, 4096):
            said += more
            if how == "waits" and b"waiting" in said:
                done.send_signal(signal.SIGINT)
    except OSError:  # The other end is shut.
        pass
    done.wait()
    os.close(here)
    return said.decode()


@pytest.mark.parametrize("how", ["ends", "breaks", "waits"])
def test_the_terminal_is_whole_afterwards(how):
    said = on_a_terminal(how)
    assert "\x1b[?25l" in said
    assert said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l")
    assert "\x1b[2Jhello" not in said
    assert "hello" in said
    assert ("DATA" in said) == (how == "ends")


def test_a_dumb_terminal_gets_lines():
    assert "\x1b" not in on_a_terminal("ends", term="dumb")
