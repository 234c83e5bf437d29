"""Command lines of ours, as people type them into a shell, read by our own parser."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import groupby

import click

from autodeploy.cli.main import autodeploy

OPERATORS = set("();<>|&")


def ours(typed: str) -> list[list[str]]:
    """The words of each command of ours in a line for a shell: what stands between its operators.

    A line may go on after a backslash.
    """
    lexer = shlex.shlex(typed.replace("\\\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    parts = [list(words) for _operator, words in groupby(lexer, lambda one: set(one) <= OPERATORS)]
    return [words for words in parts if words[0] == autodeploy.name]


def parsed(
    words: Sequence[str],
    command: click.Command = autodeploy,
    above: click.Context | None = None,
) -> click.Context:
    """What our parser makes of a command's words; nothing is carried out.

    Args:
        words: Its name, then what follows it.
        command: Whose name that is.
        above: The group that it belongs to.

    Raises:
        click.UsageError: There is no such command, option or argument.
    """
    name, *rest = words
    context = command.make_context(name, list(rest), parent=above)
    if isinstance(command, click.Group):
        _options, below, _order = command.make_parser(context).parse_args(list(rest))
        if below:
            _name, found, _rest = command.resolve_command(context, below)
            assert found is not None
            return parsed(below, found, context)
    return context
