"""How fast the Compiler is, beside the tools that it calls: `make bench-build`.

Each figure is the median of RUNS runs; ours and the tool's take turns, on the same downloads. A
bound that is missed is the exit code. Needs the package registries once, to fill the cache.

python    a first build of 20 dependencies, over `uv pip install --target`
node      a first build of examples/express-links, over `npm ci`
go        a first build of examples/go-shorten, over `go build`; both with a cold build cache
source    a build after one file of 200 has changed, and one after none has
memory    what 500 MB of files take more than 10 MB of files
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

import click

from autodeploy import compiler
from autodeploy.compiler.environ import build_environment
from autodeploy.compiler.interpreter import installed, target
from autodeploy.compiler.toolchains import uv
from autodeploy.contracts import IMAGES, Source, TechStack
from autodeploy.journal import AgentLog, DirectoryStore
from autodeploy.settings import Settings
from figures import Figure

RUNS = 5
EXAMPLES = Path(__file__).parents[2] / "examples"
PYTHON, NODE, GO = 1.3, 1.1, 1.1
SOURCE_S, UNCHANGED_S, MEMORY_MB = 0.5, 0.1, 16
DEPENDENCIES = (
    *("flask", "gunicorn", "sqlalchemy", "alembic", "requests", "httpx", "pydantic", "celery"),
    *("redis", "psycopg[binary]", "markdown", "pyyaml", "python-dotenv", "cryptography", "boto3"),
    *("pillow", "structlog", "sentry-sdk", "nh3", "marshmallow"),
)
IMAGE = IMAGES["debian-12"]
KINDS = {
    "python": ({"language": "python", "processes": {"web": "python app.py"}}, "debian-12"),
    # The image whose Node is the one that this machine is most likely to have.
    "node": ({"language": "node", "processes": {"web": "node server.js"}}, "debian-13"),
    "go": ({"language": "go", "processes": {"web": "./go-shorten"}}, "debian-12"),
    "static": ({"language": "static"}, "debian-12"),
}


class Bench:
    """A folder with a cache of ours, and downloads of the tools': each side's are warm."""

    def __init__(self, root: Path, log: AgentLog) -> None:
        self.root, self._log = root, log
        self.cache, self.downloads = root / "cache", root / "downloads"
        for name in ("cache", "downloads", "home"):
            (root / name).mkdir(mode=0o700)
        self.environment = build_environment(root / "home", self.downloads)

    def fresh(self) -> Path:
        """The cache, without any layer: what was downloaded stays, and the toolchains do."""
        for name in ("layers", "index", "sboms"):
            shutil.rmtree(self.cache / name, ignore_errors=True)
        return self.cache

    def build(self, folder: Path, kind: str, cache: Path) -> None:
        stack, image = KINDS[kind]
        source = Source(url="x", checkout=folder, commit="0" * 40, name="bench")
        settings = Settings(image=image, build_timeout=600)
        whole = TechStack(**stack)
        runtime = compiler.runtime(whole, settings, cache, self._log)
        order = compiler.Order("bench", source, whole, settings, runtime, cache)
        compiler.build(order, self._log)

    def run(self, command: list[str], folder: Path, **more: str) -> None:
        environment = {**self.environment, **more}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def timed(action: Callable[[], None]) -> float:
    """Seconds; what is still being removed then does not disturb the next."""
    started = time.perf_counter()
    action()
    seconds = time.perf_counter() - started
    for thread in set(threading.enumerate()) - {threading.current_thread()}:
        thread.join()
    return seconds


def ratio(
    name: str, bound: float, ours: Callable[[], None], theirs: Callable[[], None]
) -> Iterator[Figure]:
    """Ours over the tool's, after one run of each that fills the caches."""
    timed(theirs), timed(ours)
    pairs = [(timed(theirs), timed(ours)) for _run in range(RUNS)]
    tool, we = (statistics.median(side) for side in zip(*pairs, strict=True))
    click.echo(f"{name}: the tool {tool:.2f} s, we {we:.2f} s")
    yield Figure(f"{name}, over the tool", we / tool, bound)


