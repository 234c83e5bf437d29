"""S3 on loopback."""

from __future__ import annotations

import pytest

import s3kit


@pytest.fixture(scope="session")
def server():
    """One server for all: to start one takes a second."""
    with s3kit.serve() as found:
        yield found


@pytest.fixture
def s3(server):
    """A bucket of the test's own."""
    return server.another()
