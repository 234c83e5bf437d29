"""`logs`: what an application's processes have said, on all of its hosts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from operator import attrgetter

from autodeploy import deployer
from autodeploy.conductor.access import access, hosts_of
from autodeploy.conductor.command import Environment
from autodeploy.contracts import ApplicationState, Host
from autodeploy.runner import login_key, pin, stream


@contextmanager
def logs(
    known: ApplicationState,
    query: deployer.LogQuery,
    host: str | None,
    environment: Environment,
    failed: Callable[[Exception], None],
) -> Iterator[Iterator[deployer.LogLine]]:
    """The lines that are asked for, of all hosts in the order of time, while the `with` lasts.

    Args:
        known: The application.
        query: What is asked for.
        host: One host's name; None for all.
        environment: Where the Conductor works.
        failed: Told of a host that could not be read; the others go on.

    Raises:
        NotDeployed: It has no host, or none of this name.
        CloudError: AWS refused to let SSH in.
    """
    hosts = hosts_of(known, host)
    folder = environment.store.application_folder(known.application, known.environment)
    key, known_hosts = login_key(folder), pin(known.hosts, folder)
    merge = deployer.as_it_comes if query.follow else deployer.in_order
    with access(known, environment), ExitStack() as streams:
        read = [
            _parsed(
                query,
                one,
                streams.enter_context(
                    stream(one, key, known_hosts, query.command(sudo=one.user != "root"))
                ),
            )
            for one in hosts
        ]
        lines = merge(read, attrgetter("time"), failed)
        is_cut = query.lines is not None and not query.follow
        yield iter(deque(lines, maxlen=query.lines)) if is_cut else lines


def _parsed(
    query: deployer.LogQuery, host: Host, lines: Iterable[str]
) -> Iterator[deployer.LogLine]:
    for one in lines:
        if line := query.parse(host.name, one):
            yield line
