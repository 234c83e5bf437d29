import logging
import re
from types import SimpleNamespace

import pytest

import moto_api
from autodeploy import provisioner
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import CloudError, EndpointUnreachable, NameTaken, ResourceFailed
from autodeploy.provisioner.database import KEYS
from autodeploy.provisioner.kinds import KINDS
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

COUNTS = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 2,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
    "AWS::RDS::DBSubnetGroup": 1,
    "AWS::SecretsManager::Secret": 1,
    "AWS::RDS::DBInstance": 1,
}
NONE = TechStack(language="python", processes={"web": "run"})


@pytest.fixture
def controller(controller):
    """The Provisioner of an application that needs PostgreSQL."""
    controller.stack = NONE.model_copy(update={"databases": ("postgresql", "mongodb")})
    return controller


@pytest.fixture
def rds(controller):
    return moto_api.client("rds")


def the(kind):
    (record,) = moto_api.of(kind)
    return record


def database():
    return the("AWS::RDS::DBInstance")


def snapshots():
    found = moto_api.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [one["DBSnapshotIdentifier"] for one in found]


def password():
    arn = the("AWS::SecretsManager::Secret")["ARN"]
    return moto_api.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]


def planned(controller, **how):
    return {one.key: one for one in controller.plan(**how).actions if one.key in KEYS}


def answer(status, parsed):
    """What a hook before a call gives, so that it is answered without being carried out."""
    return SimpleNamespace(status_code=status), parsed


def says(**record):
    """RDS says this of every database."""

    def say(parsed, **_):
        for one in parsed.get("DBInstances", ()):
            one.update(record)

    return moto_api.hook("after-call.rds.DescribeDBInstances", say)


@pytest.mark.parametrize(
    ("databases", "engine", "port"),
    [(("postgresql", "mongodb"), "postgres", 5432), (("mysql",), "mysql", 3306)],
)
def test_it_is_made_as_a_careful_engineer_would(controller, databases, engine, port):
    controller.stack = NONE.model_copy(update={"databases": databases})
    foretold = controller.plan()
    spec = controller.provision()
    assert [(a.key, a.type) for a in foretold.actions] == [(r.key, r.type) for r in spec.resources]
    assert moto_api.counts() == COUNTS
    made = database()
    assert made["Engine"] == engine
    assert made["DBInstanceClass"] == "db.t4g.micro"
    assert made["StorageType"] == "gp3"
    assert made["AllocatedStorage"] == 20
    assert made["StorageEncrypted"] is True
    assert made["PubliclyAccessible"] is False
    assert made["DeletionProtection"] is True
    assert made["BackupRetentionPeriod"] == 7
    assert made["CopyTagsToSnapshot"] is True
    assert made["AutoMinorVersionUpgrade"] is True
    ids = {one.key: one.id for one in spec.resources}
    subnets = {one["SubnetIdentifier"] for one in made["DBSubnetGroup"]["Subnets"]}
    assert subnets == {ids["subnet-private-a"], ids["subnet-private-b"]}
    groups = [one["VpcSecurityGroupId"] for one in made["VpcSecurityGroups"]]
    assert groups == [ids["security-group-db"]]
    (group,) = moto_api.client().describe_security_groups(GroupIds=groups)["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (port, port, "tcp")
    assert [one["GroupId"] for one in rule["UserIdGroupPairs"]] == [ids["security-group-app"]]
    assert not rule["IpRanges"]
    assert not rule["Ipv6Ranges"]


def test_others_hear_of_it(controller):
    found = controller.provision().database
    made = database()
    assert found.engine == "postgresql"
    assert (found.host, found.port) == (made["Endpoint"]["Address"], 5432)
    assert found.name == found.user == made["DBName"] == "app_shop"
    assert found.secret == the("AWS::SecretsManager::Secret")["ARN"]
    assert found.master_secret == made["MasterUserSecret"]["SecretArn"]


def test_hosts_are_handed_over_without_it(controller):
    handed = []
    spec = controller.provision(on_hosts=handed.append)
    assert [one.hosts for one in handed] == [spec.hosts]


@pytest.mark.parametrize("application", ["a", "x--y", "a2345678901234567890123456-8", "select"])
def test_any_name_of_an_application_makes_legal_names(controller, application):
    one = moto_api.Controller(controller.folder, application, controller.stack)
    spec = one.provision()
    name = spec.database.name
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name)
    assert name.startswith("app_")
    one.destroy()
    assert moto_api.counts() == {}


