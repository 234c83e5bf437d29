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
      bash:  autodeploy completion bash > ~/.local/share/bash-completion/completions/autodeploy
      zsh:   echo 'source <(autodeploy completion zsh)' >> ~/.zshrc
      fish:  autodeploy completion fish > ~/.config/fish/completions/autodeploy.fish
    """  # noqa: D301
    from autodeploy.cli.main import COMPLETE, autodeploy

    made = SHELLS[shell](autodeploy, {}, "autodeploy", COMPLETE)
    # Not `source()`: that runs a bash of whatever version is there, and speaks of it.
    click.echo(made.source_template % made.source_vars())
