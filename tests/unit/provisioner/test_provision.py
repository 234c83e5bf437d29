import json
from collections import Counter

import pytest
import yaml

import moto_api
from autodeploy.contracts import Action
from autodeploy.errors import EndpointUnreachable, ResourceFailed
from autodeploy.journal import events as e
from autodeploy.provisioner.kinds import KINDS
from autodeploy.provisioner.kinds.launch import client_token, user_data
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

COUNTS = {
    "AWS::EC2::VPC": 1,
    "AWS::EC2::InternetGateway": 1,
    "AWS::EC2::Subnet": 4,
    "AWS::EC2::RouteTable": 2,
    "AWS::EC2::SecurityGroup": 1,
    "AWS::EC2::KeyPair": 1,
    "AWS::EC2::Instance": 1,
}


def test_plan_changes_nothing_and_foretells_provision(controller):
    planned = controller.plan()
    assert moto_api.writes(controller.cloud) == []
    assert not controller.keys.exists()
    spec = controller.provision()
    assert {one.action for one in planned.actions} == {Action.CREATE}
    assert [(a.key, a.type) for a in planned.actions] == [(r.key, r.type) for r in spec.resources]
    assert moto_api.counts() == COUNTS


def test_the_second_time_reads_each_kind_once_and_writes_nothing(controller):
    first = controller.provision()
    controller.cloud.calls.clear()
    assert controller.provision() == first
    actions = [call.action for call in controller.cloud.calls]
    assert moto_api.writes(controller.cloud) == []
    assert len(actions) == len(set(actions)) <= len(KINDS)
    assert not controller.plan().changes


def test_the_first_time_each_thing_is_asked_once(controller):
    controller.settings = Settings(target="lab", hosts=3)
    controller.provision()
    actions = [call.action.split(":")[1] for call in controller.cloud.calls]
    reads = Counter(action for action in actions if action.startswith(moto_api.READS))
    assert reads.pop("DescribeInstances") <= 1 + 3  # the hosts are waited for
    assert set(reads.values()) == {1}
    others = {"DescribeAvailabilityZones", "GetParameter"}
    assert len(reads.keys() - others) < len(KINDS)


def test_a_range_that_others_have_is_not_taken(controller):
    others = ["10.0.0.0/16", "10.2.0.0/16"]
    vpcs = [moto_api.client().create_vpc(CidrBlock=one)["Vpc"]["VpcId"] for one in others]
    moto_api.client().associate_vpc_cidr_block(VpcId=vpcs[1], CidrBlock="10.1.0.0/16")
    controller.provision()
    ours = [one for one in moto_api.of("AWS::EC2::VPC") if one["VpcId"] not in vpcs]
    assert [one["CidrBlock"] for one in ours] == ["10.3.0.0/16"]


def test_everything_bears_the_tags_from_its_creation(controller):
    controller.provision()
    assert "CreateTags" not in moto_api.writes(controller.cloud)
    for found in moto_api.everything().values():
        for record in found:
            tags = {tag["Key"]: tag["Value"] for tag in record["Tags"]}
            assert tags["autodeploy:application"] == "shop"
            assert tags["autodeploy:environment"] == "production"
            assert tags["autodeploy:deployment"] == controller.state.id
            assert tags["autodeploy:managed-by"] == "autodeploy"


def test_the_host_is_built_as_a_careful_engineer_would(controller):
    spec = controller.provision()
    (record,) = moto_api.of("AWS::EC2::Instance")
    assert record["MetadataOptions"]["HttpTokens"] == "required"
    assert record["ImageId"] == moto_api.IMAGES["12"]
    volume = moto_api.client().describe_volumes()["Volumes"][0]
    assert volume["Encrypted"]
    assert volume["VolumeType"] == "gp3"
    attribute = moto_api.client().describe_instance_attribute(
        InstanceId=record["InstanceId"], Attribute="userData"
    )
    assert attribute["UserData"]["Value"]
    (host,) = spec.hosts
    assert host.address == record["PublicIpAddress"]
    assert host.host_key.startswith("ssh-ed25519 ")
    assert spec.ssh_key.stat().st_mode & 0o777 == 0o600


