"""Hosts that are there: another number, size or image, and what somebody changed by hand."""

import threading

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami

import moto_api
from autodeploy.contracts import Action, TechStack
from autodeploy.errors import (
    CapacityMissing,
    Interrupted,
    ResourceFailed,
    TypeNotOffered,
    UsageError,
)
from autodeploy.journal import events as e
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow


def instances():
    """AWS's descriptions of the hosts, by logical name."""
    found = {}
    for record in moto_api.of("AWS::EC2::Instance"):
        tags = {tag["Key"]: tag["Value"] for tag in record["Tags"]}
        found[tags["autodeploy:resource"]] = record
    return found


def wants(controller, **said):
    controller.settings = Settings(target="lab", load_balancer=False, **said)


def changes(controller):
    """What the plan would do, and why, by logical name."""
    planned = controller.plan().actions
    return {one.key: (one.action, one.reason) for one in planned if one.action is not Action.NONE}


def test_hosts_are_added_in_turn_and_the_highest_numbers_go_first(controller):
    wants(controller, hosts=2)
    two = controller.provision()
    wants(controller, hosts=4)
    assert {key: action for key, (action, _) in changes(controller).items()} == {
        "host-3": Action.CREATE,
        "host-4": Action.CREATE,
    }
    four = controller.provision()
    assert four.hosts[:2] == two.hosts
    zones = [instances()[f"host-{n}"]["Placement"]["AvailabilityZone"] for n in range(1, 5)]
    assert zones[0] == zones[2] != zones[1] == zones[3]
    wants(controller, hosts=1)
    assert {key: action for key, (action, _) in changes(controller).items()} == {
        f"host-{number}": Action.DELETE for number in (2, 3, 4)
    }
    one = controller.provision()
    assert one.hosts == two.hosts[:1]
    assert set(instances()) == {"host-1"}
    assert set(controller.state.resources) == set(one.resources)
    assert sorted(path.name for path in (controller.keys / "hosts").iterdir()) == [
        "host-1.key",
        "host-1.key.pub",
    ]


def test_another_size_is_given_to_one_host_after_another(controller):
    wants(controller, hosts=3)
    before = controller.provision()
    wants(controller, hosts=3, instance_type="t3.large")
    planned = changes(controller)
    assert {action for action, _ in planned.values()} == {Action.UPDATE}
    assert planned["host-1"][1].startswith("its type is t3.small, not t3.large: it is stopped")
    down = []

    def watch(model, **_):
        if model.name in {"StopInstances", "StartInstances"}:
            states = [one["State"]["Name"] for one in instances().values()]
            down.append(states.count("stopped"))

    with moto_api.hook("after-call.ec2", watch):
        after = controller.provision()
    assert down == [1, 0] * 3
    records = instances()
    assert {one["InstanceType"] for one in records.values()} == {"t3.large"}
    assert [one.instance_id for one in after.hosts] == [one.instance_id for one in before.hosts]
    assert not {one.address for one in after.hosts} & {one.address for one in before.hosts}
    assert [one.address for one in after.hosts] == [
        records[one.name]["PublicIpAddress"] for one in after.hosts
    ]
    assert after.url == f"http://{after.hosts[0].address}/"
    assert not controller.plan().changes


def test_the_warning_says_what_it_costs(controller):
    controller.provision()
    wants(controller, instance_type="t3.large")
    heard = []
    controller.journal._listener = heard.append
    controller.provision()
    (warning,) = [one for one in heard if isinstance(one, e.LogLine) and one.level == "warning"]
    assert "2 minutes of downtime" in warning.message


def test_detection_that_changed_its_mind_changes_no_host(controller):
    controller.stack = TechStack(language="java", processes={"web": "run"})
    spec = controller.provision()
    controller.stack = TechStack(language="go", processes={"web": "run"})
    assert not controller.plan().changes
    more = {"web": "run", "worker": "run", "clock": "run"}
    controller.stack = TechStack(language="java", processes=more)
    (action,) = [one for one in controller.plan().actions if one.key == "host-1"]
    assert action.action is Action.NONE
    assert action.reason == (
        "its type is t3.small, and the application needs t3.medium: --instance-type t3.medium "
        "changes it"
    )
    assert controller.provision() == spec


