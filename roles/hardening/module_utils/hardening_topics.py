"""All topics: what changes the host, and what reads it back."""

from __future__ import annotations

import os

from ansible.module_utils import hardening_accounts as accounts
from ansible.module_utils import hardening_integrity as integrity
from ansible.module_utils import hardening_kernel as kernel
from ansible.module_utils import hardening_services as services
from ansible.module_utils import hardening_ssh as ssh
from ansible.module_utils.hardening_origin import controller

TOPICS = {
    "banners": (services.banners, services.banners_read_back),
    "journal": (services.journal, services.journal_read_back),
    "coredumps": (services.coredumps, services.coredumps_read_back),
    "modules": (kernel.modules, kernel.modules_read_back),
    "sysctl": (kernel.sysctl, kernel.sysctl_read_back),
    "mounts": (services.mounts, services.mounts_read_back),
    "cron": (services.cron, services.cron_read_back),
    "updates": (services.updates, services.updates_read_back),
    "bans": (services.bans, services.bans_read_back),
    "integrity": (integrity.integrity, integrity.integrity_read_back),
    "audit": (integrity.audit, integrity.audit_read_back),
    "accounts": (accounts.change, accounts.read_back),
    "ssh": (ssh.change, ssh.read_back),
}
OPTIONS = {
    "controllers": {"type": "list", "elements": "str", "default": []},
    "post_quantum": {"type": "bool", "default": False},
}


def options(module):
    """What a topic is told: the module's options, with who works here among the controllers."""
    here = controller(os.getpid())
    known = module.params["controllers"]
    more = [here] if here and here not in known else []
    return {**module.params, "controllers": [*known, *more]}