def python(bench: Bench) -> Iterator[Figure]:
    folder = bench.root / "python"
    folder.mkdir()
    (folder / "app.py").write_text("")
    (folder / "wanted").write_text("\n".join(DEPENDENCIES))
    lock = uv(
        "pip", "compile", "--python-version", IMAGE.python, "wanted", "-o", "requirements.txt"
    )
    bench.run(lock, folder)
    (folder / "wanted").unlink()
    here = ["--python", str(installed("3.11") or sys.executable)]
    platform = ["--python-version", IMAGE.python, "--python-platform", target(IMAGE, "amd64")]
    install = uv("pip", "install", *here, *platform, "-r", "requirements.txt", "--target")

    def theirs() -> None:
        bench.run([*install, tempfile.mkdtemp(dir=bench.root)], folder)

    yield from ratio("python", PYTHON, lambda: bench.build(folder, "python", bench.fresh()), theirs)


def node(bench: Bench) -> Iterator[Figure]:
    folder = EXAMPLES / "express-links"

    def theirs() -> None:
        copy = Path(tempfile.mkdtemp(dir=bench.root)) / "copy"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("node_modules"))
        bench.run(["npm", "ci", "--omit=dev"], copy)

    yield from ratio("node", NODE, lambda: bench.build(folder, "node", bench.fresh()), theirs)


def go(bench: Bench) -> Iterator[Figure]:
    folder = EXAMPLES / "go-shorten"
    ours_cold = bench.cache / "downloads" / "bench" / "go-build"

    def ours() -> None:
        shutil.rmtree(ours_cold, ignore_errors=True)
        bench.build(folder, "go", bench.fresh())

    def theirs() -> None:
        shutil.rmtree(bench.downloads / "go-build", ignore_errors=True)
        output = tempfile.mkdtemp(dir=bench.root)
        bench.run(["go", "build", "-o", output, "."], folder, CGO_ENABLED="0")

    yield from ratio("go", GO, ours, theirs)


def source(bench: Bench) -> Iterator[Figure]:
    folder, cache = bench.root / "sources", bench.fresh()
    for number in range(200):
        path = folder / f"package{number % 20}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"x = {number}\n" * 200)
    (folder / "requirements.txt").write_text("flask\n")
    build = lambda: bench.build(folder, "python", cache)  # noqa: E731
    build()

    def changed(number: int) -> float:
        (folder / "package0" / "module0.py").write_text(f"x = {number}\n")
        return timed(build)

    times = [(changed(number), timed(build)) for number in range(RUNS)]
    changes, none = (statistics.median(side) for side in zip(*times, strict=True))
    yield Figure("one of 200 files has changed", changes, SOURCE_S, "s")
    yield Figure("none has", none, UNCHANGED_S, "s")


def memory(bench: Bench) -> Iterator[Figure]:
    peaks = []
    for megabytes in (10, 500):
        folder = bench.root / f"megabytes-{megabytes}"
        folder.mkdir()
        for number in range(10):
            with (folder / str(number)).open("wb") as file:
                for _part in range(megabytes // 10):
                    file.write(os.urandom(1 << 20))
        with get_context("spawn").Pool(1) as pool:
            peaks.append(pool.apply(_peak, (folder, bench.root / f"store-{megabytes}")))
        shutil.rmtree(folder)
    click.echo(f"memory: {peaks[0]:.0f} MB for 10 MB, {peaks[1]:.0f} MB for 500 MB")
    yield Figure("memory for 500 MB of files, over 10 MB", peaks[1] - peaks[0], MEMORY_MB, "MB")


def _peak(folder: Path, root: Path) -> float:
    """The most memory in MB that a process has which builds the folder."""
    bench = Bench(root, log(root))
    bench.build(folder, "static", bench.fresh())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def log(root: Path) -> AgentLog:
    root.mkdir(exist_ok=True)
    said = {"application": "bench", "environment": "production", "target": "lab"}
    rest = {"region": None, "repository": None, "tool_version": "0"}
    journal = DirectoryStore(root / "store").create(operation="deploy", **said, **rest)
    return journal.agent("compiler")


def main(names: list[str]) -> int:
    figures: list[Figure] = []
    for case in (source, python, node, go, memory):
        if names and case.__name__ not in names:
            continue
        with tempfile.TemporaryDirectory() as root:
            for figure in case(Bench(Path(root), log(Path(root)))):
                click.echo(figure)
                figures.append(figure)
    return any(figure.is_missed for figure in figures)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
