"""One git process: in a process group of its own, watched while it runs, never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from autodeploy import stopping
from autodeploy.errors import ReconError

KEPT = frozenset({"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_EXEC_PATH"})
ASKPASS = "SSH_ASKPASS"
TICK = 0.2

Watch = Callable[[bytes, int], None]


def execute(
    arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes, watch: Watch
) -> tuple[int, bytes, str]:
    """Run `git ARGUMENTS` and give its exit code, standard output and standard error.

    Args:
        arguments: Of git.
        environment: Its variables, besides those of the shell that are not git's.
        stdin: What it reads.
        watch: Called several times a second with the standard error so far and the length of the
            standard output. What it raises ends git.

    Raises:
        ReconError: There is no git.
        Interrupted: The user has asked to stop.
    """
    running = _started(arguments, environment, stdin)  # GitPython ends git when this goes
    process: subprocess.Popen[bytes] = running.proc
    pending: bytes | None = stdin or None
    try:
        while True:
            try:
                stdout, stderr = process.communicate(pending, timeout=TICK)
            except subprocess.TimeoutExpired as so_far:
                pending = None
                stopping.check()  # What is half fetched is taken away, or goes on with the next.
                watch(so_far.stderr or b"", len(so_far.output or b""))
            else:
                return process.returncode, stdout, stderr.decode(errors="replace")
    except BaseException:
        _end(process)
        raise


def _started(arguments: tuple[str, ...], environment: Mapping[str, str], stdin: bytes) -> Any:
    try:
        import git
    except ImportError as error:
        raise ReconError(
            "git is missing on this machine",
            cause=str(error).partition("\n")[0],
            remediation="Install git (Debian: apt-get install git).",
        ) from None
    door = git.Git(Path(environment.get("GIT_WORK_TREE") or gettempdir()))
    return door.execute(
        [*_bound_to_us(), *_without_inherited(environment), "git", *arguments],
        istream=subprocess.PIPE if stdin else None,
        env=environment,
        as_process=True,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):
                stream.close()


@cache
def _bound_to_us() -> tuple[str, ...]:
    """What lets the kernel end git when this process is killed; nothing where there is no such."""
    bound = shutil.which("setpriv")
    return (bound, "--pdeathsig", "KILL") if bound else ()


def _without_inherited(environment: Mapping[str, str]) -> list[str]:
    taken_away = [name for name in os.environ if _inherited(name) and name not in environment]
    return ["env", *(f"--unset={name}" for name in taken_away)] if taken_away else []


def _inherited(name: str) -> bool:
    return name == ASKPASS or (name.startswith("GIT_") and name not in KEPT)
