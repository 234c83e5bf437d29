"""A group of commands that guesses which was meant."""

from __future__ import annotations

import click


class Guessing(click.Group):
    """As click's; of a name that is no command's, the nearest is named."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click."""
        name, known = args[0], self.list_commands(context)
        if name not in known and not name.startswith("-"):
            from autodeploy.settings.file import nearest

            hint = nearest(name, known) or f"`{context.command_path} --help` lists all."
            context.fail(f"No such command {name!r}. {hint}")
        return super().resolve_command(context, args)
