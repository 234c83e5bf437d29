"""What the command line says, and what it need not say again, of hosts that exist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autodeploy.contracts import ApplicationState
from autodeploy.errors import UsageError
from autodeploy.journal import Store
from autodeploy.runner import login_key
from autodeploy.settings import Settings, load

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


def stays(flags: Mapping[str, Any], there: ApplicationState | None) -> dict[str, Any]:
    """The options with the target and the region where the application has something.

    Args:
        flags: What the command line says.
        there: The application; None where nothing is known of it.

    Raises:
        UsageError: They name others: what it has there would be left behind, and forgotten.
    """
    if there is None or not _has_something(there):
        return dict(flags)
    settings = load(flags)
    target = settings.target if "target" in settings.model_fields_set else there.target
    region = settings.region or there.region
    if target != there.target:
        raise _moves(there, f"on the target {there.target}, not on {target}")
    if there.region and region != there.region:
        raise _moves(there, f"in {there.region}, not in {region}")
    return {**flags, "target": target, "region": region}


def refuse_elsewhere(store: Store, name: str, settings: Settings) -> None:
    """Refuse to begin an environment on the default target where all others are on another one.

    Args:
        store: Where the others are looked for.
        name: The application's.
        settings: What is said of the new environment.

    Raises:
        UsageError: They are, and nobody has said the target.
    """
    if "target" in settings.model_fields_set:
        return
    found = [store.application(*one) for one in store.applications() if one[0] == name]
    others = {one.environment: one.target for one in found if one and _has_something(one)}
    if not others or settings.target in others.values():
        return
    said = ", ".join(f"{one} is on the target {target}" for one, target in sorted(others.items()))
    targets = dict.fromkeys([*others.values(), settings.target])
    raise UsageError(
        f"nobody has said where {name} ({settings.environment}) is to be, and {said}",
        remediation="Say it: " + ", or ".join(f"--target {one}" for one in targets) + ".",
    )


def _has_something(there: ApplicationState) -> bool:
    return bool(there.resources or there.hosts or there.secrets)


def _moves(there: ApplicationState, why: str) -> UsageError:
    return UsageError(
        f"{there.application} ({there.environment}) is {why}",
        remediation="Leave out --target and --region (AUTODEPLOY_TARGET and AUTODEPLOY_REGION too) "
        f"to work on it there; to move it, `autodeploy destroy {there.application} "
        f"-e {there.environment}` first; another --name is another application.",
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
