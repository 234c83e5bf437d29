"""Hosts that exist: nothing is made, so all that there is to do is to look whether they will do.

trust   which host keys may be believed: the user's known_hosts, and what was pinned before
look    one login a host, which reads and changes nothing
seen    what the host said, and what speaks against it: pure
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.errors import HostsUnfit
from autodeploy.provisioner.existing.look import Found, Problem, look
from autodeploy.provisioner.existing.seen import closing
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings

STEP = "look at the hosts"


class Talk(Protocol):
    """Where it is said what people should know."""

    def warning(self, message: str) -> None:
        """Say something that people should act on."""


def find_hosts(
    settings: Settings, owner: Owner, pinned: Sequence[Host], talk: Talk
) -> InfrastructureSpec:
    """The hosts that the settings name, each seen and found fit. Changes nothing there.

    Args:
        settings: The addresses, and what is asked of the hosts.
        owner: Whose the hosts are to be.
        pinned: Hosts whose keys were pinned before.
        talk: Hears what the application will close.

    Raises:
        HostsUnfit: Some of them will not do; names all of these.
    """
    hosts = [_named(number, address) for number, address in enumerate(settings.addresses, 1)]
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        looked = list(pool.map(lambda host: look(host, settings, owner, pinned), hosts))
    problems = [problem for one in looked for problem in one.problems]
    problems = problems or _of_one_image([one for one in looked if one.seen])
    if problems:
        raise _unfit(problems, len(hosts))
    for one in looked:
        ports = closing(one.seen, one.host, owner) if one.seen else []
        if ports:
            talk.warning(
                f"{one.host.address}: the firewall will let in SSH and port 80 alone; "
                f"something listens on {', '.join(map(str, ports))} too"
            )
    return InfrastructureSpec(
        application=owner.application,
        environment=owner.environment,
        target=settings.target,
        image=looked[0].image,
        hosts=tuple(one.host for one in looked),
        ssh_key=settings.ssh_key,
    )


def _named(number: int, address: str) -> Host:
    """The host at `user@address[:port]`; its key is not known yet."""
    user, _, place = address.partition("@")
    name, _, port = place.partition(":")
    return Host(name=f"host-{number}", address=name, user=user, port=int(port or 22), host_key="")


def _of_one_image(looked: Iterable[Found]) -> list[Problem]:
    """One artifact is built for all, so all must run the same system."""
    first, *others = looked
    return [
        Problem(
            one.host,
            f"it runs {one.image}, and {first.host.address} runs {first.image}",
            "Give hosts that run the same.",
        )
        for one in others
        if one.image != first.image
    ]


def _unfit(problems: Sequence[Problem], all_hosts: int) -> HostsUnfit:
    bad = list(dict.fromkeys(one.host.name for one in problems))
    return HostsUnfit(
        f"{len(bad)} of {all_hosts} hosts cannot be used",
        cause="\n".join(f"{_shown(one.host)}: {one.what}" for one in problems),
        step=STEP,
        host=bad[0] if len(bad) == 1 else None,
        remediation=" ".join(dict.fromkeys(one.remedy for one in problems)),
    )


def _shown(host: Host) -> str:
    port = "" if host.port == 22 else f":{host.port}"
    return f"{host.user}@{host.address}{port}"
