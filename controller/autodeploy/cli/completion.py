"""`autodeploy completion`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(*, shell: str) -> None:
    """Print what lets SHELL complete commands, options, applications and environments.

    \b
    Examples:
      autodeploy completion bash > ~/.local/share/bash-completion/completions/autodeploy
      autodeploy completion fish > ~/.config/fish/completions/autodeploy.fish
      source <(autodeploy completion zsh)  # in ~/.zshrc
    """
    from autodeploy.cli.main import COMPLETE, autodeploy

    made = SHELLS[shell](autodeploy, {}, "autodeploy", COMPLETE)
    # Not `source()`: that runs a bash of whatever version is there, and speaks of it.
    click.echo(made.source_template % made.source_vars())