def test_cloud_init_gets_the_host_key():
    text = user_data("-----BEGIN\nabc\n-----END\n", "ssh-ed25519 AAAA")
    assert text.startswith("#cloud-config\n")
    assert yaml.safe_load(text) == {
        "ssh_deletekeys": True,
        "ssh_keys": {
            "ed25519_private": "-----BEGIN\nabc\n-----END\n",
            "ed25519_public": "ssh-ed25519 AAAA",
        },
    }


def test_every_write_has_an_intent_before_and_a_result_after(controller, one_at_a_time):
    heard = []
    controller.journal._listener = heard.append
    moto_writes = []

    def note(model, **_):
        if not model.name.startswith(moto_api.READS):
            moto_writes.append((model.name, heard[-1]))

    with moto_api.hook("before-call", note):
        spec = controller.provision()
    assert all(isinstance(before, e.ResourceIntended) for _, before in moto_writes)
    assert len(moto_writes) == len([one for one in heard if isinstance(one, e.ResourceIntended)])
    assert set(controller.state.resources) == set(spec.resources)
    assert controller.state.intended == ()


def test_private_keys_are_in_no_event(controller):
    controller.provision()
    log = controller.journal.path.read_text()
    assert "PRIVATE KEY" not in log
    assert "resource_intended" in log


def test_the_next_deployments_state_lists_what_was_there(controller):
    spec = controller.provision()
    again = controller.restarted()
    again.provision()
    assert set(again.state.resources) == set(spec.resources)


def test_a_crash_after_every_single_call_loses_and_doubles_nothing(controller, one_at_a_time):
    """Each run makes one call and dies: every state that a crash can leave is gone through."""
    calls = 0
    while True:
        planned = controller.plan()
        try:
            with moto_api.crash_after(1):
                spec = controller.restarted().provision()
        except moto_api.Crash:
            calls += 1
        else:
            break
        assert all(moto_api.counts().get(kind, 0) <= COUNTS[kind] for kind in COUNTS)
        assert planned.changes
    assert calls == 18
    assert moto_api.counts() == COUNTS
    assert {one.id for one in spec.resources} == {one.id for one in controller.inventory()}


def test_a_crash_in_the_middle_is_mended_as_the_plan_says(controller, one_at_a_time):
    with pytest.raises(moto_api.Crash), moto_api.crash_after(11):
        controller.provision()
    planned = {one.key: one for one in controller.plan().actions}
    assert planned["vpc"].action is Action.NONE
    assert planned["route-table-public"].action is Action.UPDATE
    assert planned["route-table-public"].reason == (
        "has no route to the gateway; is not subnet-public-a's; is not subnet-public-b's"
    )
    assert planned["host-1"].action is Action.CREATE
    before = {one.key: one.id for one in planned.values() if one.id}
    after = {one.key: one.id for one in controller.restarted().provision().resources}
    assert before.items() <= after.items()


def test_an_answer_that_is_lost_doubles_nothing(controller):
    lost = set()

    def lose(model, **_):
        if not model.name.startswith(moto_api.READS) and model.name not in lost:
            lost.add(model.name)
            raise EndpointUnreachable("the answer was lost", action=model.name)

    with moto_api.hook("after-call", lose):
        controller.provision()
    assert len(lost) > 10
    assert moto_api.counts() == COUNTS
    assert not controller.plan().changes


def test_foreign_and_half_tagged_things_are_left_alone(controller):
    controller.provision()
    stranger = moto_api.client().create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    half = moto_api.client().create_vpc(
        CidrBlock="10.8.0.0/16",
        TagSpecifications=[
            {
                "ResourceType": "vpc",
                "Tags": [
                    {"Key": "autodeploy:application", "Value": "shop"},
                    {"Key": "autodeploy:environment", "Value": "production"},
                    {"Key": "autodeploy:managed-by", "Value": "autodeploy"},
                ],
            }
        ],
    )["Vpc"]["VpcId"]
    assert not controller.plan().changes
    controller.destroy()
    left = {one["VpcId"] for one in moto_api.of("AWS::EC2::VPC")}
    assert left == {stranger, half}


def test_two_applications_do_not_see_each_other(controller):
    other = moto_api.Controller(controller.folder, "shop2")
    one, two = controller.provision(), other.provision()
    assert not {r.id for r in one.resources} & {r.id for r in two.resources}
    other.destroy()
    assert moto_api.counts() == COUNTS
    assert controller.inventory()