def test_a_crash_after_every_call_of_a_resize_is_gone_on_from(controller):
    before = controller.provision()
    wants(controller, instance_type="t3.large")
    calls = 0
    while True:
        try:
            with moto_api.crash_after(1):
                after = controller.restarted().provision()
        except moto_api.Crash:
            calls += 1
        else:
            break
    assert calls == 3
    assert instances()["host-1"]["InstanceType"] == "t3.large"
    assert after.hosts[0].instance_id == before.hosts[0].instance_id


@pytest.mark.parametrize("exists", [False, True])
def test_a_plan_refuses_a_type_that_is_none(controller, exists):
    if exists:
        controller.provision()
    wants(controller, instance_type="t9.mega")
    with pytest.raises(TypeNotOffered, match=r"no instance type t9\.mega"):
        controller.plan()


@pytest.mark.parametrize(
    ("wanted", "kind"), [("t9.mega", TypeNotOffered), ("t4g.small", UsageError)]
)
def test_a_type_that_is_none_is_refused_before_the_host_is_stopped(controller, wanted, kind):
    controller.provision()
    controller.cloud.calls.clear()
    wants(controller, instance_type=wanted)
    with pytest.raises(kind):
        controller.provision()
    assert moto_api.writes(controller.cloud) == []
    assert instances()["host-1"]["State"]["Name"] == "running"


def test_where_aws_has_no_such_type_the_host_runs_again_as_it_was(controller):
    before = controller.provision()
    wants(controller, instance_type="t3.large")

    def refuses(http_response, parsed, **_):
        if instances()["host-1"]["InstanceType"] == "t3.large":
            moto_api.client().stop_instances(InstanceIds=[before.hosts[0].instance_id])
            http_response.status_code = 400
            parsed["Error"] = {"Code": "InsufficientInstanceCapacity", "Message": "none here"}

    refused = moto_api.hook("after-call.ec2.StartInstances", refuses)
    with refused, pytest.raises(CapacityMissing):
        controller.provision()
    record = instances()["host-1"]
    assert (record["State"]["Name"], record["InstanceType"]) == ("running", "t3.small")


def test_another_image_replaces_every_host_and_the_plan_says_what_is_lost(controller):
    wants(controller, hosts=2)
    before = controller.provision()
    wants(controller, hosts=2, image="debian-13")
    planned = changes(controller)
    assert {action for action, _ in planned.values()} == {Action.REPLACE}
    assert planned["host-2"][1].startswith("its image is debian-12, not debian-13: ")
    assert "what is on their disks is lost" in planned["host-2"][1]
    after = controller.provision()
    assert {one["ImageId"] for one in instances().values()} == {moto_api.IMAGES["13"]}
    assert not {one.instance_id for one in after.hosts} & {one.instance_id for one in before.hosts}
    assert not controller.plan().changes


def test_another_processor_replaces_the_host(controller):
    spec = controller.provision()
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][moto_api.REGION]
    backend.amis["ami-0debian0000arm13"] = Ami(
        backend, "ami-0debian0000arm13", architecture="arm64", root_device_name="/dev/xvda"
    )
    moto_api.publish("13", "arm64", "ami-0debian0000arm13")
    wants(controller, arch="arm64", image="debian-13", instance_type="t4g.small")
    (action, reason) = changes(controller)["host-1"]
    assert action is Action.REPLACE
    assert "its processor is x86_64, not arm64" in reason
    assert controller.provision().hosts[0].instance_id != spec.hosts[0].instance_id
    assert not controller.plan().changes


def test_an_image_that_a_tag_does_not_tell_replaces_nothing(controller):
    spec = controller.provision()
    tag = {"Key": "autodeploy:image", "Value": "debian-99"}
    moto_api.client().create_tags(Resources=[spec.hosts[0].instance_id], Tags=[tag])
    (action,) = [one for one in controller.plan().actions if one.key == "host-1"]
    assert action.action is Action.NONE
    assert "its tag autodeploy:image says debian-99" in action.reason


def test_a_host_that_somebody_else_launched_is_told(controller):
    spec = controller.provision()
    tags = instances()["host-1"]["Tags"]
    groups, subnet = instances()["host-1"]["SecurityGroups"], instances()["host-1"]["SubnetId"]
    ec2 = moto_api.client()
    ec2.terminate_instances(InstanceIds=[spec.hosts[0].instance_id])
    ec2.run_instances(
        ImageId=moto_api.IMAGES["12"],
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        MetadataOptions={"HttpTokens": "required"},
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": subnet,
                "Groups": [one["GroupId"] for one in groups],
                "AssociatePublicIpAddress": True,
            }
        ],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    (action,) = [one for one in controller.plan().actions if one.key == "host-1"]
    assert action.action is Action.NONE
    assert "launched by somebody else" in action.reason


