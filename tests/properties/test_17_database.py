"""Database exactly when required, never publicly accessible, whatever somebody did to it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
from autodeploy.contracts import TechStack
from autodeploy.errors import ResourceFailed
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

RDS_NAMES = {"postgresql": "postgres", "mysql": "mysql"}
PORTS = {"postgres": 5432, "mysql": 3306}
stacks = st.builds(
    TechStack,
    language=st.sampled_from(["python", "node", "go"]),
    databases=st.sets(st.sampled_from(["postgresql", "mysql", "redis", "mongodb"])).map(
        lambda found: tuple(sorted(found))
    ),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    database=st.sampled_from([None, None, True, False]),
    database_class=st.sampled_from(["db.t4g.micro", "db.m7g.large"]),
    env=st.sampled_from([{}, {}, {"DATABASE_URL": "postgres://elsewhere/x"}]),
)


def required(stack, settings):
    """The rule in other words than the code's: RDS's name of the engine, or None."""
    declared = [one for one in ("postgresql", "mysql") if one in stack.databases]
    brought = "DATABASE_URL" in settings.env and settings.database is not True
    refused = settings.database is False
    return RDS_NAMES[declared[0]] if declared and not brought and not refused else None


def open_to_the_world(rds, ec2, found):
    rds.modify_db_instance(DBInstanceIdentifier=found["id"], PubliclyAccessible=True)


def unprotect(rds, ec2, found):
    rds.modify_db_instance(
        DBInstanceIdentifier=found["id"], DeletionProtection=False, BackupRetentionPeriod=0
    )


def regroup(rds, ec2, found):
    group = ec2.create_security_group(GroupName="wide", Description="-", VpcId=found["vpc"])
    ec2.authorize_security_group_ingress(
        GroupId=group["GroupId"],
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    rds.modify_db_instance(DBInstanceIdentifier=found["id"], VpcSecurityGroupIds=[group["GroupId"]])
    found["wide"] = group["GroupId"]


def open_its_group(rds, ec2, found):
    ec2.authorize_security_group_ingress(
        GroupId=found["group"],
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 0,
                "ToPort": 65535,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            }
        ],
    )


def stop(rds, ec2, found):
    rds.stop_db_instance(DBInstanceIdentifier=found["id"])


damages = st.lists(
    st.sampled_from([open_to_the_world, unprotect, regroup, open_its_group, stop]),
    max_size=3,
    unique=True,
)


def there():
    """The database and where it is, as the API says; None where there is none."""
    found = moto_api.of("AWS::RDS::DBInstance")
    assert len(found) <= 1
    if not found:
        return None
    (record,) = found
    groups = [one["VpcSecurityGroupId"] for one in record["VpcSecurityGroups"]]
    return {
        "record": record,
        "id": record["DBInstanceIdentifier"],
        "vpc": record["DBSubnetGroup"]["VpcId"],
        "group": groups[0],
        "groups": groups,
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        yield tmp_path_factory.mktemp("database")


@given(stacks, settings, damages, st.sampled_from([0, 0, 1, 4]), st.booleans())
def test_it_is_there_exactly_when_required_and_only_the_hosts_reach_it(
    folder, stack, wanted, damages, deletions, yes_data
):
    """The account is what the example before left: so engines and settings change on the way."""
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    before, engine = there(), required(stack, wanted)
    for damage in damages if before else ():
        damage(moto_api.client("rds"), moto_api.client(), before)
    if deletions:
        with suppress(moto_api.Crash), moto_api.crash_after(deletions):
            controller.destroy()
    before = there()
    replaced = before and engine and before["record"]["Engine"] != engine
    if replaced and not yes_data:
        with pytest.raises(ResourceFailed, match="holds data"):
            controller.provision()
        assert there()["record"]["Engine"] == before["record"]["Engine"]
        yes_data = True
    spec = controller.provision(yes_data=yes_data)
    after = there()
    kept = bool(before) and not engine and not yes_data
    assert bool(after) == bool(engine or kept)
    assert bool(spec.database) == bool(engine)
    if engine:
        assert_private(after, spec, engine, wanted.database_class)
    if kept:
        controller.provision(yes_data=True)
        assert not there()
    forget()


def assert_private(found, spec, engine, instance_class):
    record, ids = found["record"], {one.key: one.id for one in spec.resources}
    assert record["Engine"] == engine
    assert record["DBInstanceClass"] == instance_class
    assert record["DBInstanceStatus"] == "available"
    assert record["PubliclyAccessible"] is False
    assert record["StorageEncrypted"] is True
    assert record["DeletionProtection"] is True
    assert record["BackupRetentionPeriod"] >= 7
    assert record["Endpoint"]["Address"] == spec.database.host
    assert found["groups"] == [ids["security-group-db"]]
    ec2 = moto_api.client()
    (group,) = ec2.describe_security_groups(GroupIds=found["groups"])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"]) == (PORTS[engine], PORTS[engine])
    assert [one["GroupId"] for one in rule["UserIdGroupPairs"]] == [ids["security-group-app"]]
    assert rule["IpRanges"] == rule["Ipv6Ranges"] == rule["PrefixListIds"] == []
    assert private(ec2, record["DBSubnetGroup"])


def private(ec2, group):
    """Whether no table of its subnets leads out, and they are in two zones."""
    ids = [one["SubnetIdentifier"] for one in group["Subnets"]]
    zones = {one["SubnetAvailabilityZone"]["Name"] for one in group["Subnets"]}
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": ids}])[
        "RouteTables"
    ]
    ways = {one.get("GatewayId") for table in tables for one in table["Routes"]}
    return tables and len(zones) == 2 and ways == {"local"}


def forget():
    """Take away what an example made beside us, and what moto keeps of what is gone."""
    ec2, rds = moto_api.client(), moto_api.client("rds")
    named = [{"Name": "group-name", "Values": ["wide"]}]
    for one in ec2.describe_security_groups(Filters=named)["SecurityGroups"]:
        ec2.delete_security_group(GroupId=one["GroupId"])
    for one in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        rds.delete_db_snapshot(DBSnapshotIdentifier=one["DBSnapshotIdentifier"])
    moto_api.forget_deleted()
