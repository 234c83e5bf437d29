"""Questions before what cannot be taken back."""

from __future__ import annotations

import sys

import click
import pytest
from click.testing import CliRunner

from autodeploy.cli import options


@click.command()
def act():
    sys.stdin.isatty = lambda: True
    options.confirm("Remove it?", yes=False)
    click.echo("removed")


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_who_does_not_agree_hears_that_nothing_was_changed(typed):
    done = CliRunner().invoke(act, input=typed, standalone_mode=True)
    assert done.stderr.splitlines()[1] == "nothing was changed"
    assert (done.exit_code, "removed" in done.stdout) == (1, False)


def test_who_agrees_is_asked_once():
    assert CliRunner().invoke(act, input="y\n").stdout.endswith("removed\n")
