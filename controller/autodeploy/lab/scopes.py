"""systemd's transient scopes: where it is PID 1 it owns the tree of cgroups, and is asked.

A scope whose cgroup somebody else takes away stays `active` for good: systemd waits to be told
that it is empty, and the next scope of that name is refused.
"""

from __future__ import annotations

from pathlib import Path

from autodeploy.lab.run import run, succeeds

SLICE = "system.slice"


def available() -> bool:
    """Whether PID 1 is systemd."""
    return Path("/run/systemd/system").is_dir()


def start(name: str, command: list[str]) -> list[str]:
    """The command line that runs `command` in a scope of its own."""
    scope = ["systemd-run", "--scope", "--quiet", "--collect", f"--unit={name}"]
    return [*scope, "--property=Delegate=yes", "--", *command]


def end(name: str) -> bool:
    """Ask for the end of a scope that has no process any more; does not wait for it.

    Returns:
        Whether systemd has forgotten it, so that another one can have its name.

    Raises:
        LabBroken: systemd does not answer.
    """
    unit = f"{name}.scope"
    if run("systemctl", "show", "--property=LoadState", "--value", unit).strip() == "not-found":
        return True
    # It may be gone by itself in between, and is then no unit that could be stopped.
    succeeds("systemctl", "stop", "--no-block", unit)
    return False


def named(prefix: str) -> list[str]:
    """The names of the scopes that begin so, also of those whose cgroup is gone.

    Raises:
        LabBroken: systemd does not answer.
    """
    flags = ("--all", "--plain", "--no-legend", "--full")
    listed = run("systemctl", "list-units", *flags, f"{prefix}*.scope")
    return [line.split()[0].removesuffix(".scope") for line in listed.splitlines() if line.strip()]
