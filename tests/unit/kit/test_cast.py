"""The recording in docs/ is one, and of the commands that the quick start has today."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from rich.console import Console
from rich.live import Live

from cast import Cast, hastened, picture, read, screen
from recording import CAST, PICTURE, SHOWN, story, typed


@pytest.fixture(scope="module")
def kept():
    return read(CAST.read_text())


def test_the_recording_is_of_the_quick_starts_commands(kept):
    shown = "\n".join(screen("".join(text for _, text in kept.said)))
    rest = shown
    for command in story():
        assert typed(command) in rest, f"{command} is not in the recording: make recording"
        rest = rest.split(typed(command), 1)[1]
    assert shown.count("\n$ ") == len(story()) - 1


def test_no_place_of_a_machine_is_in_it():
    assert not [one for one in ("/root", "/work", "/tmp/") if one in CAST.read_text()]


def test_its_times_go_on_and_nobody_waits_long(kept):
    times = [0.0, *(at for at, _ in kept.said)]
    waits = [after - before for before, after in pairwise(times)]
    assert all(0 <= one <= 1.501 for one in waits)
    assert times[-1] <= 60
    assert read(kept.document()) == kept


def test_the_picture_is_the_recordings(kept):
    assert PICTURE.read_text() == picture(kept, SHOWN)
    ET.fromstring(PICTURE.read_text())
    assert "http://www.w3.org" in PICTURE.read_text()
    assert "url(http" not in PICTURE.read_text(), "something is fetched"


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("a\r\nb\r\n", ["a", "b", ""]),
        ("10 %\r20 %\r\n", ["20 %", ""]),
        ("one\r\ntwo\r\n\x1b[2A\r\x1b[2Kthree\r\n\x1b[2Kfour", ["three", "four", ""]),
        ("\x1b[?25l\x1b[1mbold\x1b[0m\x1b[?25h", ["\x1b[1mbold\x1b[0m"]),
    ],
)
def test_what_stands_on_a_screen_at_the_end(said, lines):
    assert screen(said) == lines


def test_what_rich_draws_over_and_over_stands_there_once():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=60, color_system=None)
    with Live(console=console, auto_refresh=False) as live:
        for step in range(3):
            console.print(f"log {step}")
            rows = "\n".join(f"row {row} at {step}" for row in range(step + 1))
            live.update(rows, refresh=True)
    shown = screen(out.getvalue().replace("\n", "\r\n"))
    assert shown == ["log 0", "log 1", "log 2", "row 0 at 2", "row 1 at 2", "row 2 at 2", ""]


def test_long_pauses_are_cut():
    assert hastened([(1, "a"), (9, "b"), (9.5, "c")], 2, 9) == ((1, "a"), (3, "b"), (3.5, "c"))


def test_what_takes_long_goes_faster_and_what_is_close_comes_at_once():
    said = [(2, "a"), (4, "b"), (4.1, "c"), (8, "d")]
    assert hastened(said, 9, 4) == ((1, "a"), (2, "bc"), (4, "d"))


def test_a_document_is_read_as_it_was_written():
    cast = Cast(80, 24, ((0.5, "\x1b[1mx\r\n"), (1.25, "ü")))
    assert read(cast.document()) == cast
