"""Variables in systemd's EnvironmentFile syntax, against a reader written from its manual."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekit import together

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def module():
    folder = "environment/module_utils"
    return together(f"{folder}/environment_text.py", f"{folder}/environment_release.py")


def as_systemd_reads(text):
    """What `parse_env_file` of systemd's env-file.c makes of NAME="..." lines."""
    found = {}
    while text:
        line = re.match(r'(\w+)="((?:\\.|[^"\\])*)"\n', text, re.DOTALL)
        assert line, text
        name, quoted = line.groups()
        found[name] = re.sub(r"\\(.)", unescaped, quoted, flags=re.DOTALL)
        text = text[line.end() :]
    return found


def unescaped(match):
    """Four characters lose their backslash, a line break goes with it, all others keep it."""
    one = match.group(1)
    if one == "\n":
        return ""
    return one if one in '"\\`$' else match.group()


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain", 'A="plain"\n'),
        ("", 'A=""\n'),
        ("two words ", 'A="two words "\n'),
        ('say "hi"', 'A="say \\"hi\\""\n'),
        ("it's", 'A="it\'s"\n'),
        ("C:\\new", 'A="C:\\\\new"\n'),
        ("$HOME `id` %h", 'A="\\$HOME \\`id\\` %h"\n'),
        ("#not a comment", 'A="#not a comment"\n'),
        ("line 1\nline 2", 'A="line 1\nline 2"\n'),
        ("ends in \\", 'A="ends in \\\\"\n'),
        ("zażółć 🦆", 'A="zażółć 🦆"\n'),
    ],
)
def test_quoting(module, value, line):
    assert module.render({"A": value}) == line


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_whatever_is_written_is_read_unchanged(module, variables):
    assert as_systemd_reads(module.render(variables)) == variables


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_a_file_holds_can_be_kept(module, variables):
    assert module.parse(module.render(variables)) == variables


def test_a_secret_without_a_value_keeps_the_one_that_is_there(module):
    present = {"URL": "old", "GONE": "old"}
    assert module.complete({"URL": None, "KEY": "new"}, present) == {"URL": "old", "KEY": "new"}


def test_a_secret_that_is_nowhere_is_a_problem(module):
    (value,) = module.complete({"URL": None}, {}).values()
    assert module.problem("URL", value).startswith("URL has no value")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("1A", "canary", "no name of a variable"),
        ("A-B", "canary", "no name of a variable"),
        ("A=B", "canary", "no name of a variable"),
        ("A\n", "canary", "no name of a variable"),
        ("", "canary", "no name of a variable"),
        ("A", "canary\0", "NUL"),
        ("A", "canary\ufdd0", "no character"),
        ("A", "canary\U0002ffff", "no character"),
        ("A", 7, "not text"),
        ("A", None, "no value"),
        ("A", "canary" * 30000, "longer"),
        ("A", "canary\ud800", "Unicode"),
    ],
)
def test_what_no_process_can_have_is_refused_without_its_value(module, name, value, said):
    problem = module.problem(name, value)
    assert said in problem
    assert "canary" not in problem


def test_the_longest_value_is_accepted(module):
    assert module.problem("A", "x" * (128 * 1024 - 3)) is None


def test_the_file_is_private_from_the_start(module, tmp_path):
    path = tmp_path / "r1.env"
    module.write(str(path), "A=1\r\n")
    assert path.read_bytes() == b"A=1\r\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["r1.env"]


def test_files_of_releases_that_are_gone_are_stale(module, tmp_path):
    (tmp_path / "environment").mkdir()
    (tmp_path / "releases/r2").mkdir(parents=True)
    for name in ("r1.env", "r2.env", "r3.env", "other"):
        (tmp_path / "environment" / name).touch()
    assert module.stale(str(tmp_path), "r3") == [f"{tmp_path}/environment/r1.env"]