def test_two_resources_of_one_name_are_an_error_that_names_both(controller):
    spec = controller.provision()
    tags = controller.owner.specification("vpc", "vpc")
    made = moto_api.client().create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)
    second = made["Vpc"]["VpcId"]
    with pytest.raises(ResourceFailed) as caught:
        controller.plan()
    assert second in caught.value.message
    assert spec.resources[0].id in caught.value.message


def test_a_new_host_replaces_one_that_was_terminated(controller):
    before = controller.provision().hosts[0].instance_id
    moto_api.client().terminate_instances(InstanceIds=[before])
    planned = {one.key: one.action for one in controller.plan().actions}
    assert planned.pop("host-1") is Action.CREATE
    assert set(planned.values()) == {Action.NONE}
    after = controller.provision().hosts[0].instance_id
    assert after != before
    assert moto_api.counts() == COUNTS


def test_the_token_differs_by_attempt_owner_and_parameters(controller):
    owner, other = controller.owner, controller.owner.model_copy(update={"environment": "test"})
    tokens = {
        client_token(owner, "host-1", 0, {"a": 1}),
        client_token(owner, "host-1", 1, {"a": 1}),
        client_token(owner, "host-2", 0, {"a": 1}),
        client_token(owner, "host-1", 0, {"a": 2}),
        client_token(other, "host-1", 0, {"a": 1}),
    }
    assert len(tokens) == 5
    assert client_token(owner, "host-1", 0, {"a": 1}) in tokens
    assert max(map(len, tokens)) <= 64


def test_a_token_of_an_instance_that_has_ended_is_not_used_again(controller):
    refused = []

    def remembers(http_response, parsed, **_):
        """AWS remembers tokens longer than it lists instances."""
        if not refused:
            refused.append(True)
            http_response.status_code = 400
            parsed["Error"] = {"Code": "IdempotentInstanceTerminated", "Message": "ended"}

    heard = []
    controller.journal._listener = heard.append
    with moto_api.hook("after-call.ec2.RunInstances", remembers):
        controller.provision()
    tokens = [one.token for one in heard if isinstance(one, e.ResourceIntended) and one.token]
    assert len(tokens) == len(set(tokens)) == 2


def test_a_lost_login_key_is_replaced_while_no_host_uses_it(controller):
    spec = controller.provision()
    moto_api.client().terminate_instances(InstanceIds=[spec.hosts[0].instance_id or ""])
    spec.ssh_key.unlink()
    (action,) = [one for one in controller.plan().actions if one.key == "key-pair"]
    assert (action.action, action.reason) == (
        Action.REPLACE,
        "its private key is not on this machine",
    )
    controller.provision()
    assert moto_api.counts() == COUNTS
    assert not controller.plan().changes


@pytest.mark.parametrize("lost", ["id_ed25519", "hosts/host-1.key"])
def test_a_lost_key_of_a_running_host_is_an_error(controller, lost):
    controller.provision()
    (controller.keys / lost).unlink()
    with pytest.raises(ResourceFailed, match="host-1"):
        controller.plan()
    with pytest.raises(ResourceFailed, match="host-1"):
        controller.provision()
    assert moto_api.counts() == COUNTS


def test_an_instance_that_dies_while_it_starts(controller):
    def dies(parsed, **_):
        for reservation in parsed.get("Reservations", ()):
            for instance in reservation["Instances"]:
                instance["State"] = {"Name": "terminated"}
                instance["StateReason"] = {"Message": "Client.VolumeLimitExceeded"}

    hooked = moto_api.hook("after-call.ec2.DescribeInstances", dies)
    with hooked, pytest.raises(ResourceFailed) as caught:
        controller.provision()
    assert caught.value.cause == "Client.VolumeLimitExceeded"


def test_the_spec_survives_json(controller):
    spec = controller.provision()
    assert type(spec).model_validate(json.loads(spec.model_dump_json())) == spec
    assert spec.ingress_ports == (80,)


def test_an_account_is_asked_before_anything_is_made_in_it(controller, monkeypatch):
    asked = []

    def ask(cloud, needs, _talk):
        asked.append((set(needs.created), moto_api.writes(cloud)))

    monkeypatch.setattr("autodeploy.provisioner.provisioning.preflight", ask)
    controller.provision()
    assert asked == []
    controller.destroy()
    controller.cloud.calls.clear()
    controller.settings = Settings(target="aws")
    controller.provision()
    controller.provision()
    assert asked[0] == (set(COUNTS), [])
    assert asked[1][0] == set()
