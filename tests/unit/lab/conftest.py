from __future__ import annotations

import pytest

import strictkit


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    with strictkit.serving(tmp_path_factory.mktemp("api")) as serving:
        yield serving


@pytest.fixture
def api(serving):
    """The lab's API on loopback, without hosts, with nothing in it."""
    serving.admin("POST", "reset")
    serving.clock.step = 0
    return serving
