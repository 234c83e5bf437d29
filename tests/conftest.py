"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "property",
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("property")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An AUTODEPLOY_HOME of the test's own."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
