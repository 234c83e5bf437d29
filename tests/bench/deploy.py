"""How fast a deployment is beside others, and what it loses: `make bench-deploy`, as root.

All deploy the same application (Flask, 20 dependencies, 200 files) to fresh hosts of the lab. A
time is the whole command's, from the repository until the newest release answers; the table has
medians, and a bound that is missed is the exit code. Turns are taken, so that noise hits all.
speed   first deployment, a line changed, nothing changed; ours and each peer's
hosts   eight hosts over one host, and the controller's memory
load    requests that are lost while 50 connections ask (deploy_load.py)

Package installation is told apart. Peers' hosts have their packages, and the application's
dependencies in pip's cache, before the first deployment; ours has the dependencies in its cache and
installs the hosts' packages itself: its journal says how long that took.

`PIKU` names a folder with piku's piku.py; `RUNS` is how often (3); arguments are parts to run.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

import click
import platformdirs
from deploy_load import load
from deploy_memory import peak
from deploy_site import Bench
from peers.ansible import Ansible, TunedAnsible
from peers.base import Peer
from peers.byhand import ByHand
from peers.capistrano import Capistrano
from peers.ours import Autodeploy
from peers.piku import Piku
from peers.pyinfra import Pyinfra

from autodeploy.lab import client, images
from autodeploy.lab.site import Site
from figures import Figure

RUNS = int(os.environ.get("RUNS", "3"))
PEERS = (Autodeploy, ByHand, Piku, Capistrano, Pyinfra, Ansible, TunedAnsible)
FIRST_S, REDEPLOY_S, UNCHANGED_S, EIGHT, MEMORY_MB = 10, 3.0, 0.8, 4, 200
Times = dict[tuple[str, str], list[float]]


def speed(bench: Bench) -> Iterator[Figure]:
    """Ours on a fresh host each time, a peer on one and again on that."""
    times: Times = defaultdict(list)
    there: dict[type[Peer], Peer] = {}
    ways = [one for one in PEERS if is_had(one)]
    for number in range(RUNS):
        for way in ways[number:] + ways[:number]:
            if way not in there or way is Autodeploy:
                there[way] = first(bench, way, times)
            again(bench, there[way], times)
    for peer in there.values():
        peer.close()
    yield from judged(times)


def is_had(way: type[Peer]) -> bool:
    if lacks := way.lacks():
        click.echo(f"{way.name}: left out, this machine lacks it: {lacks}")
    return not lacks


def first(bench: Bench, way: type[Peer], times: Times) -> Peer:
    peer = bench.peer(way)
    seconds = bench.timed(peer.first, peer.machine)
    note(times, peer, "first", seconds)
    if isinstance(peer, Autodeploy):
        note(times, peer, "beyond packages", seconds - peer.seconds_of_packages())
    return peer


def again(bench: Bench, peer: Peer, times: Times) -> None:
    bench.application.change()
    note(times, peer, "redeploy", bench.timed(peer.redeploy, peer.machine))
    note(times, peer, "unchanged", bench.timed(peer.unchanged, peer.machine))


def note(times: Times, peer: Peer, what: str, seconds: float) -> None:
    times[peer.name, what].append(seconds)
    click.echo(f"  {peer.name}: {what} {seconds:.2f} s", err=True)


def judged(times: Times) -> Iterator[Figure]:
    median = {key: statistics.median(one) for key, one in times.items()}
    click.echo(f"\n{'':<22}{'first':>8}{'redeploy':>10}{'unchanged':>11}  seconds")
    for name in dict.fromkeys(name for name, _ in median):
        first, redeploy, unchanged = (
            median[name, what] for what in ("first", "redeploy", "unchanged")
        )
        click.echo(f"{name:<22}{first:>8.1f}{redeploy:>10.1f}{unchanged:>11.2f}")
    ours = Autodeploy.name
    yield Figure("first, beyond packages", median[ours, "beyond packages"], FIRST_S, "s")
    yield Figure("a line changed", median[ours, "redeploy"], REDEPLOY_S, "s")
    if Piku.lacks() is None:
        piku = median[Piku.name, "redeploy"]
        yield Figure("a line changed, over piku", median[ours, "redeploy"] / piku, 1)
    yield Figure("nothing changed", median[ours, "unchanged"], UNCHANGED_S, "s")


def hosts(bench: Bench) -> Iterator[Figure]:
    one, eight = bench.peer(Autodeploy), bench.peer(Autodeploy)
    for _ in range(7):
        eight.join(bench.host())
    times = [bench.timed(each.first, *each.machines) for each in (one, eight)]
    click.echo(f"first: one host {times[0]:.1f} s, eight {times[1]:.1f} s")
    yield Figure("first, eight hosts over one", times[1] / times[0], EIGHT)
    pairs = []
    for _run in range(RUNS):
        bench.application.change()
        pairs.append([bench.timed(each.redeploy, *each.machines) for each in (one, eight)])
    single, many = (statistics.median(side) for side in zip(*pairs, strict=True))
    click.echo(f"a line changed: one host {single:.1f} s, eight {many:.1f} s")
    yield Figure("a line changed, eight hosts over one", many / single, EIGHT)
    bench.application.change()
    for each, what in ((one, "one host"), (eight, "eight hosts")):
        most = peak(each.measured())
        yield Figure(f"memory, {what}: the largest process", most.largest, MEMORY_MB, "MB")
        yield Figure(f"memory, {what}: all processes", most.together, MEMORY_MB, "MB")


def main(names: list[str]) -> int:
    figures: list[Figure] = []
    default = platformdirs.user_state_path("autodeploy") / "lab/images"
    os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(default))
    for part in (speed, hosts, load):
        if names and part.__name__ not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.environ["AUTODEPLOY_HOME"] = f"{folder}/lab"
            images.ensure(images.DEFAULT, Site.here().images)
            try:
                with Bench(Path(folder)) as bench:
                    for figure in part(bench):
                        click.echo(figure)
                        figures.append(figure)
            finally:
                client.down()
    return any(figure.is_missed for figure in figures)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
