"""How long a repository of 500 MB takes, beside `git clone --depth 1` of the same, on one server.

`python tests/bench/clone.py`: makes the repository and one of 100,000 files in a temporary folder,
serves them with `git daemon` on 127.0.0.1, prints medians of three, and 1 where a bound is passed.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.table import Table

import autodeploy
from autodeploy import recon
from autodeploy.contracts import Source
from autodeploy.recon.talk import Talk

FILES, FILE_BYTES, COMMITS, REWRITTEN = 5000, 100_000, 5, 400
MANY = 100_000
RUNS = 3
CLONE_RATIO, UNCHANGED_SECONDS, COMMAND_SECONDS, MANY_SECONDS = 1.15, 0.1, 0.5, 2.0
PACKAGE = b'{"scripts": {"start": "node x"}, "dependencies": {"koa": "2", "pg": "8"}}'
WHO = b"committer a <a@example.org> 1700000000 +0000\ndata 1\nx\n"
SERVED = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}
PLAIN = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "PYTHONPATH": str(Path(autodeploy.__file__).parents[1]),
}


class Quiet:
    """Says nothing."""

    def info(self, _message: str) -> None:
        """Nothing."""

    warning = info


@dataclass(frozen=True)
class Measured:
    """A median in seconds, with the bound that it has, if any."""

    what: str
    seconds: float
    bound: float | None = None


def main() -> int:
    """Print the figures; 1 where one is above its bound."""
    with tempfile.TemporaryDirectory(prefix="bench-clone-") as place:
        folder = Path(place)
        _make(folder / "big.git", _big)
        _make(folder / "many.git", _many)
        with _served(folder) as address:
            return _shown([*_clones(folder, address), *_detections(folder, address)])


def _clones(folder: Path, address: str) -> Iterator[Measured]:
    url, target, cache = f"{address}/big.git", folder / "target", folder / "cache"
    quiet: Talk = Quiet()

    def afresh() -> None:
        for left in (target, cache):
            shutil.rmtree(left, ignore_errors=True)

    def git(*options: str) -> Callable[[], object]:
        return lambda: _run("git", "clone", "--quiet", *options, url, str(target))

    def ours() -> object:
        return recon.clone(url, ref=None, folder=cache, log=quiet)

    recon.look(url, ref=None, folder=cache, log=quiet)  # GitPython's import is paid once
    yield Measured("git clone", _median(git(), afresh))
    shallow = _median(git("--depth", "1"), afresh)
    yield Measured("git clone --depth 1", shallow)
    yield Measured("clone, nothing there", _median(ours, afresh), shallow * CLONE_RATIO)
    yield Measured("clone, unchanged", _median(ours, lambda: None), UNCHANGED_SECONDS)
    yield Measured(
        "look, nothing there",
        _median(lambda: recon.look(url, ref=None, folder=cache, log=quiet), afresh),
    )
    command = (sys.executable, "-c", "from autodeploy.cli.main import main; main()", "analyze", url)
    home = {**PLAIN, "AUTODEPLOY_HOME": str(folder / "home")}
    yield Measured(
        "the command `autodeploy analyze`",
        _median(lambda: _run(*command, environment=home), afresh),
        COMMAND_SECONDS,
    )
    afresh()


def _detections(folder: Path, address: str) -> Iterator[Measured]:
    url, cache = f"{address}/many.git", folder / "cache"
    source: Source = recon.clone(url, ref=None, folder=folder / "many", log=Quiet())
    yield Measured(
        f"detect, {MANY:,} files on disk",
        _median(lambda: recon.detect(source), lambda: None),
        MANY_SECONDS,
    )
    yield Measured(
        f"look, {MANY:,} files in git",
        _median(
            lambda: recon.look(url, ref=None, folder=cache, log=Quiet()),
            lambda: shutil.rmtree(cache, ignore_errors=True),
        ),
        MANY_SECONDS,
    )


def _median(work: Callable[[], object], before: Callable[[], None]) -> float:
    times = []
    for _ in range(RUNS):
        before()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _shown(figures: list[Measured]) -> int:
    shallow = next(one.seconds for one in figures if one.what == "git clone --depth 1")
    table = Table("what", "seconds", "of git clone --depth 1", "bound", box=None, pad_edge=False)
    above = False
    for one in figures:
        passed = one.bound is not None and one.seconds > one.bound
        above = above or passed
        bound = "" if one.bound is None else f"{one.bound:.2f}{'  above' if passed else ''}"
        table.add_row(one.what, f"{one.seconds:.3f}", f"{one.seconds / shallow:.2f}", bound)
    Console(highlight=False, width=100).print(table)
    return int(above)


def _make(repository: Path, write: Callable[[BinaryIO], None]) -> None:
    _run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
    for key, value in SERVED.items():
        _run("git", "-C", str(repository), "config", key, value)
    importer = ("git", "-C", str(repository), "fast-import", "--quiet", "--depth=0")
    with subprocess.Popen(importer, stdin=subprocess.PIPE, env=PLAIN) as process:
        assert process.stdin
        write(process.stdin)
        process.stdin.close()
        if process.wait():
            raise SystemExit("git fast-import failed")


def _big(out: BinaryIO) -> None:
    """Files half of which does not compress; later commits write some of them anew."""
    chance = random.Random(7)
    text = bytes(chance.choices(b"abcdefghij klmno\n", k=FILE_BYTES))
    for number in range(COMMITS):
        out.write(b"commit refs/heads/main\n" + WHO)
        files = range(FILES) if number == 0 else range(number * 200, number * 200 + REWRITTEN)
        for file in files:
            content = chance.randbytes(FILE_BYTES // 2) + text[: FILE_BYTES // 2]
            _file(out, f"src/{file % 50:02}/{file % 7}/{file:04}.bin", content)
        _file(out, "package.json", PACKAGE)


def _many(out: BinaryIO) -> None:
    out.write(b"commit refs/heads/main\n" + WHO)
    _file(out, "requirements.txt", b"flask\n")
    for number in range(MANY):
        _file(out, f"src/{number % 100}/{number % 7}/{number}.py", b"x = %d\n" % number)


def _file(out: BinaryIO, path: str, content: bytes) -> None:
    out.write(b"M 100644 inline %s\ndata %d\n" % (path.encode(), len(content)) + content + b"\n")


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all")
    daemon = ("git", "daemon", *options, f"--base-path={folder}")
    quiet = subprocess.DEVNULL
    with subprocess.Popen(daemon, env=PLAIN, stderr=quiet, start_new_session=True) as process:
        try:
            _wait_for(port, process)
            yield f"git://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return
    raise SystemExit("git daemon did not start")


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, env=environment or PLAIN, check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())
