"""Build commands: in a clean environment, within a time limit, shown line by line, killed whole.

Builds run the repository's code. They are not yet unprivileged: where the controller is root, so
is the build. What they cannot have is the controller's environment and home.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import signal
import subprocess
import threading
import time
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from autodeploy.compiler.talk import Talk
from autodeploy.errors import BuildFailed, Interrupted, ToolMissing

KEPT_LINES = 40
LOGGED_LINES = 400
LINE_BYTES = 64 * 1024
LINE_SHOWN = 500
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|[\x00-\x08\x0b-\x1f\x7f]")
CREDENTIALS = re.compile(r"(\w+://)[^/\s@]+@")
MARK = "AUTODEPLOY_BUILD"


_shells: weakref.WeakSet[Shell] = weakref.WeakSet()


def stop() -> None:
    """End all builds of this process, from any thread; they raise Interrupted."""
    for shell in list(_shells):
        shell.stop()


class Shell:
    """Runs the commands of one build.

    Attributes:
        commands: What was run so far, for people.
        environment: The variables of every command.
    """

    def __init__(self, environment: Mapping[str, str], timeout: float, log: Talk) -> None:
        """`timeout` is in seconds, from now, for all commands together."""
        self.commands: list[str] = []
        self.environment = environment
        self._deadline = time.monotonic() + timeout
        self._log = log
        self._running: tuple[subprocess.Popen[bytes], str] | None = None
        self._stopped = False
        _shells.add(self)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self._deadline - time.monotonic())

    def stop(self) -> None:
        """End the running command, and let no other begin."""
        self._stopped = True
        if self._running:
            _kill_tree(*self._running)

    def run(
        self,
        command: Sequence[str] | str,
        cwd: Path,
        extra: Mapping[str, str] | None = None,
        remediation: str | None = None,
    ) -> None:
        """Run a command (text goes through `sh -c`) and wait for its end.

        Args:
            command: The command.
            cwd: Its folder.
            extra: Variables over the build's own.
            remediation: What the user can do should it fail.

        Raises:
            ToolMissing: There is no such program.
            BuildFailed: Its exit code is not 0, or the time is over.
            Interrupted: `stop` was called.
        """
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        shown = _shown(command)
        self.commands.append(shown)
        self._log.info(f"$ {shown}")
        process, mark = self._start(argv, cwd, extra or {})
        output = self._wait(process, mark)
        if self._stopped:
            raise Interrupted("the build was stopped", step="build")
        if process.returncode != 0 or output.late:
            code = None if output.late else process.returncode
            raise BuildFailed(shown, code, output.end(), remediation)

    def run_all(self, commands: Sequence[Sequence[str] | str], cwd: Path) -> None:
        """Run one command after another in the same folder; raises as `run`."""
        for command in commands:
            self.run(command, cwd)

    def _start(
        self, argv: list[str], cwd: Path, extra: Mapping[str, str]
    ) -> tuple[subprocess.Popen[bytes], str]:
        mark = secrets.token_hex(8)
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env={**self.environment, **extra, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ToolMissing(f"there is no `{argv[0]}` on this machine", step="build") from error
        self._running = process, mark
        return process, mark

    def _wait(self, process: subprocess.Popen[bytes], mark: str) -> _Output:
        output = _Output(self._log)
        assert process.stdout is not None  # noqa: S101
        reader = threading.Thread(target=output.read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            if self._stopped:
                _kill_tree(process, mark)
            process.wait(self.left)
        except subprocess.TimeoutExpired:
            output.late = True
        finally:
            _kill_tree(process, mark)
            self._running = None
            reader.join(10)
        return output


class _Output:
    """A command's output: a bounded part of it in the log, its end kept."""

    def __init__(self, log: Talk) -> None:
        self.late = False
        self._log = log
        self._kept: deque[str] = deque(maxlen=KEPT_LINES)
        self._count = 0

    def read(self, stream: IO[bytes]) -> None:
        with stream:
            while line := stream.readline(LINE_BYTES):
                self._take(line)

    def end(self) -> str:
        return "\n".join(self._kept)

    def _take(self, raw: bytes) -> None:
        text = CONTROL.sub("", raw.decode(errors="replace").rstrip("\r\n"))[:LINE_SHOWN]
        line = CREDENTIALS.sub(r"\1***@", text)
        if not line.strip():
            return
        self._kept.append(line)
        self._count += 1
        if self._count <= LOGGED_LINES:
            self._log.info(line)
        elif self._count == LOGGED_LINES + 1:
            self._log.info("(more output, not logged)")


def _shown(command: Sequence[str] | str) -> str:
    if isinstance(command, str):
        return command
    return shlex.join([Path(command[0]).name, *command[1:]])


def _kill_tree(process: subprocess.Popen[bytes], mark: str) -> None:
    """End the command's process group, and whoever left it: they still carry the mark."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    needle = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if needle in (folder / "environ").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)
