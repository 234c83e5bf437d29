"""A managed Redis: made, told of, mended, taken away."""

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest

import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import NameTaken, ResourceFailed
from autodeploy.provisioner import adopted
from autodeploy.provisioner.foreign import demands
from autodeploy.provisioner.pricing import monthly, price_list
from autodeploy.provisioner.tagged import tagged
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

NONE = TechStack(language="python", processes={"web": "run"})
STACK = NONE.model_copy(update={"databases": ("redis",)})
COUNTS = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 2,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
    "AWS::ElastiCache::SubnetGroup": 1,
    "AWS::SecretsManager::Secret": 1,
    "AWS::ElastiCache::ReplicationGroup": 1,
}
OURS = {"security-group-cache", "cache-subnet-group", "cache-secret", "cache"}


@pytest.fixture
def controller(controller):
    """The Provisioner of an application that needs Redis."""
    controller.stack = STACK
    return controller


def the(kind):
    (record,) = moto_api.of(kind)
    return record


def group():
    return the("AWS::ElastiCache::ReplicationGroup")


def node():
    (one,) = moto_api.client("elasticache").describe_cache_clusters()["CacheClusters"]
    return one


def token():
    arn = the("AWS::SecretsManager::Secret")["ARN"]
    return moto_api.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]


def planned(controller, **how):
    return {one.key: one for one in controller.plan(**how).actions if one.key in OURS}


def fates(controller):
    return {key: one.action for key, one in planned(controller).items()}


def says(**record):
    """ElastiCache says this of every replication group."""

    def say(parsed, **_):
        for one in parsed.get("ReplicationGroups", ()):
            one.update(record)

    return moto_api.hook("after-call.elasticache.DescribeReplicationGroups", say)


def asked(operation):
    """What is asked with an operation: the list grows with each call."""
    seen = []

    def hear(params, **_):
        seen.append(params["body"])

    return seen, moto_api.hook(f"before-call.elasticache.{operation}", hear)


def test_it_is_made_as_a_careful_engineer_would(controller):
    foretold = controller.plan()
    (seen, hearing) = asked("CreateReplicationGroup")
    with hearing:
        spec = controller.provision()
    assert [(a.key, a.type) for a in foretold.actions] == [(r.key, r.type) for r in spec.resources]
    assert moto_api.counts() == COUNTS
    made, ids = group(), {one.key: one.id for one in spec.resources}
    assert made["TransitEncryptionEnabled"] is True
    assert made["AtRestEncryptionEnabled"] is True
    assert made["AuthTokenEnabled"] is True
    assert made["CacheNodeType"] == "cache.t4g.micro"
    assert made["AutomaticFailover"] == "disabled"
    assert len(made["MemberClusters"]) == 1
    assert seen[0]["AuthToken"] == token()
    subnets = {one["SubnetIdentifier"] for one in the("AWS::ElastiCache::SubnetGroup")["Subnets"]}
    assert subnets == {ids["subnet-private-a"], ids["subnet-private-b"]}
    groups = [one["SecurityGroupId"] for one in node()["SecurityGroups"]]
    assert groups == [ids["security-group-cache"]]
    (found,) = moto_api.client().describe_security_groups(GroupIds=groups)["SecurityGroups"]
    (rule,) = found["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpProtocol"]) == (6379, 6379, "tcp")
    assert [one["GroupId"] for one in rule["UserIdGroupPairs"]] == [ids["security-group-app"]]
    assert not rule["IpRanges"]
    assert not rule["Ipv6Ranges"]


def test_the_token_is_one_that_elasticache_takes(controller):
    controller.provision()
    assert re.fullmatch(r"[A-Za-z0-9!&#$^<>-]{16,128}", token())


def test_others_hear_of_it(controller):
    found = controller.provision().cache
    place = group()["NodeGroups"][0]["PrimaryEndpoint"]
    assert (found.host, found.port) == (place["Address"], place["Port"])
    assert found.secret == the("AWS::SecretsManager::Secret")["ARN"]
    assert token() not in str(controller.state)


