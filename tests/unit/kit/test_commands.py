"""docs/commands.md is of the command line that there is, and its examples are of commands of it."""

from __future__ import annotations

import shlex

import click
import pytest

from autodeploy.cli.main import autodeploy
from commands import PAGE, commands, examples, ours, page


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "PYTHONPATH=tests/kit python tests/kit/commands.py writes it"


def test_every_command_is_in_it():
    paths = {context.command_path for context in commands()}
    assert {"autodeploy deploy", "autodeploy lab up", "autodeploy secrets set"} < paths
    assert len(paths) > 60


@pytest.mark.parametrize("typed", [one["run"] for one in examples()])
def test_what_was_typed_can_be(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    words = shlex.split(ours(typed))[1:]
    command, context = autodeploy, click.Context(autodeploy, info_name="autodeploy")
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    command.make_context(name, words, parent=context.parent)


def test_what_was_printed_names_no_place_of_a_machine_nor_a_secret():
    for one in examples():
        for word in ("/root", "/work", "/tmp", "s3cret"):
            assert word not in one["prints"]
