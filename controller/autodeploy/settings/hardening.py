"""What hosts are hardened in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Hardening(BaseModel):
    """Topics in which hosts are hardened; of one that is off nothing is changed, or taken back.

    Attributes:
        accounts: Passwords, homes, umask and sudo are strict.
        audit: The kernel notes changes of accounts, SSH, time and modules, where it can.
        banners: A banner tells who comes that the system is private.
        bans: Who tries logins is shut out for a while.
        coredumps: No process's memory is written to the disk.
        cron: Who may have cron jobs is listed.
        integrity: Files that change are noted each day.
        journal: The journal outlives a reboot.
        modules: Kernel modules that a web server has no use for are never loaded.
        mounts: Nothing is run from shared memory.
        ssh: SSH has strong keys and algorithms alone, and no passwords.
        ssh_post_quantum: SSH has only key exchanges that are safe from quantum computers, on
            Debian 12 too; clients older than OpenSSH 8.5 stay out then.
        sysctl: The kernel's settings are strict.
        updates: Security updates are installed each day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: bool = True
    audit: bool = True
    banners: bool = True
    bans: bool = True
    coredumps: bool = True
    cron: bool = True
    integrity: bool = True
    journal: bool = True
    modules: bool = True
    mounts: bool = True
    ssh: bool = True
    ssh_post_quantum: bool = False
    sysctl: bool = True
    updates: bool = True
