"""The first stretch of every road: from an address to a stack and all settings."""

from __future__ import annotations

from autodeploy import recon
from autodeploy.conductor.command import Command, Environment
from autodeploy.contracts import Source, TechStack
from autodeploy.errors import StackUnknown
from autodeploy.recon import Talk
from autodeploy.settings import Settings, load


def read(
    command: Command, environment: Environment, talk: Talk
) -> tuple[Source, TechStack, Settings]:
    """Clone, read the repository's settings, detect; what the settings say wins.

    Raises:
        ReconError: There is nothing there, or nothing that is recognised.
        UsageError: The repository's settings are not valid.
    """
    clones = environment.cache / "clones" / command.name
    source = recon.clone(
        command.repository or "", ref=command.ref, path=command.path, folder=clones, log=talk
    )
    settings = load(command.flags, source.checkout)
    stack = settings.over(recon.detect(source))
    if stack.language is None:
        raise _unknown(source, stack)
    return source, stack, settings


def _unknown(source: Source, stack: TechStack) -> StackUnknown:
    folders = [one.value for one in stack.evidence if one.fact == "path"]
    hint = f"Choose one with --path: {', '.join(folders)}." if folders else None
    return StackUnknown(f"no stack is recognised in {source.url}", step="detect", remediation=hint)
