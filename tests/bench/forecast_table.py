"""The shipped table of durations, made of the runs below an AUTODEPLOY_HOME.

    python tests/bench/forecast_table.py HOME "the lab on 2 cores" > durations.json

How many hosts there are is left out: few runs tell of each number. Each kind has a row without
additions: where no run was without, one of all its runs.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from autodeploy.conductor.forecast.durations import told
from autodeploy.conductor.forecast.work import NOTHING, is_like
from autodeploy.contracts import DeploymentState
from autodeploy.journal import DirectoryStore

MOST = 10_000


def by_work(runs: list[DeploymentState]) -> dict[str, list[DeploymentState]]:
    """Whole runs by their work without its number of hosts."""
    found: dict[str, list[DeploymentState]] = defaultdict(list)
    for run in runs:
        work = run.foreseen.forecast.work if run.foreseen else NOTHING
        if is_like(run, work, run.target):
            found[re.sub(r", \d+ hosts?", "", work)].append(run)
    for kind in {work.partition(", ")[0] for work in found} - found.keys():
        found[kind] = [run for work in found if work.startswith(kind) for run in found[work]]
    return found


def row(work: str, runs: list[DeploymentState]) -> dict[str, Any]:
    line = told(runs, "")
    stages = {
        one.agent: [round(each, 1) for each in (one.starts_after, one.p50, one.p95)]
        for one in line.stages
    }
    total = [round(line.p50, 1), round(line.p95, 1)]
    return {"work": work, "runs": len(runs), "total": total, "stages": stages}


def main(home: str, of: str) -> None:
    found = by_work(DirectoryStore(Path(home)).newest(MOST))
    works = [row(work, runs) for work, runs in sorted(found.items())]
    lines = ",\n".join(f"    {json.dumps(one)}" for one in works)
    head = f'  "measured": "{datetime.now(UTC):%Y-%m-%d}",\n  "of": {json.dumps(of)},'
    click.echo(f'{{\n{head}\n  "works": [\n{lines}\n  ]\n}}')


if __name__ == "__main__":
    main(*sys.argv[1:])
