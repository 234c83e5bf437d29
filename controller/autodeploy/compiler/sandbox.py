"""Where build commands run: as nobody else, seeing little, and gone as a whole.

Where the controller is root, a build is an unprivileged user without an entry on this machine, in
mount and PID namespaces and below a root folder of its own (`enter.sh`). That folder has the
system's programs, what the build works on, and the toolchains that it is given: no home, no
AUTODEPLOY_HOME, no other processes. Where the kernel permits no namespaces, it is that user alone.
Where the controller is not root, a build runs as the same user, and can gain no privileges.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autodeploy.compiler.visible import trees
from autodeploy.errors import BuildError
from autodeploy.paths import private_folder

# The environment of what runs before the privileges are gone.
SYSTEM = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
ENTER = Path(__file__).with_name("enter.sh")
NAMESPACES = (
    *("unshare", "--mount", "--pid", "--ipc", "--fork", "--kill-child"),
    *("--propagation", "private"),
)
# The variables are read last of all: a repository names some, and LD_PRELOAD would be obeyed.
BEGIN = 'cd "$1" && . "$2" && shift 2 && ulimit -c 0 && "$@"'
USER = "build:x:{uid}:{uid}:a build of autodeploy:{home}:/bin/sh\n"
GROUP = "build:x:{uid}:\n"
OWN = ("passwd", "group", "tmp")


@dataclass(frozen=True)
class Sandbox:
    """The place of one build's commands.

    Attributes:
        folder: The build's folder. `work` in it is root's; the folders in that are the build's.
        cache: The Compiler's folder.
        downloads: The packages that the application's builds fetched.
        uid: The build user, who is its own group; None where the controller is not root.
        isolated: Whether commands have namespaces.
    """

    folder: Path
    cache: Path
    downloads: Path
    uid: int | None
    isolated: bool

    @property
    def work(self) -> Path:
        """What the build may see of its folder."""
        return self.folder / "work"

    @property
    def home(self) -> Path:
        """The build user's home."""
        return self.work / "home"

    def prepare(self) -> None:
        """Make the folders, and the user's entry.

        Raises:
            BuildError: The build user cannot reach them.
        """
        self.work.mkdir()
        for folder in (self.home, self.folder / "tmp", self.folder / "root"):
            folder.mkdir(0o700)
        private_folder(self.cache / "toolchains")
        private_folder(self.cache / "clones").chmod(0o700)  # Other applications' sources.
        if self.uid is None:
            return
        os.chown(self.folder / "tmp", self.uid, self.uid)
        os.chown(self.folder, -1, self.uid)
        for name, line in (("passwd", USER), ("group", GROUP)):
            text = Path("/etc", name).read_text(errors="surrogateescape").rstrip("\n")
            entry = line.format(uid=self.uid, home=self.home)
            (self.folder / name).write_text(f"{text}\n{entry}", errors="surrogateescape")
            (self.folder / name).chmod(0o644)
        self._open_way()

    def _open_way(self) -> None:
        """Let the build user pass to its own folders, and list none on the way."""
        shared = (self.cache, self.folder.parent, self.downloads.parent)
        modes = {self.folder: 0o710, self.work: 0o755, self.cache / "toolchains": 0o755}
        for folder, mode in (modes | dict.fromkeys(shared, 0o711)).items():
            folder.chmod(mode)
        if not self.isolated:
            self.cache.parent.chmod(self.cache.parent.stat().st_mode | 0o001)
            _refuse_shut(self.cache)

    def command(
        self, argv: Sequence[str], cwd: Path, variables: Path, shown: Iterable[Path]
    ) -> list[str]:
        """The command line that runs `argv` in the sandbox; it needs SYSTEM alone as environment.

        Args:
            argv: The command.
            cwd: Its folder.
            variables: A file of its variables, as the shell reads them.
            shown: Further files and folders that it may read.
        """
        begin = ["/bin/sh", "-c", BEGIN, "sh", str(cwd), str(variables), *argv]
        if shutil.which("setpriv", path=SYSTEM["PATH"]) is None:
            return begin
        last = ["setpriv", "--pdeathsig", "KILL"]  # Should this process be killed, so is the build.
        if self.uid is None:
            return [*last, "--no-new-privs", "--", *begin]
        if not self.isolated:
            user = ["--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups"]
            bare = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
            return [*last, *user, *bare, "--", *begin]
        return [*last, "--", *NAMESPACES, "sh", str(ENTER), *self._places(shown), "--", *begin]

    def write(self, variables: Mapping[str, str]) -> Path:
        """A file of variables, for `command`; nobody but the build user reads it."""
        file = self.work / "variables"
        file.unlink(missing_ok=True)
        file.touch(0o600)
        lines = (f"export {name}={shlex.quote(value)}" for name, value in variables.items())
        file.write_text("\n".join(lines) + "\n", errors="surrogateescape")
        if self.uid is not None:
            os.chown(file, self.uid, self.uid)
        return file

    def give(self) -> None:
        """Hand what root has put into the work folder to the build user."""
        if self.uid is None:
            return
        for entry in os.scandir(self.work):
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False) and status.st_uid != self.uid:
                command = ["chown", "-hR", f"{self.uid}:{self.uid}", "--", entry.path]
                subprocess.run(command, env=SYSTEM, check=True)

    def _places(self, shown: Iterable[Path]) -> list[str]:
        own = [self.folder / "root", self.uid, *(self.folder / name for name in OWN)]
        places = [("ro", path) for path in trees(shown, self.folder)]
        # Work and downloads in one mount, or uv and pnpm could make no hard links between them.
        places += [("rw", self.cache), ("ro", self.cache / "toolchains")]
        listed = [word for mode, path in places for word in (mode, path.resolve(), path)]
        return [str(word) for word in (*own, *listed)]


def _refuse_shut(cache: Path) -> None:
    for folder in cache.parents:
        if not folder.stat().st_mode & 0o001:
            raise BuildError(
                f"builds run as an unprivileged user, and {folder} lets none pass",
                step="sandbox",
                remediation="Set AUTODEPLOY_HOME to a folder that everyone can reach, such as "
                "/var/lib/autodeploy, or run where mount namespaces are permitted.",
            )


@functools.cache
def namespaces_permitted() -> bool:
    """Whether this process may make the namespaces of a build."""
    try:
        tried = subprocess.run(
            [*NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/tmp"],  # noqa: S108 (its own)
            env=SYSTEM,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return tried.returncode == 0