def test_the_second_time_reads_each_kind_once_and_writes_nothing(controller):
    first = controller.provision()
    controller.cloud.calls.clear()
    assert controller.provision() == first
    actions = [call.action for call in controller.cloud.calls]
    assert moto_api.writes(controller.cloud) == []
    assert len(actions) == len(set(actions)) <= len(KINDS)
    assert not controller.plan().changes


def test_all_of_it_bears_the_tags_from_its_creation(controller, rds):
    controller.provision()
    assert not {"AddTagsToResource", "TagResource"} & set(moto_api.writes(controller.cloud))
    group = the("AWS::RDS::DBSubnetGroup")["DBSubnetGroupArn"]
    for tags in (
        database()["TagList"],
        the("AWS::SecretsManager::Secret")["Tags"],
        rds.list_tags_for_resource(ResourceName=group)["TagList"],
    ):
        assert controller.owner.owns({one["Key"]: one["Value"] for one in tags})


def test_the_password_is_in_the_secret_and_nowhere_else(controller, caplog):
    caplog.set_level(logging.DEBUG)
    spec = controller.provision()
    application, master = provisioner.passwords(controller.cloud, spec.database)
    assert application == password()
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,}", application)
    login = master()
    said = [
        *(caplog.text, controller.journal.path.read_text(), spec.model_dump_json()),
        *(controller.state.model_dump_json(), repr(login), repr(controller.cloud.calls)),
    ]
    assert "secretsmanager" in caplog.text
    assert not any(secret in text for secret in (application, login.password) for text in said)


def test_the_master_is_asked_for_only_when_it_is_needed(controller):
    spec = controller.provision()
    controller.cloud.calls.clear()
    _, master = provisioner.passwords(controller.cloud, spec.database)
    assert len(controller.cloud.calls) == 1
    assert database()["MasterUsername"] == "autodeploy"
    assert len(master()) == 2
    assert len(controller.cloud.calls) == 2


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"username": "x"}'])
def test_a_secret_that_somebody_changed_is_an_error_without_its_text(controller, text):
    spec = controller.provision()

    def strange(parsed, **_):
        parsed["SecretString"] = text

    _application, master = provisioner.passwords(controller.cloud, spec.database)
    hooked = moto_api.hook("after-call.secrets-manager.GetSecretValue", strange)
    with hooked, pytest.raises(ResourceFailed) as caught:
        master()
    assert spec.database.master_secret in caught.value.message
    assert caught.value.__cause__ is None


def test_a_crash_after_every_single_call_loses_and_doubles_nothing(controller, one_at_a_time):
    crashes = 0
    while True:
        try:
            with moto_api.crash_after(1):
                controller.restarted().provision()
        except moto_api.Crash:
            crashes += 1
        else:
            break
        assert all(moto_api.counts().get(kind, 0) <= COUNTS[kind] for kind in COUNTS)
    assert crashes == 23
    assert moto_api.counts() == COUNTS


def test_an_answer_that_is_lost_doubles_nothing(controller):
    lost = set()

    def lose(model, **_):
        if not model.name.startswith(moto_api.READS) and model.name not in lost:
            lost.add(model.name)
            raise EndpointUnreachable("the answer was lost", action=model.name)

    with moto_api.hook("after-call", lose):
        controller.provision()
    assert {"CreateDBInstance", "CreateDBSubnetGroup", "CreateSecret"} <= lost
    assert moto_api.counts() == COUNTS
    assert not controller.plan().changes


def test_what_is_half_made_is_completed(controller):
    controller.provision()
    with says(DBInstanceStatus="creating", Endpoint={}):
        action = planned(controller)["database"]
        assert action.action is Action.NONE
    looks = []

    def slow(parsed, **_):
        looks.append(True)
        for one in parsed["DBInstances"]:
            one["DBInstanceStatus"] = "backing-up" if len(looks) < 4 else "available"

    with moto_api.hook("after-call.rds.DescribeDBInstances", slow):
        assert controller.provision().database
    assert len(looks) == 4