def test_groups_and_imdsv2_are_as_they_were(controller):
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    ec2 = moto_api.client()
    other = ec2.create_security_group(GroupName="hand", Description="-", VpcId=ids["vpc"])
    ec2.modify_instance_attribute(InstanceId=ids["host-1"], Groups=[other["GroupId"]])
    ec2.modify_instance_metadata_options(InstanceId=ids["host-1"], HttpTokens="optional")
    assert changes(controller) == {
        "host-1": (Action.UPDATE, "is not in security-group-app alone; answers IMDSv1")
    }
    assert controller.provision() == spec
    record = instances()["host-1"]
    assert [one["GroupId"] for one in record["SecurityGroups"]] == [ids["security-group-app"]]
    assert record["MetadataOptions"]["HttpTokens"] == "required"


def test_a_stopped_host_is_started(controller):
    host = controller.provision().hosts[0].instance_id
    moto_api.client().stop_instances(InstanceIds=[host])
    assert changes(controller) == {"host-1": (Action.UPDATE, "is stopped")}
    assert controller.provision().hosts[0].instance_id == host
    assert instances()["host-1"]["State"]["Name"] == "running"


def passing(state, then, looks):
    """DescribeInstances says `state` for some looks, and then that it is `then`."""
    seen = []

    def says(parsed, **_):
        for reservation in parsed.get("Reservations", ()):
            for instance in reservation["Instances"]:
                seen.append(instance["State"]["Name"])
                if instance["State"]["Name"] == then and len(seen) <= looks:
                    instance["State"] = {"Name": state}
                    instance.pop("PublicIpAddress", None)

    return moto_api.hook("after-call.ec2.DescribeInstances", says)


def test_a_host_that_is_still_stopping_is_waited_for_and_started(controller):
    spec = controller.provision()
    moto_api.client().stop_instances(InstanceIds=[spec.hosts[0].instance_id])
    with passing("stopping", "stopped", 4):
        after = controller.provision()
    assert after.hosts[0].address == instances()["host-1"]["PublicIpAddress"]


def test_a_host_that_still_starts_is_waited_for_before_it_is_stopped(controller):
    controller.provision()
    wants(controller, instance_type="t3.large")
    order = []
    with (
        passing("pending", "running", 4),
        moto_api.hook("before-call.ec2", lambda model, **_: order.append(model.name)),
    ):
        controller.provision()
    assert order[: order.index("StopInstances")].count("DescribeInstances") >= 4
    assert instances()["host-1"]["InstanceType"] == "t3.large"


def test_a_host_that_ends_while_it_is_resized_is_an_error(controller):
    host = controller.provision().hosts[0].instance_id
    wants(controller, instance_type="t3.large")

    def ends(**_):
        moto_api.client().terminate_instances(InstanceIds=[host])

    with (
        moto_api.hook("after-call.ec2.StopInstances", ends),
        pytest.raises(ResourceFailed, match="has ended meanwhile"),
    ):
        controller.provision()


def test_a_resize_that_is_begun_is_carried_through(controller):
    controller.provision()
    wants(controller, instance_type="t3.large")
    stop = threading.Event()
    given_up = moto_api.hook("after-call.ec2.StopInstances", lambda **_: stop.set())
    with given_up, passing("stopping", "stopped", 6):
        controller.provision(stop=stop)
    record = instances()["host-1"]
    assert (record["State"]["Name"], record["InstanceType"]) == ("running", "t3.large")


def test_a_resize_that_is_not_begun_is_not_when_the_work_is_given_up(controller):
    wants(controller, hosts=2)
    controller.provision()
    wants(controller, hosts=2, instance_type="t3.large")
    stop = threading.Event()
    with (
        moto_api.hook("after-call.ec2.StartInstances", lambda **_: stop.set()),
        pytest.raises(Interrupted),
    ):
        controller.provision(stop=stop)
    sizes = sorted(one["InstanceType"] for one in instances().values())
    assert sizes == ["t3.large", "t3.small"]
    assert {one["State"]["Name"] for one in instances().values()} == {"running"}
