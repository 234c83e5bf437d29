"""Running this machine's tools."""

from __future__ import annotations

import subprocess

from autodeploy.errors import LabBroken


def run(*command: str, given: str | None = None, timeout: float = 30) -> str:
    """The output of a command that must succeed.

    Raises:
        LabBroken: It failed, is not there, or took longer than `timeout` seconds.
    """
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=timeout, check=True
        )
    except subprocess.CalledProcessError as error:
        raise LabBroken(
            f"`{command[0]}` failed", cause=(error.stderr or error.stdout).strip()[-2000:]
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabBroken(f"`{command[0]}` did not run", cause=str(error)) from error
    return done.stdout


def succeeds(*command: str) -> bool:
    """Whether a command that may fail succeeded."""
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0