@pytest.mark.parametrize(
    ("drift", "reason"),
    [
        (
            {"DBInstanceClass": "db.m7g.large"},
            "its class is db.m7g.large, not db.t4g.micro: it restarts, and is away meanwhile",
        ),
        ({"DeletionProtection": False}, "is not protected from deletion"),
        ({"PubliclyAccessible": True}, "has a public address"),
        ({"BackupRetentionPeriod": 0}, "keeps backups for 0 days only"),
        ({"VpcSecurityGroupIds": ["$app"]}, "is not in security-group-db alone"),
        (
            {"DeletionProtection": False, "BackupRetentionPeriod": 1},
            "is not protected from deletion; keeps backups for 1 days only",
        ),
    ],
)
def test_what_somebody_changed_is_changed_back_in_place(controller, rds, drift, reason):
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    if "VpcSecurityGroupIds" in drift:
        drift = {"VpcSecurityGroupIds": [ids["security-group-app"]]}
    before = database()
    rds.modify_db_instance(DBInstanceIdentifier=ids["database"], ApplyImmediately=True, **drift)
    action = planned(controller)["database"]
    assert (action.action, action.reason) == (Action.UPDATE, reason)
    controller.cloud.calls.clear()
    assert controller.provision().database == spec.database
    assert moto_api.writes(controller.cloud) == ["ModifyDBInstance"]
    after = database()
    assert {key: after[key] for key in before if key != "LatestRestorableTime"} == {
        key: before[key] for key in before if key != "LatestRestorableTime"
    }
    assert not controller.plan().changes


def test_longer_backups_are_left(controller, rds):
    spec = controller.provision()
    name = spec.resources[-1].id
    rds.modify_db_instance(DBInstanceIdentifier=name, BackupRetentionPeriod=30)
    assert not controller.plan().changes


def test_another_class_is_waited_for(controller):
    controller.provision()
    controller.settings = Settings(target="lab", database_class="db.t4g.small")
    statuses = iter(["modifying", "available", "modifying", "modifying"])
    looks = []

    def slow(parsed, **_):
        looks.append(next(statuses, "available"))
        for one in parsed["DBInstances"]:
            one["DBInstanceStatus"] = looks[-1]

    with moto_api.hook("after-call.rds.DescribeDBInstances", slow):
        controller.provision()
    assert looks[:5] == ["modifying", "available", "modifying", "modifying", "available"]
    assert database()["DBInstanceClass"] == "db.t4g.small"


def test_one_that_is_stopped_is_started(controller, rds):
    spec = controller.provision()
    rds.stop_db_instance(DBInstanceIdentifier=spec.resources[-1].id)
    assert planned(controller)["database"].reason == "is stopped"
    assert controller.provision().database == spec.database
    assert database()["DBInstanceStatus"] == "available"


def test_subnets_that_were_made_anew_are_given_to_its_group(controller, rds):
    spec = controller.provision()
    old = next(one.id for one in spec.resources if one.key == "subnet-private-b")
    moto_api.client().delete_subnet(SubnetId=old)
    new = next(one.id for one in controller.provision().resources if one.key == "subnet-private-b")
    group = the("AWS::RDS::DBSubnetGroup")
    assert new in {one["SubnetIdentifier"] for one in group["Subnets"]}
    assert not controller.plan().changes


def test_a_group_whose_subnets_are_others_is_known_by_its_tags(controller, rds):
    spec = controller.provision()
    ec2 = moto_api.client()
    vpc = spec.resources[0].id
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    zones = sorted({one["AvailabilityZone"] for one in found})
    others = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{240 + n}.0/24", AvailabilityZone=zone)
        for n, zone in enumerate(zones)
    ]
    ids = [one["Subnet"]["SubnetId"] for one in others]
    name = the("AWS::RDS::DBSubnetGroup")["DBSubnetGroupName"]
    rds.modify_db_subnet_group(DBSubnetGroupName=name, SubnetIds=ids)
    action = planned(controller)["database-subnet-group"]
    assert action.action is Action.UPDATE
    assert action.reason == "is not over subnet-private-a and subnet-private-b"
    controller.provision()
    assert not controller.plan().changes


@pytest.mark.parametrize("status", ["failed", "storage-full", "incompatible-network"])
def test_one_that_cannot_work_is_an_error_and_nothing_is_done_to_it(controller, status):
    controller.provision()
    with says(DBInstanceStatus=status), pytest.raises(ResourceFailed) as caught:
        controller.provision()
    assert status in caught.value.message
    assert database()["DBInstanceIdentifier"] in caught.value.remediation


# Nobody asks for it any more; what would have to be replaced


def test_it_is_kept_when_nothing_asks_for_it_any_more(controller):
    before = controller.provision()
    controller.settings = Settings(target="lab", database=False)
    actions = planned(controller)
    assert {one.action for one in actions.values()} == {Action.NONE}
    assert all("--yes-data" in one.reason for one in actions.values())
    again = controller.restarted()
    spec = again.provision()
    assert spec.database is None
    assert moto_api.counts() == COUNTS
    assert set(again.state.resources) == set(before.resources)
    assert not controller.plan().changes


