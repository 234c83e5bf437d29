"""Units of a release: input file → expected files, and systemd's quoting."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

CASES = Path(__file__).parent / "cases"
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def units():
    from ansible.module_utils import service_units

    return service_units


@pytest.mark.parametrize("case", sorted(one.name for one in (CASES / "service").iterdir()))
def test_units_of_a_release(units, case):
    folder = CASES / "service" / case
    params = json.loads((folder / "params.json").read_text())
    expected = {one.name: one.read_text() for one in folder.iterdir() if one.suffix != ".json"}
    assert units.units(params) == expected


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("plain", '"plain"'),
        ("", '""'),
        ('a "b" c', '"a \\"b\\" c"'),
        ("it's", '"it\'s"'),
        ("$PORT", '"$PORT"'),
        ("100%", '"100%%"'),
        ("%h %%", '"%%h %%%%"'),
        ("a\\nb", '"a\\\\nb"'),
        ("a\nb\tc\r", '"a\\nb\\tc\\r"'),
        ("\x1b[0m\x7f", '"\\x1b[0m\\x7f"'),
        ("żółw", '"żółw"'),
        (";", '";"'),
    ],
)
def test_quoting(units, word, quoted):
    assert units.quote(word) == quoted


def as_systemd_reads(text):
    """One quoted word: `extract_first_word` with C escapes, then specifiers."""
    assert text[0] == text[-1] == '"'
    plain = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
    escaped = r'\\(?:x([0-9a-f]{2})|([ntr"\\]))|([^"\\])'
    parts = re.findall(escaped, text[1:-1], re.DOTALL)
    unescaped = "".join(chr(int(a, 16)) if a else plain[b] if b else c for a, b, c in parts)
    assert not re.search("%[^%]", unescaped.replace("%%", ""))
    return unescaped.replace("%%", "%")


@given(TEXTS)
def test_every_word_is_read_unchanged_and_stays_on_its_line(units, word):
    quoted = units.quote(word)
    assert as_systemd_reads(quoted) == word
    assert "\n" not in quoted


@pytest.mark.parametrize(
    ("command", "simple"),
    [
        ("gunicorn --bind 0.0.0.0:$PORT shop.wsgi", True),
        (".venv/bin/celery -A shop worker", True),
        ("./server -port=$PORT", True),
        ("node server.js", True),
        ("python -c 'print(1)'", False),
        ("cd web && node server.js", False),
        ("A=1 node server.js", False),
        ("node a.js; node b.js", False),
        ("node a.js | tee log", False),
        ("node a.js > log", False),
        ("exec node a.js", False),
        ("cd /", False),
        (". ./env", False),
        ("$SERVER run", False),
        ("if true", False),
        (" node a.js", False),
        ("node a.js\nnode b.js", False),
        ("./a\n./b", False),
        ("", False),
    ],
)
def test_simple_commands_are_those_that_can_replace_the_shell(units, command, simple):
    assert units.is_simple(command) is simple


@pytest.mark.parametrize(
    "command",
    [
        "echo a",
        "printf '%s' \"$X y\"",
        "env printf '%s|' a \"b c\" $X",
        "X=2; echo $X",
        "true && echo b",
    ],
)
def test_a_command_does_the_same_with_and_without_its_wrapping(units, command):
    words, _mode = units.shell_of(command)
    wrapped = ["/bin/sh", "-c", as_systemd_reads(words[2])]
    both = [
        subprocess.run(
            one, env={"X": "1 2", "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
        )
        for one in (["/bin/sh", "-c", command], wrapped)
    ]
    assert both[0].stdout == both[1].stdout


def test_who_gets_the_stop_signal(units):
    modes = {one: units.shell_of(one)[1] for one in ("gunicorn a", "npm start", "cd a && b")}
    assert modes == {
        "gunicorn a": "mixed",
        "npm start": "control-group",
        "cd a && b": "control-group",
    }


def test_the_owner_of_a_unit(units):
    text = units.TARGET.format(application="shop", release="r1", wants="")
    assert units.owner(text) == ("shop", "r1")
    assert units.owner("[Unit]\nDescription=Application=shop\n") is None


def test_no_process_name_can_take_the_name_of_our_own_units(units):
    assert units.process_name("shop", "command", "r1") != units.command_name("shop", "r1")
    assert units.process_name("shop", "drain", "r1") != units.drain_name("shop", "r1")
