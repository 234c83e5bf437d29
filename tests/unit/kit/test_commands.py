"""docs/commands.md is of the command line that there is, and its examples are of commands of it."""

from __future__ import annotations

import click
import pytest

from commandline import ours, parsed
from commands import APPLICATIONS, PAGE, commands, examples, page, shows


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "PYTHONPATH=tests/kit python tests/kit/commands.py writes it"


def test_every_command_is_in_it():
    paths = {context.command_path for context in commands()}
    assert {"autodeploy deploy", "autodeploy lab up", "autodeploy secrets set"} < paths
    assert len(paths) > 60


def test_every_command_shows_what_it_prints_or_says_why_not():
    bare = [
        context.command_path
        for context in commands()
        if not isinstance(context.command, click.Group)
        and not any(shows(one, context.command_path) for one in examples())
    ]
    assert bare == [], "docs/commands.yml has none"


@pytest.mark.parametrize("typed", [one["run"] for one in examples()])
def test_what_was_typed_can_be(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in APPLICATIONS:
        (tmp_path / name).mkdir()
    (tmp_path / "guests.dump").touch()
    (words,) = ours(typed)
    parsed(words)


def test_what_was_printed_names_no_place_of_a_machine_nor_a_secret():
    for one in examples():
        for word in ("/root", "/work/", "/tmp", "s3cret"):
            assert word not in one.get("prints", "")
