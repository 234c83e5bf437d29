"""Build commands: in a clean environment, within a time limit, shown line by line, killed whole.

Builds run the repository's code: in a sandbox (`sandbox.py`).
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

from autodeploy.compiler.diagnosis import diagnose
from autodeploy.compiler.output import Output
from autodeploy.compiler.processes import MARK, Running
from autodeploy.compiler.sandbox import SYSTEM, Sandbox
from autodeploy.compiler.talk import Talk
from autodeploy.errors import BuildFailed, Interrupted, ToolMissing

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

    def __init__(
        self,
        environment: Mapping[str, str],
        timeout: float,
        log: Talk,
        sandbox: Sandbox | None = None,
    ) -> None:
        """`timeout` is in seconds, from now, for all commands together.

        Without a sandbox the commands run as the controller: none of them may be the repository's.
        """
        self.commands: list[str] = []
        self.environment = environment
        self._deadline = time.monotonic() + timeout
        self._log = log
        self._sandbox = sandbox
        self._shown: list[Path] = []
        self._running: Running | None = None
        self._stopped = False
        _shells.add(self)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self._deadline - time.monotonic())

    def show(self, *paths: Path) -> None:
        """Let the commands from now on read programs, files or folders of this machine."""
        self._shown += paths

    def stop(self) -> None:
        """End the running command, and let no other begin."""
        self._stopped = True
        if self._running:
            self._running.end()

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
            remediation: What the user can do should it fail, and the output say nothing better.

        Raises:
            ToolMissing: There is no such program.
            BuildFailed: Its exit code is not 0, or the time is over.
            Interrupted: `stop` was called.
        """
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        shown = _shown(command)
        self.commands.append(shown)
        self._log.info(f"$ {shown}")
        running = self._start(argv, cwd, extra or {})
        output = self._wait(running)
        if self._stopped:
            raise Interrupted("the build was stopped", step="build")
        code = None if output.late else _exit_code(running.process.returncode)
        if code != 0:
            raise _failure(shown, code, output, remediation)

    def run_all(self, commands: Sequence[Sequence[str] | str], cwd: Path) -> None:
        """Run one command after another in the same folder; raises as `run`."""
        for command in commands:
            self.run(command, cwd)

    def _start(self, argv: list[str], cwd: Path, extra: Mapping[str, str]) -> Running:
        mark = secrets.token_hex(8)
        variables = {**self.environment, **extra, MARK: mark}
        if shutil.which(argv[0], path=_search_path(variables, cwd)) is None:
            raise ToolMissing(f"there is no `{argv[0]}` on this machine", step="build")
        if self._sandbox:
            argv, variables = self._sandboxed(self._sandbox, argv, cwd, variables), SYSTEM
        process = subprocess.Popen(
            argv,
            cwd="/" if self._sandbox else cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o022,
        )
        isolated = self._sandbox is not None and self._sandbox.isolated
        self._running = Running(process, mark, isolated)
        return self._running

    def _sandboxed(
        self, sandbox: Sandbox, argv: list[str], cwd: Path, variables: Mapping[str, str]
    ) -> list[str]:
        sandbox.give()
        file = sandbox.write(variables)
        return sandbox.command(argv, cwd, file, self._shown)

    def _wait(self, running: Running) -> Output:
        output = Output(self._log)
        process = running.process
        assert process.stdout is not None  # noqa: S101
        reader = threading.Thread(target=output.read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            if self._stopped:
                running.end()
            process.wait(self.left)
        except subprocess.TimeoutExpired:
            output.late = True
        finally:
            running.end()
            self._running = None
            reader.join(10)
        return output


def _shown(command: Sequence[str] | str) -> str:
    if isinstance(command, str):
        return command
    return shlex.join([Path(command[0]).name, *command[1:]])


def _search_path(variables: Mapping[str, str], cwd: Path) -> str:
    folders = variables.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(str(cwd / folder) for folder in folders)


def _failure(
    command: str, code: int | None, output: Output, remediation: str | None
) -> BuildFailed:
    found = diagnose(code, output.whole())
    likely, remedy = (found.cause, found.remedy) if found else (None, remediation)
    return BuildFailed(command, code, output.end(), likely=likely, remediation=remedy)


def _exit_code(returncode: int) -> int:
    """As shells tell it: 128 and the signal's number where one ended the command."""
    return 128 - returncode if returncode < 0 else returncode
