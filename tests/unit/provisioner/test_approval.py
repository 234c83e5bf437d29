"""Exactly the plan that was approved, or nothing; and what changes while it is carried out."""

import pytest

import moto_api
from autodeploy.contracts import Action, Plan, PlannedAction
from autodeploy.errors import NameTaken, PlanOutdated
from autodeploy.provisioner import executor
from autodeploy.provisioner.approval import refuse_outdated


def action(key, what, reason="-", identifier=None):
    return PlannedAction(key=key, type="T", action=what, reason=reason, id=identifier)


HOST = action("host-1", Action.NONE, "is as it should be", "i-1")


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (
            [HOST],
            [action("host-1", Action.CREATE, "does not exist")],
            "host-1: none i-1 (is as it should be) then, create (does not exist) now",
        ),
        ([HOST], [HOST.model_copy(update={"id": "i-2"})], "i-2 (is as it should be) now"),
        ([HOST], [HOST.model_copy(update={"reason": "its type is"})], "none i-1 (its type is) now"),
        ([], [HOST], "host-1: not in the plan then, none i-1"),
        ([HOST], [], "(is as it should be) then, not in the plan now"),
    ],
)
def test_what_has_changed_is_told_by_resource(then, now, told):
    with pytest.raises(PlanOutdated) as caught:
        refuse_outdated(Plan(actions=tuple(then)), Plan(actions=tuple(now)))
    assert told in caught.value.cause
    assert caught.value.exit_code == 3


def test_other_surroundings_are_another_plan():
    with pytest.raises(PlanOutdated, match="networks"):
        refuse_outdated(Plan(actions=(HOST,), basis="a"), Plan(actions=(HOST,), basis="b"))
    refuse_outdated(Plan(actions=(HOST,), basis="a"), Plan(actions=(HOST,), basis="a"))


def refused(controller, approved):
    """What is told when the plan is refused; nothing was written."""
    controller.cloud.calls.clear()
    with pytest.raises(PlanOutdated) as caught:
        controller.provision(approved)
    assert moto_api.writes(controller.cloud) == []
    return caught.value.cause


@pytest.mark.slow
def test_the_approved_plan_is_carried_out(controller):
    approved = Plan.model_validate_json(controller.plan().model_dump_json())
    spec = controller.provision(approved)
    assert [one.key for one in approved.actions] == [one.key for one in spec.resources]
    assert controller.provision(controller.plan()) == spec


@pytest.mark.slow
def test_a_plan_holds_once(controller):
    approved = controller.plan()
    controller.provision(approved)
    assert "vpc: create (does not exist) then, none vpc-" in refused(controller, approved)


@pytest.mark.slow
def test_a_host_that_is_gone_is_not_made_unasked(controller):
    host = controller.provision().hosts[0].instance_id
    approved = controller.plan()
    moto_api.client().terminate_instances(InstanceIds=[host])
    assert refused(controller, approved) == (
        f"host-1: none {host} (is as it should be) then, create (does not exist) now"
    )


@pytest.mark.slow
def test_a_network_of_somebody_elses_where_ours_was_to_be(controller):
    approved = controller.plan()
    moto_api.client().create_vpc(CidrBlock="10.0.0.0/16")
    said = refused(controller, approved).splitlines()
    assert said[0] == "vpc: cidr 10.0.0.0/16 then, 10.1.0.0/16 now"
    assert len(said) == 5


@pytest.mark.slow
def test_a_plan_that_says_less_than_is_needed_is_refused(controller):
    approved = controller.plan()
    less = approved.model_copy(update={"actions": approved.actions[:-1]})
    assert refused(controller, less) == "host-1: not in the plan then, create (does not exist) now"


def meanwhile(event, change):
    """Somebody else changes something right before a call of ours."""
    done = []

    def hook(**_):
        if not done:
            done.append(event)
            change(moto_api.client())

    return moto_api.hook(f"provide-client-params.ec2.{event}", hook)


@pytest.mark.slow
def test_what_goes_while_it_is_needed_is_told(controller, monkeypatch):
    monkeypatch.setattr(executor, "PATIENCE_SECONDS", 0.3)
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    ec2, host = moto_api.client(), ids["host-1"]
    ec2.terminate_instances(InstanceIds=[host])

    def gone(ec2):
        ec2.delete_security_group(GroupId=ids["security-group-app"])

    with meanwhile("RunInstances", gone), pytest.raises(PlanOutdated) as caught:
        controller.provision()
    assert "host-1, or something that it needs, is gone since" in caught.value.message
    assert ids["security-group-app"] in caught.value.cause
    assert "Deploy again" in caught.value.remediation
    controller.provision()
    assert not controller.plan().changes


@pytest.mark.slow
def test_what_another_controller_makes_meanwhile_is_told_and_not_made_twice(controller):
    other = controller.restarted()

    def made(ec2):
        tags = other.owner.specification("key-pair", "key-pair")
        key = (other.keys / "id_ed25519.pub").read_bytes()
        name = other.owner.name
        ec2.import_key_pair(KeyName=name, PublicKeyMaterial=key, TagSpecifications=tags)

    with meanwhile("ImportKeyPair", made), pytest.raises(PlanOutdated, match="key-pair was made"):
        controller.provision()
    controller.provision()
    assert len(moto_api.of("AWS::EC2::KeyPair")) == 1


@pytest.mark.slow
def test_a_name_that_a_stranger_has_is_another_matter(controller):
    moto_api.client().create_key_pair(KeyName=controller.owner.name)
    with pytest.raises(NameTaken):
        controller.provision()
