"""Where the SSH connection comes from that works on the host."""

from __future__ import annotations

import ipaddress

from ansible.module_utils.hardening_host import read


def controller(pid, proc="/proc"):
    """The address that the SSH connection of a process comes from; None where it has none.

    The login's shell was told it by sshd; sudo tells those that it runs nothing of it.
    """
    while pid > 1:
        stat = read(f"{proc}/{pid}/stat") or "? (sshd) ?"
        name, rest = stat.split("(", 1)[1].rsplit(")", 1)
        if name.startswith("sshd"):
            return None
        for one in (read(f"{proc}/{pid}/environ") or "").split("\0"):
            key, _equals, value = one.partition("=")
            if key == "SSH_CONNECTION":
                return address(value.partition(" ")[0])
        pid = int(rest.split()[1])
    return None


def address(text):
    """An address as others' settings take it; None where it is none, or one of a link alone."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else str(found)
