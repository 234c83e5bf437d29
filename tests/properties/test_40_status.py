"""Property 40: `status` shows everything that the state holds."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.cli.status import status
from eventkit import begin, events, unsynced
from storykit import nothing_seen

pytestmark = pytest.mark.property


def leaves(value, path=()):
    """Everything in a document, with where it stands."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, (*path, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    else:
        yield path, value


@given(st.lists(events, max_size=8))
def test_the_document_has_all_that_the_state_has(written):
    with TemporaryDirectory() as folder, unsynced(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTODEPLOY_HOME", folder)
        patch.setattr("autodeploy.conductor.looks", nothing_seen)
        store, journal = begin(Path(folder))
        for event in written:
            journal.write(event)
        done = CliRunner().invoke(status, ["shop", "--json"], catch_exceptions=False)
        shown = dict(leaves(json.loads(done.stdout)))
        for path, value in leaves(store.state(journal.state.id).model_dump(mode="json")):
            assert shown[path] == value, path