def test_a_second_time_nothing_is_done(controller):
    spec = controller.provision()
    controller.cloud.calls.clear()
    assert controller.restarted().provision() == spec
    assert moto_api.writes(controller.cloud) == []


def test_with_a_database_both_are_made_and_both_go(controller):
    controller.stack = STACK.model_copy(update={"databases": ("postgresql", "redis")})
    spec = controller.provision()
    assert spec.database
    assert spec.cache
    assert spec.database.secret != spec.cache.secret
    controller.restarted().destroy()
    assert moto_api.counts() == {}


@pytest.mark.parametrize(
    ("settings", "databases", "made"),
    [
        ({}, ("redis",), True),
        ({}, ("postgresql",), False),
        ({"cache": True}, (), True),
        ({"cache": False}, ("redis",), False),
        ({"env": {"REDIS_URL": "redis://elsewhere"}}, ("redis",), False),
        ({"env": {"REDIS_URL": "redis://elsewhere"}, "cache": True}, ("redis",), True),
    ],
)
def test_it_is_made_where_the_application_needs_one_and_brings_none(settings, databases, made):
    stack = NONE.model_copy(update={"databases": databases})
    assert Settings(target="lab", **settings).has_cache(stack) is made
    assert Settings(target="ssh", env=settings.get("env", {})).has_cache(stack) is False


def test_another_type_is_another_node_type_in_place(controller):
    controller.provision()
    controller.settings = Settings(target="lab", cache_type="cache.t4g.small")
    (plan,) = [one for one in planned(controller).values() if one.action is not Action.NONE]
    assert plan.action is Action.UPDATE
    assert plan.reason == "its type is cache.t4g.micro, not cache.t4g.small"
    controller.restarted().provision()
    assert group()["CacheNodeType"] == "cache.t4g.small"


def test_security_groups_that_somebody_changed_are_changed_back(controller):
    ids = {one.key: one.id for one in controller.provision().resources}
    moto_api.client("elasticache").modify_replication_group(
        ReplicationGroupId=group()["ReplicationGroupId"],
        SecurityGroupIds=[ids["security-group-app"]],
        ApplyImmediately=True,
    )
    assert fates(controller)["cache"] is Action.UPDATE
    controller.restarted().provision()
    assert [one["SecurityGroupId"] for one in node()["SecurityGroups"]] == [
        ids["security-group-cache"]
    ]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"TransitEncryptionEnabled": False}, "can be used without TLS or without a token"),
        ({"AuthTokenEnabled": False}, "can be used without TLS or without a token"),
        ({"AtRestEncryptionEnabled": False}, "is not encrypted at rest"),
        ({"Status": "deleting"}, "is deleting"),
        ({"Status": "create-failed"}, "is create-failed"),
    ],
)
def test_what_cannot_be_changed_is_made_anew(controller, record, reason):
    controller.provision()
    with says(**record):
        plan = planned(controller)["cache"]
    assert (plan.action, plan.reason) == (Action.REPLACE, reason)


def test_one_that_failed_is_told(controller):
    message = pytest.raises(ResourceFailed, match="could not be made")
    with answered("CreateReplicationGroup", "creating"), says(Status="create-failed"), message:
        controller.provision()


def answered(operation, status):
    """A group whose state is this in the answer to an operation."""

    def say(parsed, **_):
        parsed["ReplicationGroup"]["Status"] = status

    return moto_api.hook(f"after-call.elasticache.{operation}", say)


def test_what_nothing_asks_for_any_more_goes_without_a_word_on_data(controller):
    controller.provision()
    controller.stack = NONE
    assert set(fates(controller).values()) == {Action.DELETE}
    controller.restarted().provision()
    gone = {"AWS::ElastiCache::SubnetGroup", "AWS::ElastiCache::ReplicationGroup"}
    assert not gone & set(moto_api.counts())
    assert moto_api.counts().get("AWS::SecretsManager::Secret") is None


