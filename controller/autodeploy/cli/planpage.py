"""A plan as a page for people: what is made, changed, destroyed and left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.table import Table

from autodeploy.cli import costpage, forecastpage, output
from autodeploy.cli.stackpage import plain
from autodeploy.contracts import Action, Difference, PlannedAction, SavedPlan, Subject

GROUPS = {
    Action.CREATE: ("to create", "+", "green"),
    Action.UPDATE: ("to update", "~", "yellow"),
    Action.REPLACE: ("to replace: what is there is DESTROYED", "!", "bold red"),
    Action.DELETE: ("to delete: what is there is DESTROYED", "!", "bold red"),
    Action.NONE: ("unchanged", "=", "dim"),
}
"""The title of each group, the mark of its lines and their style."""


def show(saved: SavedPlan) -> None:
    """Print the page."""
    console = output.console()
    console.print(plain(_title(saved.subject), style="bold"), soft_wrap=True)
    for action, (title, mark, style) in GROUPS.items():
        some = [one for one in saved.plan.actions if one.action is action]
        if some:
            console.print(plain(f"\n{title}", style="bold" if action is Action.NONE else style))
            console.print(_table(some, mark, style))
    for line in _on_hosts(saved.on_hosts or ()):
        console.print(plain(line), soft_wrap=True)
    if saved.on_hosts == ():
        console.print("\non hosts: none is there that stays")
    if saved.cost:
        costpage.show_change(saved.cost, console, is_lab=saved.subject.target == "lab")
    if saved.release:
        console.print(plain(f"\nrelease: {saved.release}"), soft_wrap=True)
    for line in forecastpage.lines(saved.forecast) if saved.forecast else ():
        console.print(plain(line), soft_wrap=True)
    if saved.subject.target == "ssh":
        console.print("\nnothing is provisioned: the hosts exist, and were found fit")
    else:
        console.print(plain(f"\n{summary(saved.plan.summary)}", style="bold"))


def _on_hosts(found: Iterable[Difference]) -> Iterator[str]:
    for one in found:
        yield f"\non {one.host or 'a host'}: {one.what}"
        yield from (f"    {line}" for line in one.reason)


def summary(counts: dict[Action, int]) -> str:
    """`3 to create, 1 to update, 12 unchanged`."""
    said = (
        f"{counts[action]} {GROUPS[action][0].split(':')[0]}"
        for action in GROUPS
        if action in counts
    )
    return ", ".join(said) or "no resources"


def _title(subject: Subject) -> str:
    said = [f"{subject.application} ({subject.environment}) on {subject.target}"]
    said += [subject.region] if subject.region else []
    said += [f"account {subject.account}"] if subject.account else []
    said += [f"commit {subject.commit[:12]}"] if subject.commit else []
    return ", ".join(said)


def _table(some: Iterable[PlannedAction], mark: str, style: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for one in some:
        cells = (f"  {mark} {one.key}", one.type, one.reason)
        table.add_row(*(plain(cell, style=style) for cell in cells))
    return table