def test_with_consent_it_goes_with_a_last_snapshot(controller):
    controller.provision()
    controller.settings = Settings(target="lab", database=False)
    actions = planned(controller, yes_data=True)
    assert {one.action for one in actions.values()} == {Action.DELETE}
    controller.provision(yes_data=True)
    plain = {kind: number for kind, number in COUNTS.items() if "EC2" in kind}
    assert moto_api.counts() == {**plain, "AWS::EC2::SecurityGroup": 1}
    assert list(controller.state.snapshots) == snapshots()
    assert len(snapshots()) == 1


def test_parts_without_a_database_hold_nothing(controller, one_at_a_time):
    """What a crash left before the database was made needs no consent."""
    with pytest.raises(moto_api.Crash), moto_api.crash_after(22):
        controller.provision()
    assert moto_api.counts() | {"AWS::RDS::DBInstance": 1} == COUNTS
    assert "AWS::RDS::DBInstance" not in moto_api.counts()
    controller.stack = NONE
    controller.provision()
    assert moto_api.counts().get("AWS::SecretsManager::Secret", 0) == 0


def test_another_engine_is_refused_without_consent(controller):
    controller.provision()
    controller.stack = NONE.model_copy(update={"databases": ("mysql",)})
    controller.cloud.calls.clear()
    for attempt in (controller.plan, controller.provision):
        with pytest.raises(ResourceFailed) as caught:
            attempt()
        assert "its engine is postgres, not mysql" in caught.value.message
        assert "--yes-data" in caught.value.remediation
    assert moto_api.writes(controller.cloud) == []


def test_with_consent_it_is_replaced_and_its_data_kept(controller):
    controller.provision()
    controller.stack = NONE.model_copy(update={"databases": ("mysql",)})
    assert planned(controller, yes_data=True)["database"].action is Action.REPLACE
    assert controller.provision(yes_data=True).database.engine == "mysql"
    assert moto_api.counts() == COUNTS
    assert list(controller.state.snapshots) == snapshots()
    assert not controller.plan().changes


def test_consent_alone_changes_nothing(controller):
    spec = controller.provision()
    assert not controller.plan(yes_data=True).changes
    assert controller.provision(yes_data=True) == spec
    assert snapshots() == []


def test_one_whose_end_has_begun_needs_no_consent(controller):
    controller.provision()
    with says(DBInstanceStatus="deleting"):
        action = planned(controller)["database"]
    assert (action.action, action.reason) == (Action.REPLACE, "is being deleted")


# Names of others, and secrets that wait for their deletion


def test_a_database_of_that_name_that_is_not_ours_is_left(controller, rds):
    name = controller.owner.short_name
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        MasterUsername="boss",
        ManageMasterUserPassword=True,
    )
    with pytest.raises(NameTaken):
        controller.provision()
    controller.destroy()
    assert database()["MasterUsername"] == "boss"


def test_a_secret_of_that_name_that_is_not_ours_is_left(controller):
    secrets = moto_api.client("secretsmanager")
    secrets.create_secret(Name="autodeploy/shop/production/database", SecretString="another's")
    with pytest.raises(CloudError) as caught:
        controller.provision()
    assert caught.value.code == "ResourceExistsException"
    controller.destroy()
    assert password() == "another's"


def test_a_secret_that_waits_for_its_deletion_is_restored(controller):
    controller.provision()
    before = password()
    secrets = moto_api.client("secretsmanager")
    secrets.delete_secret(SecretId=the("AWS::SecretsManager::Secret")["ARN"])
    action = planned(controller)["database-secret"]
    assert (action.action, action.reason) == (Action.UPDATE, "waits for its deletion")
    controller.provision()
    assert password() == before


# The end


def test_it_goes_with_everything_and_leaves_a_snapshot_that_is_named(controller):
    controller.provision()
    name = database()["DBInstanceIdentifier"]
    removed = controller.destroy()
    assert {"AWS::RDS::DBInstance", "AWS::RDS::DBSubnetGroup"} <= {one.type for one in removed}
    assert moto_api.counts() == {}
    assert moto_api.client("secretsmanager").list_secrets()["SecretList"] == []
    (snapshot,) = snapshots()
    assert re.fullmatch(rf"{name}-\d{{8}}t\d{{6}}", snapshot)
    assert controller.state.snapshots == (snapshot,)
    assert controller.inventory() == ()
    automated = moto_api.client("rds").describe_db_snapshots(SnapshotType="automated")
    assert automated["DBSnapshots"] == []


