"""Whether a host will do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from autodeploy.contracts import IMAGES, PROCESSORS, Host
from autodeploy.provisioner.existing.problem import Problem
from autodeploy.provisioner.existing.seen import Seen
from autodeploy.provisioner.owner import Owner
from autodeploy.settings import Settings

SYSTEMS = "Give a host with Debian 12 or 13."
ARCH = "Say the hosts' processor with --arch, or give other hosts."
FREE = "One host serves one application: give another host, or free this one."


def unfit(
    seen: Seen, host: Host, owner: Owner, settings: Settings, ports: Collection[int]
) -> list[Problem]:
    """Why the application, whose clients reach these ports, cannot go to the host."""
    system, machine = seen.system or "no system that it names", PROCESSORS[settings.arch]
    asked = "image" in settings.model_fields_set and settings.image != seen.system
    found = [
        (seen.system not in IMAGES, f"it runs {system}", SYSTEMS),
        (
            seen.system in IMAGES and asked,
            f"it runs {system}, and the setting `image` says {settings.image}",
            "Leave `image` out: it is what the hosts run.",
        ),
        (seen.machine != machine, f"its processor is {seen.machine}, not {machine}", ARCH),
        ("python3" not in seen.has, "it has no /usr/bin/python3", "`apt install python3` there."),
        (
            "sudo" not in seen.has,
            f"{host.user} may not use sudo there without a password",
            "Allow it: `echo 'USER ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/USER`, or use root.",
        ),
        (
            seen.ssh_port != str(host.port),
            f"SSH listens there on port {seen.ssh_port}, which is forwarded",
            "Name an address at which the host's own ports are reached.",
        ),
    ]
    unable = [Problem(host, what, remedy) for wrong, what, remedy in found if wrong]
    return unable + [Problem(host, what, FREE) for what in _in_the_way(seen, owner, ports)]


def of_one_image(looked: Sequence[tuple[Host, Seen]]) -> list[Problem]:
    """Why one artifact cannot be built for all hosts."""
    (first, model), *others = looked
    return [
        Problem(
            host,
            f"it runs {seen.system}, and {first.address} runs {model.system}",
            "Give hosts that run the same.",
        )
        for host, seen in others
        if seen.system != model.system
    ]


def claim_of(owner: Owner) -> str:
    """What a host that serves the owner says: the role `claim` writes it."""
    return f"{owner.application} {owner.environment}"


def closing(seen: Seen, host: Host, owner: Owner, ports: Collection[int]) -> list[int]:
    """Ports that others reach now and that the firewall will close: none once it is ours."""
    if seen.claim == claim_of(owner):
        return []
    return sorted(seen.open_ports - {host.port, *ports})


def _in_the_way(seen: Seen, owner: Owner, ports: Collection[int]) -> list[str]:
    if seen.claim == claim_of(owner):
        return []
    if seen.claim is not None:
        name, _, environment = seen.claim.partition(" ")
        whose = f"{name} ({environment})" if environment else "another application"
        return [f"it serves {whose} already"]
    taken = [f"{one} is there already" for one in seen.taken]
    wanted = sorted(seen.ports & set(ports))
    return [*taken, *(f"something listens on port {one} already" for one in wanted)]
