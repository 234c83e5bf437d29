"""Deployments' logs by hand, for pages of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from autodeploy import pages
from autodeploy.contracts import DeploymentStatus, ErrorReport
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from statekit import REST, SAID

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds, event):
    return e.stamped(event, 1, START + timedelta(seconds=seconds))


def status(seconds, name):
    return at(seconds, e.StatusChanged(status=DeploymentStatus(name)))


def story(*events):
    return [at(0, e.Created(id="d1", **SAID, **REST)), *events]


def step(name="install", seconds=2.0, outcome="changed", **more):
    return e.StepEnded(agent="deployer", step=name, seconds=seconds, outcome=outcome, **more)


def page(events, ways=()):
    return pages.view(fold(events), events, ways, START)


FAILED = story(
    status(0, "running"),
    at(1, e.StageStarted(agent="deployer")),
    at(4, step(host="shop-production-host-1")),
    at(5, step("skip", 0.1, "skipped")),
    at(6, e.StageEnded(agent="deployer", ok=False)),
    at(6, e.Failed(error=ErrorReport(agent="deployer", step="s", host=None, message="no answer",
       cause="KeyError: 'X'", remediation="Read it."))),
    status(6, "failed"),
)  # fmt: skip
