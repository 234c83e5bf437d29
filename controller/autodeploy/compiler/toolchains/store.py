"""Fetched toolchains: each in a folder of its own, made by one build and used by all."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autodeploy.compiler.environ import build_environment
from autodeploy.compiler.shell import Shell
from autodeploy.compiler.talk import Talk
from autodeploy.errors import BuildFailed, ToolMissing
from autodeploy.flock import locked
from autodeploy.paths import private_folder

FETCH_SECONDS = 600
ASK_SECONDS = 120
DAY = 86400
Make = Callable[[Shell, Path], None]


@dataclass(frozen=True)
class Toolchain:
    """A language's tools.

    Attributes:
        version: The version, for the keys of layers.
        variables: Variables over the build's own, PATH among them.
    """

    version: str
    variables: dict[str, str] = field(default_factory=dict)


class Store:
    """The toolchains of one cache folder.

    What fetches them is our own commands, never the repository's.
    """

    def __init__(self, cache: Path, log: Talk) -> None:
        self.folder = private_folder(cache / "toolchains")
        self.log = log
        self._downloads = private_folder(cache / "fetched")  # Out of the reach of builds.

    def once(
        self, name: str, make: Make, what: str | None = None, remediation: str | None = None
    ) -> Path:
        """The folder `name`: there already, else made now, whole or not at all.

        Args:
            name: Says all that the content depends on.
            make: Fills an empty folder.
            what: What it is, for people; None means its name.
            remediation: What the user can do where it is not to be had.

        Raises:
            ToolMissing: It could not be made.
        """
        folder = self.folder / name
        with locked(self.folder / f".{name}.lock"):
            if not folder.exists():
                self.log.info(f"fetching {what or name}")
                with self._work() as work:
                    (work / "new").mkdir()
                    (work / "new").chmod(0o755)  # For the build user, whatever our umask is.
                    try:
                        make(self._shell(work), work / "new")
                    except BuildFailed as error:
                        raise _missing(what or name, str(error), remediation) from error
                    (work / "new").chmod(0o755)  # Builds need not run as the controller's user.
                    (work / "new").rename(folder)
            folder.touch()  # The cache is pruned by last use.
        return folder

    def ask(
        self, command: Sequence[str], variables: Mapping[str, str], what: str, remediation: str
    ) -> Any:
        """What a command says on its standard output, in JSON.

        Args:
            command: The command.
            variables: Variables over those of a build.
            what: What it is asked for, for people.
            remediation: What the user can do where it fails.

        Raises:
            ToolMissing: It failed.
        """
        with self._work() as work:
            environment = {**self._environment(work), **variables}
            options = {"cwd": work, "capture_output": True, "text": True, "timeout": ASK_SECONDS}
            try:
                done = subprocess.run(command, env=environment, check=True, **options)  # type: ignore[call-overload]
                return json.loads(done.stdout)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                said = getattr(error, "stderr", None) or str(error)
                raise _missing(what, said.strip(), remediation) from error

    def remembered(self, name: str, ask: Callable[[], list[str]]) -> list[str]:
        """A list that changes slowly: asked for once a day."""
        path = self.folder / f"{name}.json"
        try:
            if time.time() - path.stat().st_mtime < DAY:
                return [str(one) for one in json.loads(path.read_text())]
        except (OSError, ValueError):
            pass
        found = ask()
        with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as file:
            json.dump(found, file)
        Path(file.name).replace(path)
        return found

    @contextmanager
    def _work(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".new-") as work:
            yield Path(work)

    def _environment(self, work: Path) -> dict[str, str]:
        return build_environment(private_folder(work / "home"), self._downloads)

    def _shell(self, work: Path) -> Shell:
        return Shell(self._environment(work), FETCH_SECONDS, self.log)


def _missing(what: str, cause: str, remediation: str | None) -> ToolMissing:
    return ToolMissing(
        f"{what} is not to be had", cause=cause, step="runtime", remediation=remediation
    )
