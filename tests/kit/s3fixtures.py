"""Fixtures of S3 on loopback."""

from __future__ import annotations

import pytest

import s3kit


@pytest.fixture(scope="session")
def s3_server():
    """One server for all: to start one takes a second."""
    with s3kit.serve() as found:
        yield found


@pytest.fixture
def s3(s3_server):
    """A bucket of the test's own."""
    return s3_server.another()
