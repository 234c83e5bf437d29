"""What a repository says is printed, and never obeyed by the terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from autodeploy.cli import output
from autodeploy.cli.analyze import analyze
from autodeploy.printable import printable
from recon_git import repository


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: é 日 \U0001f600", "plain: é 日 \U0001f600"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("\x1b[2J", "\ufffd[2J"),
        ("right\u202eleft", "right\ufffdleft"),
        ("half \ud800", "half \ufffd"),
        ("two\nlines\tand a tab\r", "two\nlines\tand a tab\ufffd"),
    ],
)
def test_printable(text, shown):
    assert printable(text) == shown


def test_talk_keeps_its_colours_and_no_others(capsys):
    output.say("\x1b[31mred\x1b[0m \x1b]0;x\x07", bold=True)
    assert capsys.readouterr().err == "red \ufffd]0;x\ufffd\n"


def test_the_page_of_a_hostile_repository(tmp_path, home):
    files = {
        "package.json": '{"scripts": {"start": "node \\ud800 x"}}',
        "Procfile": "web: x \x1b]0;owned\x07\x1b[2J\nworker: \x1b[31m",
    }
    page = CliRunner().invoke(analyze, [str(repository(tmp_path / "x", files))])
    assert page.exit_code == 0
    assert "\x1b" not in page.stdout
