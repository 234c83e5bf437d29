import pytest

import moto_api


@pytest.fixture
def controller(tmp_path):
    """The Provisioner of an application, on a fresh account."""
    with moto_api.api():
        yield moto_api.Controller(tmp_path)


@pytest.fixture
def one_at_a_time(monkeypatch):
    """One resource after another, always in the same order."""
    monkeypatch.setattr("autodeploy.provisioner.executor.AT_ONCE", 1)
