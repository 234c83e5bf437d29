"""What somebody has changed by hand is named, and nothing else is."""

import pytest

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.journal.events import HostsKnown
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow
EVERYWHERE = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}]


@pytest.fixture
def up(controller):
    """An application with hosts, a balancer and a database, all as it was left."""
    controller.settings = Settings(target="lab", hosts=2)
    controller.stack = TechStack(
        language="python", processes={"web": "run"}, databases=("postgresql",)
    )
    spec = controller.provision()
    controller.journal.write(HostsKnown(hosts=spec.hosts))
    assert controller.drift() == ()
    controller.cloud.calls.clear()
    return controller


def found(up, **otherwise):
    differing = up.drift(**otherwise)
    assert moto_api.writes(up.cloud) == []
    return {one.what: (one.kind, " / ".join(one.reason)) for one in differing}


def ids(up):
    return {one.key: one.id for one in up.state.resources}


def test_each_change_is_named_with_its_field(up):
    moto_api.client().authorize_security_group_ingress(
        GroupId=ids(up)["security-group-app"],
        IpPermissions=[{**EVERYWHERE[0], "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    moto_api.client("rds").modify_db_instance(
        DBInstanceIdentifier=ids(up)["database"], DeletionProtection=False, BackupRetentionPeriod=1
    )
    said = found(up)
    assert set(said) == {"security-group-app", "database"}
    kind, why = said["security-group-app"]
    assert kind == "changed"
    assert "lets in tcp 22 from 0.0.0.0/0, which nothing asks for" in why
    assert "not protected from deletion" in said["database"][1]
    assert "keeps backups for 1 days only" in said["database"][1]


def test_what_is_gone_is_named_with_what_the_state_had(up):
    host = ids(up)["host-2"]
    moto_api.client().terminate_instances(InstanceIds=[host])
    said = found(up)
    assert said["host-2"] == ("missing", f"{host} does not exist")
    assert "host-2" not in {one for one in said if said[one][0] != "missing"}


def test_what_nothing_asks_for_is_surplus(up):
    subnet = ids(up)["subnet-public-a"]
    image = moto_api.IMAGES["12"]
    made = moto_api.client().run_instances(
        ImageId=image,
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        TagSpecifications=up.owner.specification("host-3", "instance"),
    )
    said = found(up)
    assert said["host-3"][0] == "surplus"
    assert made["Instances"][0]["InstanceId"] in {
        one.id for one in up.drift() if one.what == "host-3"
    }


def test_what_would_be_refused_by_a_plan_is_a_finding(up, tmp_path):
    (up.keys / "id_ed25519").unlink()
    assert "not on this machine" in found(up)["key-pair"][1]


def test_the_state_is_compared_too(up):
    known = up.state.resources
    stranger = known[0].model_copy(update={"key": "host-9", "id": "i-9"})
    other = known[1].model_copy(update={"id": "igw-9"})
    said = found(up, resources=(*known[2:], stranger, other))
    assert said["host-9"] == ("missing", "i-9 does not exist")
    assert said[other.key][0] == "changed"
    assert "the state has igw-9 in its place" in said[other.key][1]
    assert said[known[0].key] == ("changed", "the state does not have it")


def test_a_host_that_has_another_address_since_is_named(up):
    first, second = up.state.hosts
    before = first.model_copy(update={"address": "192.0.2.1"})
    said = found(up, hosts=(before, second))
    assert said == {
        "host-1": ("changed", f"its address is {first.address}, and the state has 192.0.2.1")
    }
