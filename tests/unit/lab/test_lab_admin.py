"""What `autodeploy lab` tells the running lab, over loopback."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

from autodeploy import __version__
from autodeploy.cli.lab import lab
from autodeploy.errors import AutodeployError, LabBroken, UsageError
from autodeploy.lab import client, processes
from autodeploy.lab.faults import Fault
from autodeploy.lab.info import LabInfo

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def running(api, home):
    """A lab of this home whose daemon is this process."""
    (home / "lab").mkdir()
    record = {"identity": processes.identity(os.getpid()), "port": int(api.url.rpartition(":")[2])}
    (home / "lab/daemon.json").write_text(json.dumps(record))
    info = LabInfo(running=True).model_dump(mode="json")
    api.gateway._admin["GET status"] = lambda _: {"version": __version__, "info": info}
    return api


def run(*words):
    done = CliRunner().invoke(lab, words, catch_exceptions=True)
    if isinstance(done.exception, AutodeployError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_fault_is_planned_listed_and_cleared(running):
    run("fault", "ec2:RunInstances", "dropped-response", "--nth", "2", "--times", "1")
    run("fault", "rds:*", "throttling", "--probability", "0.5", "--seed", "7")
    first, second = client.faults()
    assert first == Fault(action="ec2:RunInstances", kind="dropped-response", nth=2, times=1)
    assert (second.probability, second.seed) == (0.5, 7)
    assert [one["kind"] for one in json.loads(run("faults", "--json"))] == [
        "dropped-response",
        "throttling",
    ]
    assert "action=rds:* kind=throttling probability=0.5" in run("faults")
    run("faults", "--clear")
    assert client.faults() == []


def test_a_fault_may_look_at_parameters(running):
    run("fault", "ec2:RunInstances", "no-capacity", "--when", "InstanceType=t3.small")
    assert client.faults()[0].when == {"InstanceType": "t3.small"}
    assert "when={'InstanceType': 't3.small'}" in run("faults")
    with pytest.raises(UsageError):
        run("fault", "ec2:RunInstances", "no-capacity", "--when", "t3.small")


def test_quotas_are_set_and_listed(running):
    assert "L-F678F1CE=2" in run("quotas", "L-F678F1CE=2").splitlines()
    assert json.loads(run("quotas", "--json"))["L-F678F1CE"] == 2
    with pytest.raises(UsageError):
        run("quotas", "L-F678F1CE=many")
    with pytest.raises(LabBroken):
        run("quotas", "L-00000000=1")


def test_what_is_no_fault_is_a_usage_error(running):
    with pytest.raises(UsageError):
        run("fault", "RunInstances", "throttling")
    with pytest.raises(UsageError):
        run("fault", "ec2:RunInstances", "throttling", "--nth", "1", "--probability", "1")


def test_a_policy_is_set_from_a_file_and_taken_off(running, tmp_path):
    nothing = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    (tmp_path / "policy.json").write_text(json.dumps(nothing))
    run("policy", str(tmp_path / "policy.json"))
    with pytest.raises(Exception, match="UnauthorizedOperation"):
        running.client("ec2").describe_vpcs()
    run("policy", "--off")
    assert running.client("ec2").describe_vpcs()["Vpcs"]
    (tmp_path / "policy.json").write_text("not JSON")
    for words in [("policy",), ("policy", str(tmp_path / "policy.json"))]:
        with pytest.raises(UsageError):
            run(*words)


def test_delays_are_set_and_listed(running):
    assert run("delays", "vpc=2", "visible=0.5") == "vpc=2\nvisible=0.5\n"
    assert json.loads(run("delays", "vpc=0", "--json")) == {"visible": 0.5}
    with pytest.raises(LabBroken):
        run("delays", "nothing=1")
    with pytest.raises(UsageError):
        run("delays", "vpc")


def test_a_snapshot_is_printed_and_kept_and_reset_empties_the_lab(running, home):
    running.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    (vpc,) = json.loads(run("snapshot", "before"))
    assert vpc["kind"] == "AWS::EC2::VPC"
    assert json.loads((home / "lab/snapshots/before.json").read_text()) == [vpc]
    with pytest.raises(LabBroken):
        run("snapshot", "../before")
    with pytest.raises(UsageError):
        run("reset")
    run("reset", "--yes")
    assert client.snapshot() == []


def test_mail_is_shown_until_it_is_confirmed(running):
    sns = running.client("sns")
    topic = sns.create_topic(Name="shop")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    (mail,) = json.loads(run("mail", "--json"))
    assert (mail["to"], mail["topic"]) == ("ops@example.com", topic)
    assert run("mail").startswith("ops@example.com: aws sns confirm-subscription --topic-arn arn:")
    arn = sns.confirm_subscription(TopicArn=topic, Token=mail["token"])["SubscriptionArn"]
    (found,) = sns.list_subscriptions()["Subscriptions"]
    assert found["SubscriptionArn"] == arn
    assert run("mail") == "no mail waits for anybody\n"
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_a_lab_that_does_not_run_is_said(home):
    for words in [("faults",), ("mail",), ("snapshot",), ("reset", "--yes")]:
        with pytest.raises(LabBroken, match="does not run"):
            run(*words)


def test_calls_tell_what_was_asked(running, home):
    running.client("ec2").describe_vpcs(VpcIds=[])
    (home / "lab/calls.jsonl").write_text(running.record.read_text())
    assert "ec2:DescribeVpcs" in run("calls")
    (call,) = json.loads(run("calls", "--json"))
    assert (call["action"], call["error"]) == ("ec2:DescribeVpcs", None)