def test_somebody_elses_of_that_name_is_left(controller):
    controller.provision()
    arn = group()["ARN"]
    names = ["autodeploy:application"]
    moto_api.client("elasticache").remove_tags_from_resource(ResourceName=arn, TagKeys=names)
    moto_api.client("elasticache").modify_replication_group(
        ReplicationGroupId=group()["ReplicationGroupId"],
        SecurityGroupIds=["sg-00000000000000000"],
        ApplyImmediately=True,
    )
    with pytest.raises(NameTaken):
        controller.restarted().provision()


@pytest.mark.parametrize("count", range(1, 40, 3))
def test_wherever_the_controller_dies_the_next_one_completes_it(controller, count):
    try:
        with moto_api.crash_after(count):
            controller.provision()
    except moto_api.Crash:
        controller = controller.restarted()
        controller.provision()
    assert moto_api.counts() == COUNTS
    controller.restarted().destroy()
    assert moto_api.counts() == {}


def test_without_redis_elasticache_is_not_asked(controller):
    controller.stack = NONE
    controller.provision()
    controller.restarted().destroy()
    assert not [one for one in controller.cloud.calls if one.action.startswith("elasticache:")]


def test_drift_tells_what_somebody_changed(controller):
    ids = {one.key: one.id for one in controller.provision().resources}
    assert controller.drift() == ()
    moto_api.client("elasticache").modify_replication_group(
        ReplicationGroupId=ids["cache"], SecurityGroupIds=[ids["security-group-app"]]
    )
    (found,) = controller.drift()
    assert (found.what, found.kind) == ("cache", "changed")
    assert found.reason == ("is not in security-group-cache alone",)


def test_where_the_state_is_lost_its_type_is_known_again(controller):
    controller.settings = Settings(target="lab", cache_type="cache.t4g.small")
    spec = controller.provision()
    found = adopted(controller.cloud, controller.owner, controller.keys)
    assert set(found.resources) == set(spec.resources)
    assert found.flags["cache_type"] == "cache.t4g.small"


def test_it_is_found_by_its_tags_and_has_a_price(controller):
    spec = controller.provision()
    found = {one.resource: one for one in tagged(controller.cloud)}
    ours = [one for one in spec.resources if one.key in OURS]
    assert set(ours) <= set(found)
    prices = price_list("us-east-1")
    costs = {one.key: monthly(one.type, found[one].record, prices) for one in ours}
    assert costs["cache"] == Decimal("0.016") * 730
    assert costs["cache-subnet-group"] == 0


@pytest.mark.parametrize(
    ("databases", "zones", "reason"),
    [
        (("redis",), 2, "a Redis"),
        (("postgresql", "redis"), 2, "a database and a Redis"),
        ((), 0, ""),
    ],
)
def test_a_network_that_exists_must_have_room_for_it(databases, zones, reason):
    stack = NONE.model_copy(update={"databases": databases})
    _, private = demands(stack, Settings(target="lab"))
    assert (private.zones, private.reason) == (zones, reason)


def test_a_token_that_was_lost_gets_a_successor(controller):
    controller.provision()
    before, arn = token(), the("AWS::SecretsManager::Secret")["ARN"]
    moto_api.client("secretsmanager").delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    (plan,) = [one for one in planned(controller).values() if one.action is Action.UPDATE]
    assert (plan.key, plan.reason) == ("cache", "its token is not that of cache-secret")
    seen, hearing = asked("ModifyReplicationGroup")
    with hearing:
        controller.restarted().provision()
    assert token() != before
    assert (seen[0]["AuthToken"], seen[0]["AuthTokenUpdateStrategy"]) == (token(), "ROTATE")
    assert set(fates(controller).values()) == {Action.NONE}


def test_while_it_is_busy_a_change_is_asked_for_again(controller):
    controller.provision()
    controller.settings = Settings(target="lab", cache_type="cache.t4g.small")
    refusals = [{"Error": {"Code": "InvalidReplicationGroupState", "Message": "modifying"}}]

    def refuse(**_):
        return (SimpleNamespace(status_code=400), refusals.pop()) if refusals else None

    with moto_api.hook("before-call.elasticache.ModifyReplicationGroup", refuse):
        controller.restarted().provision()
    assert group()["CacheNodeType"] == "cache.t4g.small"
    assert not refusals
