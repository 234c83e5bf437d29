"""Builds on a host, where this machine cannot build for it.

The same builder runs with another shell (`hostshell.py`), as an unprivileged user in transient
units. The result is the same kind of artifact, in the same cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from autodeploy.contracts import BuildRequest, InfrastructureSpec
from autodeploy.journal import AgentLog
from autodeploy.runner import Place, Play, pin, run, write_inventory

PLAYBOOK = "build.yml"


class NeedsHost(Exception):
    """This machine cannot build it for the host; carries the request."""

    def __init__(self, reason: str, packages: Sequence[str]) -> None:
        super().__init__(reason)
        self.request = BuildRequest(reason=reason, packages=tuple(sorted(set(packages))))


@contextmanager
def have_place(
    request: BuildRequest, spec: InfrastructureSpec, folder: Path, log: AgentLog
) -> Iterator[tuple[Place, list[str]]]:
    """A place on the first host, with the request's packages; both are gone at the end.

    Args:
        request: What is needed.
        spec: The hosts.
        folder: The application's private folder.
        log: The Compiler's log.

    Yields:
        The place, and a list: the packages that it is told of stay on the host.
    """
    first = spec.model_copy(update={"hosts": spec.hosts[:1]})
    known_hosts = pin(spec.hosts, folder)
    keep: list[str] = []

    def play(tag: str) -> None:
        variables = {
            "build_application": spec.application,
            "build_packages": list(request.packages),
            "build_keep": keep,
        }
        inventory = write_inventory(first, folder / "build.json", known_hosts, variables)
        run(Play(playbook=PLAYBOOK, inventory=inventory, tags=(tag,)), log, "compiler")

    try:
        play("prepare")
        yield Place(spec.hosts[0], spec.ssh_key, known_hosts, spec.application), keep
    finally:
        play("remove")
