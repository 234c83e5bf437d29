"""Events of all kinds, for properties of what is made of them."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from datetime import UTC
from pathlib import Path
from unittest.mock import patch

from hypothesis import strategies as st

from autodeploy.contracts import (
    Action,
    DeploymentConfig,
    DeploymentStatus,
    ErrorReport,
    Evidence,
    Finding,
    Forecast,
    Host,
    HostSecurity,
    Outage,
    Permissions,
    PlannedAction,
    Prediction,
    RuntimeVersion,
    SecretMark,
    SecretVersion,
    SecurityConfig,
    StageForecast,
    TechStack,
    Timeline,
    TopicReport,
)
from autodeploy.journal import DirectoryStore, Journal
from autodeploy.journal import events as e
from statekit import created

text = st.text(max_size=20)
maybe = st.one_of(st.none(), text)
names = st.sampled_from(["vpc", "host-1", "subnet-a"])
agents = st.sampled_from(["recon", "compiler", "provisioner", "deployer", "sheriff"])
hosts = st.builds(Host, name=names, address=text, private_address=maybe, host_key=text)
evidence = st.builds(Evidence, fact=text, value=text, file=text, line=st.none() | st.integers())
stacks = st.builds(
    TechStack,
    language=maybe,
    runtime_version=st.builds(RuntimeVersion, declared=maybe, resolved=maybe, source=maybe),
    databases=st.lists(text, max_size=2).map(tuple),
    processes=st.dictionaries(text, text, max_size=2),
    port=st.none() | st.integers(1, 65535),
    evidence=st.lists(evidence, max_size=2).map(tuple),
)
configs = st.builds(
    DeploymentConfig,
    release=text,
    artifact=text,
    url=text,
    processes=st.dictionaries(text, text, max_size=2),
    health_path=text,
    health_status=st.integers(100, 599),
    hosts=st.lists(names, max_size=2).map(tuple),
    fingerprint=text,
)
moments = st.datetimes(timezones=st.just(UTC))
secrets = st.builds(
    SecretVersion,
    version=text,
    number=st.integers(0),
    id=maybe,
    names=st.dictionaries(text, st.builds(SecretMark, at=moments, by=text), max_size=2),
)
findings = st.builds(Finding, id=text, resource=text, message=text)
reports = st.lists(
    st.builds(
        TopicReport,
        host=maybe,
        topic=text,
        verified=st.lists(text, max_size=2).map(tuple),
        findings=st.lists(findings, max_size=2).map(tuple),
        details=st.dictionaries(text, text, max_size=1),
    ),
    max_size=2,
).map(tuple)
seconds = st.floats(0, 1e6)
outages = st.builds(Outage, seconds=st.none() | st.integers(0, 9), reason=text)
parts = st.builds(StageForecast, agent=agents, starts_after=seconds, p50=seconds, p95=seconds)
timelines = st.builds(
    Timeline,
    p50=seconds,
    p95=seconds,
    stages=st.lists(parts, max_size=2).map(tuple),
    basis=text,
)
forecasts = st.builds(
    Forecast,
    work=text,
    timeline=timelines,
    downtime=outages,
    permissions=st.builds(Permissions, writes=st.lists(text, max_size=2).map(tuple)),
    undo=st.lists(text, max_size=2).map(tuple),
)
planned = st.builds(
    PlannedAction,
    key=names,
    type=text,
    action=st.sampled_from(Action),
    reason=text,
    properties=st.dictionaries(text, st.none() | st.integers() | text, max_size=2),
    outage=st.none() | outages,
)
predictions = st.builds(
    Prediction, resources=st.lists(planned, max_size=2).map(tuple), forecast=forecasts
)
events = st.one_of(
    st.builds(e.StageStarted, agent=agents),
    st.builds(e.StageEnded, agent=agents, ok=st.booleans()),
    st.builds(e.StepEnded, agent=agents, step=text, seconds=st.floats(0, 1e6)),
    st.builds(e.LogLine, agent=agents, message=text),
    st.builds(e.SecretsChanged, secrets=secrets),
    st.builds(e.SnapshotKept, id=text),
    st.builds(e.SourceRead, commit=maybe, stack=stacks),
    st.builds(e.ArtifactBuilt, digest=text, size=st.integers(0)),
    st.builds(e.CloudOpened, region=text),
    st.builds(e.Foreseen, prediction=predictions),
    st.builds(e.ResourceIntended, key=names, type=text, token=maybe),
    st.builds(e.ResourceDone, key=names, type=text, id=text),
    st.builds(e.HostsKnown, hosts=st.lists(hosts, max_size=2).map(tuple)),
    st.builds(e.HostPrepared, host=names, fingerprint=text),
    st.builds(e.HostSecured, host=names, security=st.builds(HostSecurity, reports=reports)),
    st.builds(e.ReleaseActivated, deployment=configs),
    st.builds(e.MaintenanceIntended, shown=st.booleans()),
    st.builds(e.MaintenanceSet, shown=st.booleans()),
    st.builds(
        e.SecurityReviewed,
        security=st.builds(
            SecurityConfig,
            hardened=st.booleans(),
            reports=reports,
        ),
    ),
    st.builds(
        e.Failed,
        error=st.builds(ErrorReport, agent=agents, step=maybe, host=maybe, cause=maybe),
    ),
)


def begin(root: Path) -> tuple[DirectoryStore, Journal]:
    store = DirectoryStore(root)
    journal = created(store)
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    return store, journal


def unsynced() -> AbstractContextManager[object]:
    """Nothing is synced inside: hundreds of syncs take longer than all the rest."""
    return patch.object(os, "fsync")
