"""Which firewall a host has."""

from __future__ import annotations

import os
import shlex

from ansible.module_utils.firewall_firewalld import Firewalld
from ansible.module_utils.firewall_others import others
from ansible.module_utils.firewall_ufw import Ufw

BACKENDS = {"ufw": Ufw, "firewalld": Firewalld}


class TwoFirewalls(Exception):
    """Another firewall than the one that was asked for is at work."""


def asker(module):
    """Runs a command and gives its output, or ends the module."""

    def ask(*command):
        environment = {"LC_ALL": "C"}
        code, out, err = module.run_command(list(command), environ_update=environment)
        if code:
            module.fail_json(msg=f"`{shlex.join(command)}` failed: {(err or out).strip()}")
        return out

    return ask


def lacking(host):
    """The packages that a firewall needs and the host has not."""
    return [name for name, program in host.packages if not os.path.exists(program)]


def alone(name, found):
    """Raise TwoFirewalls where other rules than a firewall's own close ports."""
    if found:
        raise TwoFirewalls(
            f"{' and '.join(found)} is at work on this host besides {name}: what one lets in the"
            " other closes, and a change of one may end the other's. Take its rules away, or"
            " deploy to another host"
        )


def chosen(wanted, present, active):
    """The firewall to use: the one that is at work, else one that is there, else UFW.

    Args:
        wanted: Its name, or `auto`.
        present: Names of those that are installed.
        active: Names of those that are at work.

    Raises:
        TwoFirewalls: Another one is at work.
    """
    name = wanted if wanted != "auto" else next(iter([*active, *present, "ufw"]))
    besides = [one for one in active if one != name]
    if besides:
        raise TwoFirewalls(
            f"{' and '.join(besides)} is at work on this host and {name} was to be: two firewalls"
            " close each other's ports. Stop one of them, or set firewall_backend to the other"
        )
    return name


def backend(module):
    """The firewall that the module's option `backend` asks for."""
    ask = asker(module)
    every = {name: kind(ask) for name, kind in BACKENDS.items()}
    present = [name for name, one in every.items() if os.path.exists(one.program)]
    active = [name for name in present if every[name].active()]
    try:
        name = chosen(module.params["backend"], present, active)
        alone(every[name].name, others(ask, name, name in present))
        return every[name]
    except TwoFirewalls as error:
        module.fail_json(msg=str(error))
