"""`--help` of each command shows how it is typed, and our own parser takes that."""

from __future__ import annotations

import click
import pytest

from commandline import ours, parsed
from commands import commands

FILES = ("shop.plan", "shop.dump", "policy.json")
"""What examples name that has to be there."""


def examples(context):
    """What stands below `Examples:` in a command's help."""
    _before, _head, after = context.get_help().partition("  Examples:\n")
    block, _blank, _options = after.partition("\n\n")
    return block.replace("\\\n", "").splitlines()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an application."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    for name in ("autodeploy.yml", *FILES):
        (tmp_path / name).touch()


@pytest.mark.parametrize("context", list(commands()), ids=lambda one: one.command_path)
def test_help_has_examples_that_can_be_typed(here, context):
    shown = examples(context)
    assert 1 <= len(shown) <= 3
    assert any(one.strip().startswith("autodeploy ") for one in shown)
    found = [words for one in shown for words in ours(one)]
    assert len(found) == len(shown), "each line is of ours, and has stayed a line"
    paths = {parsed(words).command_path for words in found}
    assert any(f"{one} ".startswith(f"{context.command_path} ") for one in paths)


@pytest.mark.parametrize(
    "typed",
    [
        "autodeploy deplyo .",
        "autodeploy db bakup shop",
        "autodeploy deploy . --no-such-option",
        "autodeploy destroy",
        "autodeploy status one two",
        "autodeploy lab fault ec2:RunInstances no-such-kind",
    ],
)
def test_what_cannot_be_typed_is_not_taken(here, typed):
    (words,) = ours(typed)
    with pytest.raises(click.UsageError):
        parsed(words)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("pass show x | autodeploy env shop", [["autodeploy", "env", "shop"]]),
        ("autodeploy sbom shop > a.json", [["autodeploy", "sbom", "shop"]]),
        ("source <(autodeploy completion zsh)  # here", [["autodeploy", "completion", "zsh"]]),
        ("autodeploy ssh shop -- 'a; b|c'", [["autodeploy", "ssh", "shop", "--", "a; b|c"]]),
        ("autodeploy plan \\\n  . && autodeploy", [["autodeploy", "plan", "."], ["autodeploy"]]),
        ("echo autodeploy status", []),
    ],
)  # fmt: skip
def test_ours_of_a_line(typed, found):
    assert ours(typed) == found
