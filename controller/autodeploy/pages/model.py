"""What the page shows: small, typed, ready to be laid out. Nothing in it is markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autodeploy.contracts import ErrorReport
from autodeploy.contracts.security import Finding


@dataclass(frozen=True)
class Bar:
    """A row of the timeline.

    Attributes:
        name: An agent's, or a step's.
        start: Seconds after the attempt has begun.
        seconds: How long it took.
        outcome: `ok`, `changed`, `failed`, `unreachable`, `skipped`, `running` or `stopped`.
        host: Where; None for the controller.
        detail: What else is known of it.
    """

    name: str
    start: float
    seconds: float
    outcome: str
    host: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Lane:
    """One agent's part of an attempt.

    Attributes:
        stage: All of it.
        steps: Those that took long or went wrong, by when they began.
        left_out: How many others there are.
        foreseen: When it was to begin, and how many seconds it was to take.
    """

    stage: Bar
    steps: tuple[Bar, ...] = ()
    left_out: int = 0
    foreseen: tuple[float, float] | None = None


@dataclass(frozen=True)
class Attempt:
    """A deployment's first run, a retry or a rollback.

    Attributes:
        title: Which of these.
        began: When, UTC.
        seconds: How long it took, or takes until now.
        outcome: The status that it ended with, `running`, or `interrupted`.
        ticks: Seconds at which its axis is marked, evenly; the last is the axis' end.
        lanes: One an agent, by when they began.
    """

    title: str
    began: datetime
    seconds: float
    outcome: str
    ticks: tuple[float, ...]
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Box:
    """A rectangle of the diagram; `kind` says how it is drawn, `is_there` whether it exists."""

    kind: str
    label: str
    sub: str
    x: int
    y: int
    width: int
    height: int
    is_there: bool = True


@dataclass(frozen=True)
class Diagram:
    """Boxes and the lines between them, in SVG's units; `text` says the same in words."""

    width: int
    height: int
    areas: tuple[Box, ...]
    nodes: tuple[Box, ...]
    edges: tuple[tuple[Box, Box], ...]
    text: str


@dataclass(frozen=True)
class ResourceRow:
    """One resource: what was to be done with it, what was, and whether that is otherwise."""

    key: str
    type: str
    id: str
    foreseen: str
    done: str
    is_otherwise: bool


@dataclass(frozen=True)
class CostRow:
    """One line of the bill; money in USD a month, as text."""

    resource: str
    what: str
    quantity: str
    monthly: str
    is_assumed: bool


@dataclass(frozen=True)
class Bill:
    """What all costs; `notes` says by which prices."""

    total: str
    rows: tuple[CostRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Safety:
    """What the Sheriff did and saw; a list that is too long ends with how many more there are."""

    is_hardened: bool
    findings: tuple[Finding, ...]
    verified: tuple[str, ...]
    changed: tuple[str, ...]
    not_verified: tuple[str, ...]


@dataclass(frozen=True)
class LogRow:
    """A line of the log; `level` is one of the log's own, or `step`."""

    time: datetime | None
    agent: str
    level: str
    text: str


@dataclass(frozen=True)
class Compared:
    """One thing that was foreseen, and what came of it."""

    what: str
    foreseen: str
    done: str


@dataclass(frozen=True)
class Fact:
    """Something to know of a deployment; `link` where it has an address to go to."""

    name: str
    value: str
    link: str | None = None


@dataclass(frozen=True)
class Page:
    """The whole page, in the order in which it is read.

    Attributes:
        title: The application and its environment.
        id: The deployment's.
        operation: What it was.
        status: Where it stands; `interrupted` where its process is gone.
        lead: What has come of it, in a sentence.
        facts: What else one asks for first.
        errors: What went wrong.
        ways: The commands that lead on.
        attempts: Its timeline, a part a run.
        compared: The plan against the outcome; nothing where nothing was foreseen.
        notes: What the plan said of downtime and the way back.
        diagram: What it stands on; None where nothing is known.
        resources: The same as a table.
        bill: None where nothing is known.
        safety: None where the Sheriff did not come to it.
        log: All that was said and done; `left_out` lines are not in it.
        made: When the page was made.
    """

    title: str
    id: str
    operation: str
    status: str
    lead: str
    facts: tuple[Fact, ...]
    errors: tuple[ErrorReport, ...]
    ways: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    compared: tuple[Compared, ...]
    notes: tuple[str, ...]
    diagram: Diagram | None
    resources: tuple[ResourceRow, ...]
    bill: Bill | None
    safety: Safety | None
    log: tuple[LogRow, ...]
    left_out: int
    made: datetime
