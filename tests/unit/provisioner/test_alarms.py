"""Alarms and who hears of them, at moto's API."""

from __future__ import annotations

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import NameTaken
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

TOPIC, RECIPIENTS = "AWS::SNS::Topic", "AWS::SNS::Subscription"
ALARM = "AWS::CloudWatch::Alarm"
OPS, BOSS = "ops@example.com", "boss@example.com"
WEB = TechStack(language="go", processes={"web": "run"}, databases=("postgresql",))


def settings(hosts=2, alarms=(OPS,), **more):
    return Settings(target="lab", hosts=hosts, alarms=alarms, **more)


@pytest.fixture
def controller(controller):
    controller.stack, controller.settings = WEB, settings()
    return controller


def alarms():
    """What there is, by the end of its name."""
    found = moto_api.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {one["AlarmName"].rpartition("/")[2]: one for one in found}


def watched(name):
    """What an alarm looks at, by dimension."""
    return {one["Name"]: one["Value"] for one in alarms()[name]["Dimensions"]}


def there(kind):
    return moto_api.of(kind)


def changes(controller):
    return {one.key: one for one in controller.plan().actions if one.action is not Action.NONE}


def confirm(address):
    """Follow the link in AWS's mail."""
    backend = sns_backends[DEFAULT_ACCOUNT_ID][moto_api.REGION]
    (arn,) = (arn for arn, one in backend.subscriptions.items() if one.endpoint == address)
    backend.confirm(arn.rpartition(":")[0], backend.tokens[arn])


def subscribed():
    return {one["Endpoint"]: one["SubscriptionArn"] for one in there(RECIPIENTS)}


def warnings(controller):
    store = controller.folder / "store"
    (log,) = store.glob(f"**/{controller.state.id}/events.jsonl")
    return [line for line in log.read_text().splitlines() if '"warning"' in line]


def test_without_the_setting_there_is_none_of_it(controller):
    controller.settings = settings(alarms=())
    controller.provision()
    assert not {TOPIC, RECIPIENTS, ALARM} & moto_api.counts().keys()


def test_each_part_has_its_alarms(controller):
    planned = controller.plan()
    spec = controller.provision()
    assert [(a.key, a.type) for a in planned.actions] == [(r.key, r.type) for r in spec.resources]
    ids = {one.key: one.id for one in spec.resources}
    assert alarms().keys() == {
        *("alarm-host-1", "alarm-host-2", "alarm-application-errors", "alarm-balancer-errors"),
        *("alarm-latency", "alarm-unhealthy-hosts", "alarm-database-storage"),
        "alarm-database-cpu",
    }
    assert watched("alarm-host-2") == {"InstanceId": ids["host-2"]}
    assert watched("alarm-database-cpu") == {"DBInstanceIdentifier": ids["database"]}
    balancer = ids["load-balancer"].partition(":loadbalancer/")[2]
    assert balancer.startswith("app/")
    assert watched("alarm-latency") == {"LoadBalancer": balancer}
    group = watched("alarm-unhealthy-hosts")["TargetGroup"]
    assert group.startswith("targetgroup/")
    assert ids["target-group"].endswith(f":{group}")
    for one in alarms().values():
        assert (one["AlarmActions"], one["OKActions"]) == ([ids["alarm-topic"]],) * 2
        assert one["StateValue"] == "INSUFFICIENT_DATA"
    assert not controller.plan().changes
    controller.cloud.calls.clear()
    controller.restarted().provision()
    assert moto_api.writes(controller.cloud) == []


def test_what_is_not_measured_is_a_warning_of_hosts_and_disks_alone(controller):
    controller.provision()
    silent = {name for name, one in alarms().items() if one["InsufficientDataActions"]}
    assert silent == {"alarm-host-1", "alarm-host-2", "alarm-database-storage"}
    for name, one in alarms().items():
        assert one["TreatMissingData"] == ("missing" if name in silent else "notBreaching")


def test_all_of_it_is_tagged(controller):
    controller.provision()
    sns, cloudwatch = moto_api.client("sns"), moto_api.client("cloudwatch")
    (topic,) = there(TOPIC)
    found = [sns.list_tags_for_resource(ResourceArn=topic["TopicArn"])["Tags"]]
    found += [
        cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"]
        for one in alarms().values()
    ]
    for tags in found:
        said = {one["Key"]: one["Value"] for one in tags}
        assert said.items() >= controller.owner.identity.items()
        assert said["autodeploy:deployment"] == controller.owner.deployment
        assert said["autodeploy:resource"].startswith("alarm-")


def test_who_has_not_confirmed_is_told_until_it_is_done(controller):
    controller.provision()
    assert subscribed() == {OPS: "PendingConfirmation"}
    assert any(f"no mail goes to {OPS}" in line for line in warnings(controller))
    again = controller.restarted()
    again.provision()
    assert any(f"no mail goes to {OPS}" in line for line in warnings(again))
    assert any("no mail" in reason for one in controller.drift() for reason in one.reason)
    confirm(OPS)
    assert subscribed()[OPS].startswith("arn:")
    last = controller.restarted()
    last.provision()
    assert warnings(last) == []
    assert controller.drift() == ()