def test_a_crash_after_every_single_call_leaves_a_snapshot_and_nothing_else(controller):
    controller.provision()
    crashes = 0
    while True:
        again = controller.restarted()
        try:
            with moto_api.crash_after(1):
                again.destroy()
        except moto_api.Crash:
            crashes += 1
        else:
            break
    assert crashes > 15
    assert moto_api.counts() == {}
    assert list(again.state.snapshots) == snapshots()
    assert len(snapshots()) == 1


def test_protection_lifted_by_a_crashed_destroy_is_back_after_a_deployment(controller):
    controller.provision()
    with pytest.raises(moto_api.Crash), hooked_crash("ModifyDBInstance"):
        controller.restarted().destroy()
    assert database()["DeletionProtection"] is False
    controller.restarted().provision()
    assert database()["DeletionProtection"] is True


def hooked_crash(operation):
    def die(**_):
        raise moto_api.Crash(operation)

    return moto_api.hook(f"after-call.rds.{operation}", die)


def dying(rds):
    """A database that somebody deletes: it is gone after some looks."""
    name, looks = database()["DBInstanceIdentifier"], []
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)

    def die(parsed, **_):
        for one in parsed.get("DBInstances", ()):
            if one["Engine"] == "postgres":
                one["DBInstanceStatus"] = "deleting"
                looks.append(True)
                if len(looks) == 4:
                    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    return moto_api.hook("after-call.rds.DescribeDBInstances", die)


def test_one_that_is_being_deleted_is_waited_for(controller, rds):
    controller.provision()
    controller.cloud.calls.clear()
    with dying(rds):
        controller.destroy()
    assert "DeleteDBInstance" not in moto_api.writes(controller.cloud)
    assert moto_api.counts() == {}


def test_a_new_one_waits_for_the_end_of_the_old_one(controller, rds):
    controller.provision()
    controller.stack = NONE.model_copy(update={"databases": ("mysql",)})
    with dying(rds):
        assert controller.provision().database.engine == "mysql"
    assert moto_api.counts() == COUNTS


def test_a_busy_database_is_waited_for_and_a_free_name_is_found(controller):
    controller.provision()
    asked = []
    codes = iter(["InvalidDBInstanceState", "DBSnapshotAlreadyExists"])

    def busy(params, **_):
        asked.append(params["body"])
        code = next(codes, None)
        return answer(400, {"Error": {"Code": code, "Message": "busy"}}) if code else None

    with moto_api.hook("before-call.rds.DeleteDBInstance", busy):
        controller.destroy()
    assert len(asked) == 3
    assert all(one["DeleteAutomatedBackups"] == "true" for one in asked)
    assert snapshots() == [asked[-1]["FinalDBSnapshotIdentifier"]]


def test_one_whose_last_snapshot_fails_is_an_error_and_lives(controller):
    controller.provision()
    pretending = moto_api.hook("before-call.rds.DeleteDBInstance", lambda **_: answer(200, {}))
    with pretending, pytest.raises(ResourceFailed) as caught:
        controller.destroy()
    assert "last snapshot" in caught.value.cause
    assert moto_api.counts().get("AWS::RDS::DBInstance", 0) == 1
    assert moto_api.counts().get("AWS::SecretsManager::Secret", 0) == 1


@pytest.mark.parametrize(
    ("status", "how"),
    [
        ("failed", {"SkipFinalSnapshot": True, "DeleteAutomatedBackups": False}),
        ("incompatible-restore", {"SkipFinalSnapshot": True, "DeleteAutomatedBackups": False}),
    ],
)
def test_one_of_which_no_snapshot_can_be_made_keeps_its_backups(controller, status, how):
    controller.provision()
    asked = []
    with (
        says(DBInstanceStatus=status),
        moto_api.hook(
            "provide-client-params.rds.DeleteDBInstance", lambda params, **_: asked.append(params)
        ),
    ):
        controller.destroy()
    assert how.items() <= asked[0].items()


def test_a_full_one_is_not_deleted_without_a_snapshot(controller):
    controller.provision()
    with says(DBInstanceStatus="storage-full"), pytest.raises(ResourceFailed, match="storage-full"):
        controller.destroy()
    assert moto_api.counts().get("AWS::RDS::DBInstance", 0) == 1


def test_where_it_is_is_asked_of_rds(controller, rds):
    spec = controller.provision()

    def there(resources=spec.resources):
        return provisioner.managed_database(controller.cloud, "shop", resources)

    assert there() == spec.database
    assert there([one for one in spec.resources if one.key not in KEYS]) is None
    with says(DBInstanceStatus="backing-up"):
        assert there() == spec.database
    for status in ("stopped", "storage-full"):
        with says(DBInstanceStatus=status), pytest.raises(ResourceFailed, match=status):
            there()
