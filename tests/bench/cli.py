"""How fast the command line starts, beside an interpreter that does nothing: `make bench-cli`.

Each figure is the median of RUNS runs that take turns; a bound that is missed is the exit code.

help      `autodeploy --help`
status    `autodeploy status`, of an application with RELEASES releases
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

import click

from autodeploy.contracts import DeploymentStatus, Host
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import HostsKnown, ReleaseActivated, StatusChanged
from statekit import created, running

RUNS, RELEASES = 21, 10
PASS = [sys.executable, "-c", "pass"]
BOUNDS_S = {"--help": 0.15, "status": 0.3}


def main() -> None:
    """Measure, print, and end with 1 where a bound is missed."""
    with tempfile.TemporaryDirectory() as home:
        _fill(DirectoryStore(Path(home)))
        environment = {**os.environ, "AUTODEPLOY_HOME": home}
        missed = [_measured(word, bound, environment) > bound for word, bound in BOUNDS_S.items()]
    sys.exit(any(missed))


def _fill(store: DirectoryStore) -> None:
    """An application that was deployed again and again."""
    for _ in range(RELEASES):
        journal = created(store)
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
        host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
        journal.write(HostsKnown(hosts=(host,)))
        journal.write(ReleaseActivated(deployment=running(url="http://192.0.2.1/")))
        journal.write(StatusChanged(status=DeploymentStatus.COMPLETED))


def _measured(word: str, bound: float, environment: dict[str, str]) -> float:
    """The median of one command in seconds, which is printed beside the interpreter's."""
    command = [sys.executable, "-m", "autodeploy", word]
    times = [(_seconds(command, environment), _seconds(PASS, environment)) for _ in range(RUNS)]
    ours, bare = (statistics.median(one) for one in zip(*times, strict=True))
    click.echo(
        f"autodeploy {word:<8} {ours:.3f} s (bound {bound} s), "
        f"{ours / bare:.1f} times `python -c pass` ({bare:.3f} s)"
    )
    return ours


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
