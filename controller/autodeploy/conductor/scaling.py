"""How many of each process `autodeploy scale` has said; the file's word counts for the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autodeploy.conductor.command import Command, Environment
from autodeploy.settings import SettingsFile, laid


def scaled(command: Command, environment: Environment) -> Mapping[str, int]:
    """By process: what this command says, else what still holds."""
    given: Mapping[str, int] | None = command.flags.get("scale")
    if given is not None:
        return given
    known = environment.store.application(command.name, command.settings.environment)
    return known.live.scaled if known and known.live else {}


def overruled(command: Command, said: Mapping[str, int], file: SettingsFile) -> Iterator[str]:
    """Where the file says another number, for people.

    Args:
        command: Names the application.
        said: What `scaled` gives.
        file: The repository's own settings.
    """
    where = command.settings.environment
    found = laid({"environment": where}, file, environ={})
    counts = found.values.get("scale")
    counts = counts if isinstance(counts, dict) else {}
    for name, number in said.items():
        if name in counts and counts[name] != number:
            yield (
                f"{name}: {number} of it, as `autodeploy scale` said, and not {counts[name]} as in "
                f"{found.origin(('scale', name))}: `autodeploy scale {command.name} -e {where} "
                f"{name}=` lets the file say it"
            )
