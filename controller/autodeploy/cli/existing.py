"""What the command line says, and what it need not say again, of hosts that exist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import ApplicationState
from autodeploy.errors import UsageError
from autodeploy.runner import login_key
from autodeploy.settings import Settings

PUBLIC_BITS = 0o077


def implied(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Who names hosts, or the key for them, means the target ssh.

    Raises:
        UsageError: Another target is named too.
    """
    if not (flags.get("addresses") or flags.get("ssh_key")):
        return dict(flags)
    if flags.get("target") not in {None, "ssh"}:
        raise UsageError(
            f"hosts that exist are no hosts of the target {flags['target']}",
            remediation="Leave out --host and --ssh-key, or give --target ssh.",
        )
    return {**flags, "target": "ssh"}


def refuse_move(there: ApplicationState, settings: Settings) -> None:
    """Refuse another target than the one where the application has something.

    Raises:
        UsageError: What it has there would be left behind, and forgotten.
    """
    if settings.target != there.target:
        raise UsageError(
            f"{there.application} is on the target {there.target}, not on {settings.target}",
            remediation=f"`autodeploy destroy {there.application}` first, or give another --name.",
        )


def remembered(
    flags: Mapping[str, Any], settings: Settings, there: ApplicationState, folder: Path
) -> dict[str, Any]:
    """The options with the hosts and the key that the application has, where they name none."""
    if settings.target != "ssh":
        return dict(flags)
    key = settings.ssh_key or login_key(folder)
    addresses = settings.addresses or tuple(
        f"{host.user}@{host.address}:{host.port}" for host in there.hosts
    )
    return {**flags, "addresses": addresses, "ssh_key": key}


def check(settings: Settings) -> None:
    """Refuse what is known to fail before anything is done.

    Raises:
        UsageError: No host is named, or the key is no private file.
    """
    if settings.target == "ssh" and not settings.addresses:
        raise UsageError(
            "the target ssh needs hosts", remediation="Name each: --host user@address[:port]."
        )
    key = settings.ssh_key
    if key and not key.is_file():
        raise UsageError(f"there is no key {key}", remediation="Name its file with --ssh-key.")
    if key and key.stat().st_mode & PUBLIC_BITS:
        raise UsageError(f"others may read the key {key}", remediation=f"`chmod 600 {key}`.")
