"""The first stretch of every road: from an address to a stack and all settings."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Set
from typing import Any

from autodeploy import compiler, recon
from autodeploy.conductor.again import ONCE
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.scaling import overruled, scaled
from autodeploy.conductor.sharing import in_shared_network
from autodeploy.contracts import DeploymentState, Source, TechStack
from autodeploy.errors import SeveralApplications, StackUnknown, UsageError
from autodeploy.paths import private_folder
from autodeploy.recon import Talk
from autodeploy.settings import (
    DATABASE_URL,
    REDIS_URL,
    Layer,
    Merged,
    Settings,
    doubtful,
    from_repository,
    laid,
    validated,
)
from autodeploy.settings.file import nearest


def read(
    command: Command, environment: Environment, talk: Talk
) -> tuple[Source, TechStack, Settings]:
    """Clone, read the repository's settings, detect; what the settings say wins.

    Raises:
        ReconError: There is nothing there, or nothing that is recognised, or several.
        UsageError: The repository's settings are not valid.
    """
    source, said, found = look(command, environment, talk)
    settings = validated(said)
    stack = settings.over(found)
    for path in stack.unreadable:
        talk.warning(f"{path} cannot be parsed: nothing in it counts")
    for finding in stack.findings:
        talk.warning(finding)
    if stack.language is None:
        raise _unknown(source, stack)
    if stack.members and not (stack.processes or stack.output):
        raise _several(source, stack)
    if stack.processes and not any(settings.scale.get(name, 1) for name in stack.processes):
        raise UsageError(
            f"scale: nothing of {command.name} would run",
            remediation="Let one process run, or `autodeploy destroy` it.",
        )
    settings = in_shared_network(settings, command, environment)
    settings = _on_fitting_image(stack, settings, talk)
    secrets = {*settings.secrets, *_secrets(command, environment)}
    settings = with_what_it_brings(settings, secrets)
    _warn_of_variables(stack, settings, secrets, talk)
    counts, file = scaled(command, environment), from_repository(source.checkout)
    for line in (*_without_process(stack, settings), *overruled(command, counts, file)):
        talk.warning(line)
    if settings.domain and not (settings.balanced(stack) or settings.ends_tls(stack)):
        talk.warning(
            f"{settings.domain}: HTTPS is for an application that answers HTTP, on one host or "
            "behind a load balancer (--load-balancer)"
        )
    for name in settings.jobs.keys() & stack.processes.keys():
        raise UsageError(
            f"cron/{name}: a process has this name", remediation="Give the job another one."
        )
    whole, stack = recon.from_its_workspace(source, stack)
    return whole, stack, _from_the_workspace(settings, source, whole)


def _from_the_workspace(settings: Settings, member: Source, whole: Source) -> Settings:
    """The settings, with jobs that run in the member's folder as its processes do."""
    folder = member.path.removeprefix(whole.path).strip("/")
    if not folder:
        return settings
    jobs = {
        name: one.model_copy(update={"command": f"cd {shlex.quote(folder)} && {one.command}"})
        for name, one in settings.jobs.items()
    }
    return settings.model_copy(update={"cron": jobs})


def with_what_it_brings(settings: Settings, secrets: Set[str]) -> Settings:
    """The settings of an application that brings its own database or Redis where a secret says so.

    That is as where `env` says it.
    """
    named = (("database", DATABASE_URL), ("cache", REDIS_URL))
    own = {name for name, url in named if getattr(settings, name) is None and url in secrets}
    return settings.model_copy(update=dict.fromkeys(own, False))


def look(
    command: Command, environment: Environment, talk: Talk
) -> tuple[Source, Merged, TechStack]:
    """Clone; what each place says of the settings, unchecked; what Recon finds.

    Raises:
        ReconError: There is nothing there.
        UsageError: The repository's file is not one of settings.
    """
    clones = private_folder(environment.cache / "clones") / command.name
    source = recon.clone(
        command.repository or "", ref=command.ref, path=command.path, folder=clones, log=talk
    )
    file = from_repository(source.checkout)
    own = recon.said_of_itself(source)
    found = Layer(own.values, lambda keys: f"detected: {own.place(keys)}")
    flags = {**command.flags, "scale": scaled(command, environment) or None}
    said = laid(flags, file, command.environ, remembered(command, environment), found)
    return source, said, recon.detect(source)


def remembered(command: Command, environment: Environment) -> dict[str, Any]:
    """What holds though nobody says it again.

    That is what its hosts are made from, so that no other default ever replaces them, and what
    earlier command lines have said. Of hosts that exist it is how long they are wanted, and the
    domain: browsers come back by HTTPS for years. That hosts are not hardened is no such thing:
    who does not say so again has them hardened.
    """
    known = environment.store.application(command.name, command.settings.environment)
    if command.settings.target == "ssh":
        return _remembered_there(known.live) if known and known.live else {}
    if known is None:
        return {}
    flags = {name: one for name, one in known.flags.items() if name != ONCE}
    return {**known.host_settings, **flags}


def _remembered_there(live: DeploymentState) -> dict[str, Any]:
    return {name: live.settings[name] for name in ("domain", "ttl") if live.settings.get(name)}


def _secrets(command: Command, environment: Environment) -> Iterable[str]:
    """The names of those that are set."""
    known = environment.store.application(command.name, command.settings.environment)
    return known.secrets.names if known and known.secrets else ()


def _on_fitting_image(stack: TechStack, settings: Settings, talk: Talk) -> Settings:
    """The settings, with the image that has the runtime, where nobody said which."""
    image = compiler.fitting_image(stack, settings)
    if image == settings.image:
        return settings
    asked = stack.runtime_version
    where = asked.source or "the repository"
    talk.info(f"image {image}: {where} asks for {stack.language} {asked.declared}, which it has")
    return settings.model_copy(update={"image": image})


def _warn_of_variables(stack: TechStack, settings: Settings, secrets: Set[str], talk: Talk) -> None:
    """Say which variables the application cannot do without and nobody gives."""
    made = {DATABASE_URL: settings.engine(stack), REDIS_URL: settings.has_cache(stack)}
    given = {*settings.env, *secrets, *(name for name, is_made in made.items() if is_made)}
    wanting = [one.name for one in stack.variables if one.required and one.name not in given]
    for said in doubtful({*settings.env, *secrets}):
        talk.warning(said)
    for name in sorted(settings.env.keys() & secrets):
        talk.warning(f"{name}: it is a secret too, whose value counts, and not that of `env`")
    if wanting:
        talk.warning(f"the application needs variables that have no value: {', '.join(wanting)}")


def _without_process(stack: TechStack, settings: Settings) -> Iterator[str]:
    """What `scale` says of processes that there are not: another commit may have had them."""
    for name in settings.scale.keys() - {"web", *stack.processes}:
        hint = nearest(name, stack.processes) or f"There are {', '.join(stack.processes)}."
        yield f"scale/{name}: there is no process {name}, so it counts for nothing. {hint}"


def _unknown(source: Source, stack: TechStack) -> StackUnknown:
    hint = _choice(stack) if stack.members else None
    return StackUnknown(f"no stack is recognised in {source.url}", step="detect", remediation=hint)


def _several(source: Source, stack: TechStack) -> SeveralApplications:
    listed = (
        f"{one.path} ({one.language}{f', {one.framework}' if one.framework else ''})"
        for one in stack.members
    )
    return SeveralApplications(
        f"{source.url} holds several applications: {', '.join(listed)}",
        step="detect",
        remediation=_choice(stack),
    )


def _choice(stack: TechStack) -> str:
    return f"Choose one with --path: {', '.join(one.path for one in stack.members)}."