def test_recipients_come_and_go(controller):
    controller.provision()
    confirm(OPS)
    controller.settings = settings(alarms=(BOSS,))
    (change,) = changes(controller).values()
    assert (change.key, change.action) == ("alarm-recipients", Action.UPDATE)
    assert change.reason == f"has not {BOSS}; has {OPS}, which nothing asks for"
    controller.restarted().provision()
    assert subscribed() == {BOSS: "PendingConfirmation"}


def test_a_pending_subscription_that_nothing_asks_for_ends_by_itself(controller):
    controller.provision()
    controller.settings = settings(alarms=(BOSS,))
    controller.restarted().provision()
    assert set(subscribed()) == {OPS, BOSS}
    assert not controller.plan().changes


def test_other_subscriptions_of_the_topic_are_nobodys_business(controller):
    ids = {one.key: one.id for one in controller.provision().resources}
    theirs = "https://example.com/hook"
    sns = moto_api.client("sns")
    sns.subscribe(TopicArn=ids["alarm-topic"], Protocol="https", Endpoint=theirs)
    assert not controller.plan().changes


def test_alarms_follow_hosts(controller):
    controller.provision()
    controller.settings = settings(hosts=3)
    assert {key for key in changes(controller) if key.startswith("alarm")} == {"alarm-host-3"}
    spec = controller.restarted().provision()
    hosts = {one.name: one.instance_id for one in spec.hosts}
    for name, id_ in hosts.items():
        assert watched(f"alarm-{name}") == {"InstanceId": id_}
    controller.settings = settings(hosts=2)
    controller.restarted().provision()
    assert "alarm-host-3" not in alarms()
    assert not controller.plan().changes


def test_an_alarm_looks_at_the_host_that_has_taken_another_ones_place(controller):
    before = {one.name: one.instance_id for one in controller.provision().hosts}
    moto_api.client().terminate_instances(InstanceIds=[before["host-1"]])
    planned = changes(controller)
    assert planned["alarm-host-1"].action is Action.UPDATE
    assert planned["alarm-host-1"].reason == "has another Dimensions"
    after = {one.name: one.instance_id for one in controller.restarted().provision().hosts}
    assert before["host-1"] != after["host-1"] == watched("alarm-host-1")["InstanceId"]
    assert not controller.plan().changes


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Threshold": 5.0}, "has another Threshold"),
        ({"ActionsEnabled": False}, "has another ActionsEnabled"),
        ({"AlarmActions": []}, "has another AlarmActions"),
        ({"Period": 60, "EvaluationPeriods": 2}, "has another Period and EvaluationPeriods"),
    ],
)
def test_what_somebody_changes_is_changed_back(controller, change, reason):
    controller.provision()
    name = "alarm-application-errors"
    theirs = alarms()[name]
    kept = {
        *("AlarmName", "MetricName", "Namespace", "Statistic", "Dimensions", "Period"),
        *("EvaluationPeriods", "Threshold", "ComparisonOperator", "TreatMissingData"),
        *("AlarmActions", "OKActions", "AlarmDescription"),
    }
    said = {key: one for key, one in theirs.items() if key in kept}
    moto_api.client("cloudwatch").put_metric_alarm(**{**said, **change})
    assert {key: one.reason for key, one in changes(controller).items()} == {name: reason}
    controller.restarted().provision()
    assert not controller.plan().changes
    assert alarms()[name]["StateValue"] == theirs["StateValue"]


def test_without_the_setting_all_of_it_goes_again(controller):
    controller.provision()
    controller.settings = settings(alarms=())
    spec = controller.restarted().provision()
    assert not {TOPIC, RECIPIENTS, ALARM} & moto_api.counts().keys()
    assert not any(one.key.startswith("alarm") for one in spec.resources)


def test_a_database_that_goes_takes_its_alarms_with_it(controller):
    controller.provision()
    controller.settings = settings(database=False)
    controller.restarted().provision(yes_data=True)
    assert not any(name.startswith("alarm-database") for name in alarms())
    assert not controller.plan().changes


def test_without_a_load_balancer_hosts_alone_are_watched(controller):
    controller.stack = WEB.model_copy(update={"databases": ()})
    controller.settings = settings(hosts=1)
    controller.provision()
    assert alarms().keys() == {"alarm-host-1"}


def test_what_others_have_stays(controller):
    moto_api.client("sns").create_topic(Name="autodeploy-other", Tags=[])
    theirs = {
        "MetricName": "CPUUtilization",
        "Namespace": "AWS/EC2",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    name = "autodeploy/shop/production/by-hand"
    moto_api.client("cloudwatch").put_metric_alarm(AlarmName=name, **theirs)
    controller.provision()
    assert not controller.plan().changes
    controller.restarted().destroy()
    assert moto_api.counts() == {TOPIC: 1, ALARM: 1}
    assert alarms().keys() == {"by-hand"}


def test_a_topic_of_that_name_that_is_not_ours_is_refused(controller):
    name = f"autodeploy-{controller.owner.short_name}"
    moto_api.client("sns").create_topic(Name=name, Tags=[{"Key": "theirs", "Value": "yes"}])
    with pytest.raises(NameTaken, match="a topic of that name"):
        controller.provision()
    assert len(there(TOPIC)) == 1
    assert ALARM not in moto_api.counts()
