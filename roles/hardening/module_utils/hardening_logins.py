"""Whose logins a host has."""

from __future__ import annotations

import os
import pwd
import re

from ansible.module_utils.hardening_host import read

NSSWITCH = "/etc/nsswitch.conf"
SHELLS_OF_NOBODY = {
    *("/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false", "/bin/sync"),
}


def login():
    """The account that Ansible logged in with."""
    return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name


def people(accounts, lowest, user):
    """Accounts that may log in: all with a shell of their own, and the one that we came with."""
    found = {
        one.pw_name
        for one in accounts
        if lowest <= one.pw_uid < 60000 and one.pw_shell not in SHELLS_OF_NOBODY
    }
    return sorted(found | {user})


def may_log_in(accounts, user, has_keys):
    """Who could log in so far: people, the login that we came with, and whoever has keys.

    Args:
        accounts: All of the host's own.
        user: That login.
        has_keys: Says of a home whether it has keys of SSH's.
    """
    with_keys = {
        one.pw_name for one in accounts if one.pw_shell not in SHELLS_OF_NOBODY and has_keys(one)
    }
    return sorted({*people(accounts, 1000, user), *with_keys})


def has_keys(account):
    """Whether somebody's keys are let in to an account."""
    names = ("authorized_keys", "authorized_keys2")
    return any(read(os.path.join(account.pw_dir, ".ssh", name)) for name in names)


def knows_others(nsswitch):
    """Whether accounts come from elsewhere too, which cannot be counted nor put in a group."""
    found = re.search(r"^passwd:(.*)$", nsswitch, re.MULTILINE)
    return bool(found and {"sss", "ldap", "winbind"} & set(found[1].split()))
