"""A look at hosts: whether they have what they were prepared with, and the release as it was built.

Changes nothing there: the roles run in check mode, and `artifact_check` only reads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard

from autodeploy.contracts import (
    BuildArtifact,
    DeploymentConfig,
    Difference,
    Host,
    InfrastructureSpec,
    Runtime,
)
from autodeploy.deployer.variables import prepare_variables
from autodeploy.errors import HostError
from autodeploy.journal import AgentLog, notebook
from autodeploy.journal.events import Heard, StepEnded
from autodeploy.journal.journal import Listener
from autodeploy.runner import Play, host_alias, pin, started, wait_for_ssh, write_inventory

PLAYBOOK, TAGS = "drift.yml", ("files", "prepare")
SITE, PREPARE = "site.yml", ("prepare",)
LOGIN_SECONDS = 20
Kind = Literal["missing", "changed", "surplus"]
SAID: dict[str, tuple[Kind, str]] = {
    "changed": ("changed", "is not as it was built"),
    "missing": ("missing", "is not there any more"),
    "extra": ("surplus", "was not built"),
}


def inspect(
    spec: InfrastructureSpec,
    artifact: BuildArtifact,
    running: DeploymentConfig,
    listener: Listener | None = None,
) -> tuple[Difference, ...]:
    """What is otherwise on the hosts than it was left.

    Args:
        spec: The hosts, and the ports that are open there.
        artifact: What was built.
        running: The release that is to have the traffic.
        listener: Hears what is looked at.
    """

    def files(there: InfrastructureSpec, facts: Mapping[str, Any]) -> Iterator[Difference]:
        for alias, name in _names(there).items():
            yield from _files(facts.get(alias, {}), name, running)

    variables = {**prepare_variables(spec, artifact.runtime), **_released(spec, artifact, running)}
    return _checked(spec, Look(PLAYBOOK, TAGS, variables, files), listener)


def foresee(
    spec: InfrastructureSpec, runtime: Runtime, listener: Listener | None = None
) -> tuple[Difference, ...]:
    """What preparing the hosts anew would change on them.

    Args:
        spec: The hosts, and the ports that are to be open there.
        runtime: What the application is to run with.
        listener: Hears what is looked at.
    """
    return _checked(spec, Look(SITE, PREPARE, prepare_variables(spec, runtime)), listener)


@dataclass(frozen=True)
class Look:
    """What is run in check mode.

    Attributes:
        playbook: Its path below `playbooks/`.
        tags: Only tasks with one of these.
        variables: The roles'.
        more: What else its modules' facts tell of the hosts.
    """

    playbook: str
    tags: tuple[str, ...]
    variables: Mapping[str, Any]
    more: Callable[[InfrastructureSpec, Mapping[str, Any]], Iterable[Difference]] = lambda *_: ()


def _checked(
    spec: InfrastructureSpec, look: Look, listener: Listener | None
) -> tuple[Difference, ...]:
    with tempfile.TemporaryDirectory(prefix="autodeploy-") as made:
        folder, heard = Path(made), list[Heard]()
        log = _notebook(spec, folder, heard, listener)
        errors = _logins(spec, folder, log)
        lost = [_lost(host.name, errors[host.name]) for host in spec.hosts if host.name in errors]
        reached = tuple(host for host in spec.hosts if host.name not in errors)
        if not reached:
            return tuple(lost)
        there = spec.model_copy(update={"hosts": reached})
        looked = _looked(there, look, folder, log)
        return (*lost, *looked, *_tasks(heard, _names(there)))


def unlisted(artifact: BuildArtifact) -> tuple[str, ...]:
    """The kinds of layers whose lists of files are no longer in the cache."""
    return tuple(layer.kind for layer in artifact.layers if not layer.listing.is_file())


def _notebook(
    spec: InfrastructureSpec, folder: Path, heard: list[Heard], listener: Listener | None
) -> AgentLog:
    """A log of what is looked at, which keeps it in `heard`."""

    def hear(event: Heard) -> None:
        heard.append(event)
        # In check mode "changed" is what would be: it is a difference, and said as one.
        if listener and not _would_change(event):
            listener(event)

    return notebook(spec, folder, "deployer", hear)


def _names(spec: InfrastructureSpec) -> dict[str, str]:
    """The hosts' logical names by those that Ansible has for them."""
    return {host_alias(spec, host): host.name for host in spec.hosts}


def _logins(spec: InfrastructureSpec, folder: Path, log: AgentLog) -> dict[str, HostError]:
    """Why hosts do not let us in, by name."""
    known_hosts = pin(spec.hosts, folder)

    def error(host: Host) -> HostError | None:
        try:
            wait_for_ssh(host, spec.ssh_key, known_hosts, log, LOGIN_SECONDS)
        except HostError as found:
            return found
        return None

    with ThreadPoolExecutor() as pool:
        found = zip(spec.hosts, pool.map(error, spec.hosts), strict=True)
        return {host.name: one for host, one in found if one}


def _looked(spec: InfrastructureSpec, look: Look, folder: Path, log: AgentLog) -> list[Difference]:
    """What its facts tell; and where the look at a host broke off, why."""
    inventory = write_inventory(
        spec, folder / "drift.json", pin(spec.hosts, folder), look.variables
    )
    play = Play(playbook=look.playbook, inventory=inventory, tags=look.tags, check=True)
    names, found = _names(spec), list[Difference]()
    with started(play, log, "deployer") as looking:
        try:
            looking.wait()
        except HostError as error:
            found.append(_lost(names.get(error.host or ""), error))
        found += look.more(spec, looking.facts)
    return found


def _released(
    spec: InfrastructureSpec, artifact: BuildArtifact, running: DeploymentConfig
) -> dict[str, Any]:
    layers = [
        {
            **layer.model_dump(mode="json", include={"kind", "digest", "links"}),
            **({"listing": str(layer.listing)} if layer.listing.is_file() else {}),
        }
        for layer in artifact.layers
    ]
    return {
        "artifact_application": spec.application,
        "artifact_release": running.release,
        "artifact_layers": layers,
    }


def _lost(host: str | None, error: HostError) -> Difference:
    return Difference(
        host=host,
        what=error.step or "the host",
        kind="unreachable",
        reason=tuple(filter(None, [error.message, error.cause])),
    )


def _would_change(event: Heard) -> TypeGuard[StepEnded]:
    return isinstance(event, StepEnded) and event.outcome == "changed"


def _tasks(heard: Iterable[Heard], names: Mapping[str, str]) -> Iterator[Difference]:
    """What tasks would change."""
    for event in heard:
        if _would_change(event):
            reason = tuple((event.detail or "would be done again").splitlines())
            yield Difference(
                host=names.get(event.host or ""), what=event.step, kind="changed", reason=reason
            )


def _files(
    reported: Mapping[str, Any], host: str, running: DeploymentConfig
) -> Iterator[Difference]:
    """What the module `artifact_check` has reported, and how much more there is."""
    current = reported.get("current", running.release)
    if current != running.release:
        why = f"is {current or 'no release'}, not {running.release}"
        yield Difference(host=host, what="current", kind="changed", reason=(why,))
    for found, paths in reported.get("files", {}).items():
        kind, reason = SAID[found]
        for path in paths["first"]:
            yield Difference(host=host, what=path, kind=kind, reason=(reason,))
        if more := paths["total"] - len(paths["first"]):
            yield Difference(host=host, what=f"{more} more", kind=kind, reason=(reason,))
