"""What no state has is found, whichever service has it, and what a state has is not."""

import pytest

import moto_api
from autodeploy.conductor import Environment, orphans
from autodeploy.contracts import TechStack
from autodeploy.journal import DirectoryStore
from autodeploy.journal import events as e
from autodeploy.provisioner.pricing import price_list, write
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow
WHOLE = {
    *("AWS::EC2::VPC", "AWS::EC2::InternetGateway", "AWS::EC2::Subnet", "AWS::EC2::RouteTable"),
    *("AWS::EC2::SecurityGroup", "AWS::EC2::KeyPair", "AWS::EC2::Instance"),
    *("AWS::RDS::DBSubnetGroup", "AWS::RDS::DBInstance", "AWS::SecretsManager::Secret"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    *("AWS::SNS::Topic", "AWS::CloudWatch::Alarm"),
}


@pytest.fixture
def up(tmp_path):
    """An application of each kind but a certificate, and something that is nobody's of ours."""
    with moto_api.api():
        moto_api.client().create_vpc(CidrBlock="172.20.0.0/16")
        one = moto_api.Controller(
            tmp_path,
            stack=TechStack(language="python", processes={"web": "run"}, databases=("postgresql",)),
            settings=Settings(target="lab", hosts=2, alarms=("ops@example.com",)),
        )
        one.provision()
        yield one


def looked(store):
    return orphans(Environment(store, store.root, moto_api.cloud)).orphans


def test_with_its_state_nothing_is_an_orphan_and_without_it_everything_is(up, tmp_path):
    assert looked(DirectoryStore(tmp_path / "store")) == ()
    moto_api.cloud().calls.clear()
    found = looked(DirectoryStore(tmp_path / "empty"))
    assert moto_api.writes(moto_api.cloud()) == []
    assert {one.resource.type for one in found} == WHOLE
    parts = ("Listener", "TargetDescription", "Subscription")
    made = {one.id for one in up.state.resources if not one.type.endswith(parts)}
    assert {one.resource.id for one in found} == made
    assert {(one.application, one.environment) for one in found} == {("shop", "production")}
    assert all("autodeploy adopt shop -e production" in one.removal for one in found)


def test_what_was_begun_and_not_confirmed_is_the_next_runs(up, tmp_path):
    other = up.owner.model_copy(update={"application": "blog"})
    moto_api.client().create_vpc(
        CidrBlock="172.21.0.0/16", TagSpecifications=other.specification("vpc", "vpc")
    )
    (found,) = looked(DirectoryStore(tmp_path / "store"))
    assert (found.application, found.resource.key) == ("blog", "vpc")
    up.journal.write(e.ResourceIntended(action="create", key="vpc", type="AWS::EC2::VPC"))
    assert looked(DirectoryStore(tmp_path / "store")) == ()


@pytest.fixture
def priced(monkeypatch, tmp_path):
    """The region of these tests has the prices of the one of which all are known."""
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    prices = price_list("us-east-1").model_copy(update={"region": moto_api.REGION})
    write(prices)
    return prices


def test_a_price_is_given_or_not_known(up, tmp_path, priced):
    found = looked(DirectoryStore(tmp_path / "empty"))
    cost = {one.resource.key: one.monthly_usd for one in found}
    assert cost["vpc"] == cost["alarm-topic"] == 0
    assert cost["alarm-host-2"] == 0.1
    assert cost["database"] == pytest.approx(730 * 0.016 + 20 * 0.115 + 0.4)
    assert cost["load-balancer"] == pytest.approx(730 * (0.0225 + 2 * 0.005 + 0.1 * 0.008))
    hour = float(priced.price("instance/t3.small"))
    assert cost["host-1"] == pytest.approx(730 * (hour + 0.005) + 10 * 0.08)


def test_what_destroy_leaves_and_what_has_lost_its_surroundings_is_found(tmp_path, priced):
    with moto_api.api():
        store = DirectoryStore(tmp_path / "empty")
        owner = moto_api.Owner(application="gone", environment="staging", deployment="d1")
        ec2, rds = moto_api.client(), moto_api.client("rds")
        vpc = ec2.create_vpc(CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
        volume = ec2.create_volume(
            AvailabilityZone=f"{moto_api.REGION}a",
            Size=10,
            VolumeType="gp3",
            TagSpecifications=owner.specification("host-1", "volume"),
        )
        rds.create_db_instance(
            DBInstanceIdentifier="not-ours",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="u",
            MasterUserPassword="p" * 12,
        )
        rds.create_db_snapshot(
            DBInstanceIdentifier="not-ours",
            DBSnapshotIdentifier="last",
            Tags=owner.tags("database"),
        )
        certificate = moto_api.client("acm").request_certificate(
            DomainName="shop.example.com", Tags=owner.tags("certificate")
        )
        groups = [
            moto_api.client("elbv2").create_target_group(
                Name=f"group-{number}",
                Protocol="HTTP",
                Port=80,
                VpcId=vpc,
                Tags=owner.tags("target-group"),
            )["TargetGroups"][0]["TargetGroupArn"]
            for number in range(25)
        ]
        found = {one.resource.id: one for one in looked(store)}
        assert set(found) == {
            volume["VolumeId"],
            "last",
            certificate["CertificateArn"],
            *groups,
        }
        assert found[volume["VolumeId"]].monthly_usd == pytest.approx(0.8)
        assert found[volume["VolumeId"]].removal.startswith(
            "aws ec2 delete-volume --volume-id vol-"
        )
        assert found["last"].monthly_usd == pytest.approx(20 * 0.095)
        assert found["last"].removal.endswith("--db-snapshot-identifier last")
