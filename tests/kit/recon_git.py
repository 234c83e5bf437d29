"""Real git repositories for tests."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
IDENTITY = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
}


class Talk:
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []

    def info(self, message: str) -> None:
        self.said.append(message)

    def warning(self, message: str) -> None:
        self.warned.append(message)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**CLEAN, **IDENTITY},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def repository(folder: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with one commit of the files on `main`; without files it has none."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    if files is not None:
        commit(folder, files)
    return folder


def commit(folder: Path, files: dict[str, str]) -> str:
    """Commit the files and give the hash."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=x")
    return git(folder, "rev-parse", "HEAD")


def files_of(folder: Path) -> dict[str, str]:
    """Content by name."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextmanager
def daemon(folder: Path, *, filters: bool = True) -> Iterator[str]:
    """`git daemon` over the repositories in a folder: its address.

    Args:
        folder: What it serves.
        filters: Whether it can leave file contents out.
    """
    configuration = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "uploadpack.allowFilter"}
    configuration["GIT_CONFIG_VALUE_0"] = str(filters).lower()
    port = free_port()
    options = ["--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all"]
    command = ["git", "daemon", *options, f"--base-path={folder}", "--informative-errors"]
    environment = {**CLEAN, **IDENTITY, **configuration}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield f"git://127.0.0.1:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    """A port of loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
    raise AssertionError("git daemon did not start")


class Stalling:
    """A door to a git server that passes the first bytes of each answer on, and then nothing.

    Attributes:
        address: Of the door.
        stalled: Set when an answer has come so far.
    """

    def __init__(self, server: str, after: int) -> None:
        host, _, port = server.removeprefix("git://").partition(":")
        self._server, self._after = (host, int(port)), after
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.address = f"git://127.0.0.1:{self._listening.getsockname()[1]}"
        self.stalled = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        for one in (self._listening, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                inside, _ = self._listening.accept()
                outside = socket.create_connection(self._server)
                self._open += [inside, outside]
                for way in ((inside, outside, None), (outside, inside, self._after)):
                    threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while left is None or left > 0:
                content = source.recv(min(65536, left or 65536))
                if not content:
                    return target.shutdown(socket.SHUT_WR)
                target.sendall(content)
                left = None if left is None else left - len(content)
            self.stalled.set()
        return None
