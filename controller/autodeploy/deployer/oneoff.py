"""A command beside an application's processes: as they run, in the release that has the traffic."""

from __future__ import annotations

import inspect
import shlex

from autodeploy.deployer import oneoff_host


def oneoff(application: str, command: str, *, terminal: bool, sudo: bool) -> str:
    """What the host's shell is to run.

    Args:
        application: The application's name.
        command: What `sh -c` runs in the release's folder, with its variables and its sandbox.
        terminal: Whether somebody sits at it.
        sudo: Whether the login is not root's.
    """
    script = inspect.getsource(oneoff_host)
    how = "--pty" if terminal else "--pipe"
    words = ["python3", "-c", script, application, how, command]
    return shlex.join([*(["sudo", "-n"] if sudo else []), *words])
