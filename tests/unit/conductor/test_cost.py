"""What an application costs is asked of AWS, and reckoned with its own assumptions."""

from decimal import Decimal

import pytest

import moto_api
from autodeploy import conductor
from autodeploy.conductor import Environment
from autodeploy.contracts import TechStack
from autodeploy.errors import CloudError
from autodeploy.journal.application import application
from autodeploy.provisioner.pricing import price_list, write
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture
def up(monkeypatch, tmp_path):
    """An application with two hosts and a load balancer, where all prices are known."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    write(price_list("us-east-1").model_copy(update={"region": moto_api.REGION}))
    with moto_api.api():
        one = moto_api.Controller(tmp_path, settings=Settings(target="lab", hosts=2))
        one.provision()
        yield one


def cost(up, known):
    store = moto_api.DirectoryStore(up.folder / "store")
    return conductor.cost(known, Environment(store, up.folder, moto_api.cloud))


def live(up, **otherwise):
    """It, as if its newest run had put it live."""
    said = {"stack": TechStack(language="python", processes={"web": "run"}), **otherwise}
    known = application([up.state])
    return known.model_copy(update={"live": up.state.model_copy(update=said)})


def test_it_reads_only_and_says_how_it_would_be_less(up):
    up.cloud.calls.clear()
    found = cost(up, live(up))
    assert moto_api.writes(up.cloud) == []
    host = 730 * (Decimal("0.0208") + Decimal("0.005")) + Decimal("0.80")
    assert found.cost.monthly == 2 * host + Decimal("24.309") + Decimal("0.90")
    assert [one.how for one in found.suggestions] == ["--arch arm64"]
    assert cost(up, application([up.state])).suggestions == ()


def test_its_own_assumptions_hold(up):
    quiet = {"usage": {"data_transfer_gb": 0, "lcu": 0}, "env": {}}
    plain, silent = (cost(up, live(up, settings=one)).cost for one in ({}, quiet))
    assert plain.monthly - silent.monthly == Decimal("0.90") + Decimal("0.584")
    assert silent.usage == {"data_transfer_gb": 0, "lcu": 0, "backup_gb": 0}


def test_hosts_that_exist_are_not_aws(up):
    assert cost(up, live(up).model_copy(update={"target": "ssh"})).cost is None


def test_with_another_accounts_credentials_it_does_not_seem_free(up):
    elsewhere = {"target": "aws", "account": "999999999999"}
    with pytest.raises(CloudError, match="lives in 999999999999"):
        cost(up, live(up).model_copy(update=elsewhere))
