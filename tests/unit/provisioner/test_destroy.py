import pytest

import moto_api
from autodeploy.errors import CloudError
from autodeploy.provisioner.kinds import Desired

pytestmark = pytest.mark.slow


def nothing_left():
    return not any(moto_api.everything().values())


def test_everything_goes_dependencies_last(controller):
    spec = controller.provision()
    removed = controller.destroy()
    assert {one.id for one in removed} == {one.id for one in spec.resources}
    assert removed[0].type == "AWS::EC2::Instance"
    assert removed[-1].type == "AWS::EC2::VPC"
    assert nothing_left()
    assert controller.inventory() == ()
    assert controller.state.resources == ()
    assert list(controller.keys.iterdir()) == []


def test_what_is_gone_already_is_as_good(controller):
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    ec2 = moto_api.client()
    ec2.terminate_instances(InstanceIds=[ids["host-1"]])
    ec2.delete_security_group(GroupId=ids["security-group-app"])
    ec2.delete_subnet(SubnetId=ids["subnet-private-b"])
    controller.destroy()
    assert nothing_left()
    assert controller.destroy() == ()


def test_what_vanishes_while_we_delete_is_as_good(controller):
    controller.provision()
    ec2 = moto_api.client()
    sniped = []

    def snipe(params, **_):
        if not sniped:
            sniped.append(params["SubnetId"])
            ec2.delete_subnet(SubnetId=params["SubnetId"])

    with moto_api.hook("provide-client-params.ec2.DeleteSubnet", snipe):
        controller.destroy()
    assert sniped
    assert nothing_left()


def test_a_crash_after_every_single_call_leaves_nothing_that_is_not_found(controller):
    controller.provision()
    crashes = 0
    while True:
        try:
            with moto_api.crash_after(1):
                controller.restarted().destroy()
        except moto_api.Crash:
            crashes += 1
        else:
            break
    assert crashes > 11
    assert nothing_left()


def test_half_made_things_go_too(controller):
    for count in (1, 3, 10, 18):
        one = moto_api.Controller(controller.folder, f"app{count}")
        with pytest.raises(moto_api.Crash), moto_api.crash_after(count):
            one.provision()
        one.restarted().destroy()
        assert nothing_left()


def test_a_resource_in_use_is_waited_for(controller):
    controller.provision()
    refusals = []

    def lingers(http_response, parsed, **_):
        if len(refusals) < 2:
            refusals.append(True)
            http_response.status_code = 400
            parsed["Error"] = {"Code": "DependencyViolation", "Message": "in use"}

    with moto_api.hook("after-call.ec2.DeleteSecurityGroup", lingers):
        controller.destroy()
    assert len(refusals) == 2
    assert nothing_left()


def test_a_resource_that_stays_in_use_is_an_error_in_the_end(controller, monkeypatch):
    monkeypatch.setattr(Desired, "deletion_seconds", 0.3)
    spec = controller.provision()
    ids = {one.key: one.id for one in spec.resources}
    ec2 = moto_api.client()
    foreign = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    table = ec2.create_route_table(VpcId=ids["vpc"])["RouteTable"]["RouteTableId"]
    with pytest.raises(CloudError) as caught:
        controller.destroy()
    assert caught.value.code == "DependencyViolation"
    assert controller.keys.joinpath("id_ed25519").exists()
    ec2.delete_route_table(RouteTableId=table)
    controller.destroy()
    left = moto_api.everything()
    assert [one["InternetGatewayId"] for one in left["AWS::EC2::InternetGateway"]] == [foreign]
    assert left["AWS::EC2::VPC"] == []
