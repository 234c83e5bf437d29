"""An application is worked on with its own account's credentials alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.conductor import Command, Environment
from autodeploy.conductor.account import open_cloud
from autodeploy.errors import CloudError
from autodeploy.settings import Settings
from statekit import created


@pytest.fixture
def opened(store, tmp_path):
    """What the journal says after the door was opened with an account's credentials."""

    def to(account, target="aws"):
        settings = Settings(target=target)
        command = Command(repository=None, name="shop", flags={}, settings=settings)
        who = SimpleNamespace(account=account)
        cloud = SimpleNamespace(region="eu-west-1", identity=lambda: who)
        environment = Environment(store=store, cache=tmp_path, open_cloud=lambda: cloud)
        journal = created(store, operation="destroy", target=target)
        open_cloud(command, environment, SimpleNamespace(journal=journal), {})
        return journal.state.account

    return to


def test_the_same_account_again(opened):
    assert opened("1") == opened("1") == "1"


def test_another_account_is_refused_and_the_first_one_remembered(opened):
    opened("1")
    with pytest.raises(CloudError, match="of account 2, and shop lives in 1"):
        opened("2")
    assert opened("1") == "1"


def test_the_lab_is_no_account(opened):
    assert opened("1", target="lab") is None
