"""Property 37: a run is `pending` and durable, with nothing done, before anything is done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import memorykit
from autodeploy.contracts import DeploymentState, DeploymentStatus
from autodeploy.journal import DirectoryStore, who

names = st.from_regex(r"\A[a-z]([a-z0-9-]{0,26}[a-z0-9])?\Z")
said = st.fixed_dictionaries(
    {
        "operation": st.sampled_from(["deploy", "destroy"]),
        "application": names,
        "environment": names,
        "target": st.sampled_from(["aws", "lab", "ssh"]),
        "region": st.none() | st.sampled_from(["eu-central-1", "us-east-1"]),
        "repository": st.none() | st.text(max_size=40),
    }
)


@pytest.mark.property
@given(said, st.sampled_from(["folder", "bucket"]))
def test_a_run_begins_pending_with_nothing_done(given_, kind):
    with TemporaryDirectory() as folder:
        bucket = memorykit.MemoryBucket()

        def machine(name):
            root = Path(folder) / name
            return memorykit.store(root, bucket) if kind == "bucket" else DirectoryStore(root)

        before = datetime.now(UTC)
        journal = machine("one").create(**given_, tool_version="0")
        state = machine("two" if kind == "bucket" else "one").state(journal.state.id)
        assert before <= state.created_at <= datetime.now(UTC)
        nothing = DeploymentState(
            id=journal.state.id,
            status=DeploymentStatus.PENDING,
            created_at=state.created_at,
            by=who(),
            **given_,
        )
        assert state == journal.state == nothing
        assert (state.completed_at, state.error, state.stages) == (None, None, ())
        assert (state.resources, state.intended, state.hosts) == ((), (), ())
