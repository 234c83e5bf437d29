"""What Recon finds in a corpus of applications, held against what is there.

`python tests/bench/recon.py CORPUS TSV`: CORPUS has a folder `OWNER/NAME` for each repository that
the table names, with its files. The table's columns are repository, path, language, framework,
package_manager, declared_runtime_version, database and start_command; ` OR ` parts alternatives,
`-` is none, and for a start command "cannot be told". Prints a figure a fact and the misses.
"""

from __future__ import annotations

import csv
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autodeploy.contracts import Source, TechStack
from autodeploy.recon import detect

COLUMNS = (
    *("repository", "path", "language", "framework", "package_manager"),
    *("declared_runtime_version", "database", "start_command"),
)
OURS = frozenset({"node", "python", "go"})
NONE = "-"
BOUNDS = {
    "language": 0.99,
    "other language": 0.95,
    "framework": 0.97,
    "no framework": 0.99,
    "package_manager": 0.98,
    "declared_runtime_version": 0.97,
    "database": 0.95,
    "start_command": 0.93,
}
MEDIAN_MS, P95_MS = 10, 50
SAME_NAMES = {"postgres": "postgresql", "mongo": "mongodb", "mariadb": "mysql"}
NO_SERVER = frozenset({"sqlite", ""})


@dataclass(frozen=True)
class Miss:
    """An answer that is not in the table."""

    fact: str
    where: str
    wanted: str
    found: str


def main(corpus: Path, table: Path) -> int:
    """Print the figures; 1 where one is below its bound."""
    asked, misses, times = Counter[str](), list[Miss](), list[float]()
    for row in _rows(table):
        place = corpus / row["repository"] / row["path"]
        if not place.is_dir():
            raise SystemExit(f"the corpus has no folder {place}")
        started = time.perf_counter()
        stack = detect(Source(url="x", checkout=place, commit=None, name="x"))
        times.append((time.perf_counter() - started) * 1000)
        for fact, wanted, found, right in _judged(row, stack):
            asked[fact] += 1
            if not right:
                misses.append(Miss(fact, f"{row['repository']}/{row['path']}", wanted, found))
    return _shown(asked, misses, times)


def _rows(table: Path) -> Iterator[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for cells in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if cells[0] != COLUMNS[0]:
                yield dict(zip(COLUMNS, cells, strict=False))


def _judged(row: dict[str, str], stack: TechStack) -> Iterator[tuple[str, str, str, bool]]:
    """For each fact that the row asks for: its name, what is wanted, what was found, right."""
    ours = row["language"] in OURS
    language = stack.language or NONE
    name = "language" if ours else "other language"
    yield name, row["language"], language, _among(row["language"], language)
    if not ours:
        return
    framework = stack.framework or NONE
    name = "no framework" if row["framework"] == NONE else "framework"
    yield name, row["framework"], framework, _among(row["framework"], framework)
    manager, version = stack.package_manager or NONE, stack.runtime_version.declared or NONE
    wanted = row["package_manager"]
    if wanted != NONE:
        yield "package_manager", wanted, manager, _among(wanted, manager)
    wanted = row["declared_runtime_version"]
    yield "declared_runtime_version", wanted, version, _among(wanted, version)
    found = ",".join(stack.databases) or NONE
    right = any(_servers(one) == set(stack.databases) for one in row["database"].split(" OR "))
    yield "database", row["database"], found, right
    wanted = row["start_command"]
    if wanted != NONE:
        right = any(_runs(stack, one.strip()) for one in wanted.split(" OR "))
        yield "start_command", wanted, stack.start_command or NONE, right


def _among(wanted: str, found: str) -> bool:
    return found.strip() in (one.strip() for one in wanted.split(" OR "))


def _servers(wanted: str) -> set[str]:
    named = {SAME_NAMES.get(one.strip(), one.strip()) for one in wanted.split(",")}
    return named - NO_SERVER - {NONE}


def _runs(stack: TechStack, wanted: str) -> bool:
    """Whether the commands do the same; what is wanted before the server may be our release's."""
    if wanted == NONE:
        return stack.start_command is None
    *before, last = (_plain(part) for part in wanted.split("&&"))
    release = _plain(stack.release_command or "")
    ours = [_plain(part) for part in (stack.start_command or "").split("&&")]
    return ours[-1] == last and all(one in ours or release.startswith(one) for one in before)


def _plain(command: str) -> str:
    words = command.removeprefix("npx ").split()
    if len(words) > 2 and words[0] in ("npm", "pnpm", "yarn", "bun") and words[1] == "run":
        del words[1]
    return " ".join(words)


def _shown(asked: Counter[str], misses: list[Miss], times: list[float]) -> int:
    console = Console(highlight=False, soft_wrap=True)
    missed = defaultdict(list)
    for miss in misses:
        missed[miss.fact].append(miss)
    figures = Table("fact", "right", "of", "%", "bound", box=None, pad_edge=False)
    low = False
    for fact, bound in BOUNDS.items():
        total, wrong = asked[fact], len(missed[fact])
        share = (total - wrong) / total if total else 1.0
        low = low or share < bound
        mark = "" if share >= bound else "  below"
        figures.add_row(fact, str(total - wrong), str(total), f"{share:.1%}", f"{bound:.0%}{mark}")
    for miss in misses:
        console.print(f"{miss.fact}: {miss.where}", markup=False)
        console.print(f"    wanted {miss.wanted}\n    found  {miss.found}", markup=False)
    console.print(figures)
    p95 = statistics.quantiles(times, n=20)[-1]
    console.print(
        f"{len(times)} applications; median {statistics.median(times):.1f} ms (bound {MEDIAN_MS}),"
        f" p95 {p95:.1f} ms (bound {P95_MS})"
    )
    return int(low)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: recon.py CORPUS TSV")
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
