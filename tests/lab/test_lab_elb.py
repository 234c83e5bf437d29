"""Load balancers: what their HAProxy does with requests, targets, certificates and changes."""

from __future__ import annotations

import datetime
import http.client
import json
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from autodeploy.lab.site import Site
from balancerkit import PORT, answer_health, cloud_config, get, make, zones
from labkit import api, boot_host, default_group, open_group, until
from zonekit import make_zone, remove_zone, validate

pytestmark = pytest.mark.lab
QUICK = {"Delay": 1, "MaxAttempts": 60}


@pytest.fixture(scope="module")
def machines(lab, tmp_path_factory):
    """Two hosts with the application, `one` and `two`."""
    folder = tmp_path_factory.mktemp("keys")
    ec2 = api(lab, "ec2")
    groups = [open_group(ec2, None, "shop-hosts"), default_group(ec2)]
    made = [
        boot_host(
            lab,
            folder / name,
            cloud_config=cloud_config(name),
            wait=False,
            SubnetId=subnet,
            SecurityGroupIds=groups,
        )
        for name, subnet in zip(("one", "two"), zones(ec2), strict=False)
    ]
    for machine in made:
        until(machine.answers)
    return made


@pytest.fixture(scope="module")
def shop(lab, machines):
    """A balancer before both of them."""
    elb = api(lab, "elbv2")
    balancer = make(api(lab, "ec2"), elb, "shop")
    for machine in machines:
        balancer.register(machine.instance_id)
    elb.get_waiter("load_balancer_available").wait(
        LoadBalancerArns=[balancer.arn], WaiterConfig=QUICK
    )
    elb.get_waiter("target_in_service").wait(TargetGroupArn=balancer.group, WaiterConfig=QUICK)
    return balancer


@pytest.fixture
def whole(shop, machines):
    """The balancer with both targets healthy, before and after the test."""

    def healthy():
        return all(shop.state(one.instance_id) == "healthy" for one in machines)

    until(healthy)
    yield shop
    for one in machines:
        answer_health(one, 200)
        shop.register(one.instance_id)
    until(healthy)


def test_requests_go_round(whole):
    order = [whole.get().name() for _ in range(6)]
    assert order in (["one", "two"] * 3, ["two", "one"] * 3)


def test_a_target_that_fails_its_checks_gets_nothing_until_it_passes_them(whole, machines):
    one, two = machines
    answer_health(one, 503)
    until(lambda: whole.state(one.instance_id) == "unhealthy")
    assert whole.health(one.instance_id) == {
        "State": "unhealthy",
        "Reason": "Target.ResponseCodeMismatch",
        "Description": "Health checks failed with these codes: [503]",
    }
    assert whole.names() == {"two"}
    pattern = {"Field": "path-pattern", "Values": ["/reloaded"]}
    says = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "204"}}
    rule = whole.rule(1, says, pattern)
    until(lambda: whole.get("/reloaded").status == 204)
    assert whole.names() == {"two"}, "a change is no reason to forget a target's health"
    assert whole.state(one.instance_id) == "unhealthy"
    whole.elb.delete_rule(RuleArn=rule)
    answer_health(two, 404)
    until(lambda: whole.state(two.instance_id) == "unhealthy")
    assert whole.names() == {"one", "two"}, "with none healthy, all of them get requests"
    answer_health(one, 200)
    until(lambda: whole.state(one.instance_id) == "healthy")
    assert whole.names() == {"one"}


def test_a_new_target_gets_nothing_before_its_first_check(whole, machines):
    nobody = 9999
    whole.register(machines[0].instance_id, nobody)
    assert whole.health(machines[0].instance_id, nobody)["Reason"] in {
        "Elb.RegistrationInProgress",
        "Elb.InitialHealthChecking",
    }
    assert whole.names(20) == {"one", "two"}
    until(lambda: whole.state(machines[0].instance_id, nobody) == "unhealthy")
    assert whole.health(machines[0].instance_id, nobody)["Reason"] == "Target.FailedHealthChecks"
    whole.delay(0)
    whole.deregister(machines[0].instance_id, nobody)
    assert whole.health(machines[0].instance_id, nobody)["Reason"] == "Target.NotRegistered"


def test_a_request_in_flight_survives_a_deregistration(whole, machines):
    one, two = machines
    whole.delay(20)
    kept = http.client.HTTPConnection(whole.name)
    assert ask(kept) | ask(kept) == {"one", "two"}
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(whole.get, "/slow/8") for _ in range(2)]
        until(lambda: connections(one) and connections(two))
        whole.deregister(one.instance_id)
        assert whole.health(one.instance_id)["Reason"] == "Target.DeregistrationInProgress"
        until(lambda: whole.names() == {"two"})
        assert set().union(*(ask(kept) for _ in range(4))) == {"two"}, "nor what was open before"
        assert {done.result().status for done in slow} == {200}
        assert {done.result().name() for done in slow} == {"one", "two"}
    assert whole.state(one.instance_id) == "draining"
    whole.elb.get_waiter("target_deregistered").wait(
        TargetGroupArn=whole.group,
        Targets=[{"Id": one.instance_id, "Port": PORT}],
        WaiterConfig=QUICK,
    )


def ask(connection):
    connection.request("GET", "/")
    return {json.load(connection.getresponse())["name"]}


def test_a_request_that_outlasts_the_delay_is_broken_off(whole, machines):
    one, two = machines
    whole.delay(1)
    with ThreadPoolExecutor() as pool:
        slow = [pool.submit(whole.get, "/slow/30") for _ in range(2)]
        until(lambda: connections(one) and connections(two))
        whole.deregister(one.instance_id)
        until(lambda: any(done.done() for done in slow), seconds=15)
        until(lambda: not connections(one))
        assert connections(two)
        whole.deregister(two.instance_id)


def connections(machine):
    return (
        machine.run(f"ss -Htn state established '( sport = :{PORT} )' | grep -c . || true") != "0"
    )


def test_a_change_loses_no_request(whole):
    ended, failed, count = threading.Event(), [], []

    def hammer():
        while not ended.is_set():
            try:
                count.append(whole.get().status)
            except OSError as error:
                failed.append(error)

    with ThreadPoolExecutor() as pool:
        for _ in range(4):
            pool.submit(hammer)
        fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        made = []
        for number in range(5):
            pattern = {"Field": "path-pattern", "Values": [f"/changed/{number}"]}
            made.append(whole.rule(number + 1, fixed, pattern))
            until(lambda n=number: whole.get(f"/changed/{n}").body == "")
        for rule in made:
            whole.elb.delete_rule(RuleArn=rule)
        until(lambda: whole.get("/changed/0").body != "")
        ended.set()
    assert failed == []
    assert set(count) == {200}


def test_the_target_is_told_of_the_client(whole):
    told = whole.get(headers={"X-Forwarded-For": "203.0.113.7", "Host": "shop.test"}).said()
    headers = {key.lower(): value for key, value in told["headers"].items()}
    first, _, client = headers["x-forwarded-for"].partition(", ")
    assert first == "203.0.113.7"
    socket.inet_aton(client)
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == "80"
    assert headers["host"] == "shop.test"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


def test_rules_choose_by_priority(whole):
    def says(text):
        config = {"StatusCode": "200", "MessageBody": text, "ContentType": "text/plain"}
        return {"Type": "fixed-response", "FixedResponseConfig": config}

    path = {"Field": "path-pattern", "Values": ["/admin/*"]}
    host = {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.shop.test"]}}
    made = [
        whole.rule(20, says("path"), path),
        whole.rule(10, says("both"), path, host),
        whole.rule(30, says("host"), host),
    ]
    try:
        until(lambda: whole.get("/admin/x").body == "path")
        until(lambda: whole.get("/other", headers={"Host": "eu.shop.test"}).body == "host")
        assert whole.get("/admin/x", headers={"Host": "eu.SHOP.test"}).body == "both"
        assert whole.get("/administration").name() in {"one", "two"}
        whole.elb.set_rule_priorities(RulePriorities=[{"RuleArn": made[1], "Priority": 40}])
        until(lambda: whole.get("/admin/x", headers={"Host": "a.shop.test"}).body == "path")
    finally:
        for rule in made:
            whole.elb.delete_rule(RuleArn=rule)


def test_a_redirect_keeps_the_address(whole):
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    listener = whole.listen(81, {"Type": "redirect", "RedirectConfig": config})
    until(lambda: answers(whole.name, 81))
    there = whole.get("/a/b?c=d", port=81, headers={"Host": "shop.test:81"})
    assert there.status == 301
    assert there.headers["location"] == "https://shop.test:443/a/b?c=d"
    assert whole.get("/", port=81, headers={"Host": "shop.test"}).headers["location"] == (
        "https://shop.test:443/"
    )
    whole.elb.delete_listener(ListenerArn=listener)
    until(lambda: not answers(whole.name, 81))


def test_https_has_acms_certificates(lab, whole, tmp_path):
    acm = api(lab, "acm")
    asked = acm.request_certificate(
        DomainName="shop.test", SubjectAlternativeNames=["www.shop.test"]
    )
    arn = asked["CertificateArn"]
    route53 = api(lab, "route53")
    zone = make_zone(route53, "shop.test")
    validate(acm, route53, zone, arn)
    acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig=QUICK)
    pem, key = self_signed("other.test")
    other = acm.import_certificate(Certificate=pem, PrivateKey=key)["CertificateArn"]
    listener = whole.listen(
        443,
        {"Type": "forward", "TargetGroupArn": whole.group},
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": arn}],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
    )
    whole.elb.add_listener_certificates(
        ListenerArn=listener, Certificates=[{"CertificateArn": other}]
    )
    until(lambda: answers(whole.name, 443))
    root = str(Site.here().folder / "ca/ca.pem")

    def https(name, trusted=root):
        return get(whole.name, port=443, trusted=trusted, server_name=name)

    told = https("www.shop.test").said()["headers"]
    assert {key.lower(): value for key, value in told.items()}["x-forwarded-proto"] == "https"
    imported = tmp_path / "other.pem"
    imported.write_bytes(pem)
    until(lambda: verifies(lambda: https("other.test", str(imported))))
    with pytest.raises(ssl.SSLCertVerificationError):
        https("elsewhere.test")
    with pytest.raises(ClientError, match="ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)
    renewed, key = self_signed("other.test")
    acm.import_certificate(CertificateArn=other, Certificate=renewed, PrivateKey=key)
    imported.write_bytes(renewed)
    until(lambda: verifies(lambda: https("other.test", str(imported))))
    whole.elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)
    remove_zone(route53, zone)


def verifies(ask):
    try:
        return ask().status == 200
    except ssl.SSLError:
        return False


def self_signed(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def answers(name, port):
    try:
        socket.create_connection((name, port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_websocket_passes(whole):
    with socket.create_connection((whole.name, 80), timeout=10) as connection:
        upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        upgrade += (
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        connection.sendall(upgrade.encode())
        until(lambda: b"101" in connection.recv(4096))
        connection.sendall(b"ping")
        assert connection.recv(4) == b"ping"


def test_a_cookie_binds_a_client_to_a_target(whole):
    def sticky(value):
        said = [{"Key": "stickiness.enabled", "Value": value}]
        whole.elb.modify_target_group_attributes(TargetGroupArn=whole.group, Attributes=said)

    sticky("true")
    first = until(lambda: (reply := whole.get()).headers.get("set-cookie") and reply)
    assert first.headers["set-cookie"].startswith("AWSALB=")
    cookie = {"Cookie": first.headers["set-cookie"].partition(";")[0]}
    assert {whole.get(headers=cookie).name() for _ in range(6)} == {first.name()}
    sticky("false")
    until(lambda: "set-cookie" not in whole.get().headers)


def test_errors_are_those_of_aws(whole, machines):
    made = whole.elb.create_target_group(Name="broken", Protocol="HTTP", Port=9, VpcId=whole.vpc)
    group = made["TargetGroups"][0]["TargetGroupArn"]
    assert whole.health(machines[0].instance_id, group=group)["Reason"] == "Target.NotRegistered"
    whole.register(machines[0].instance_id, 9, group)
    assert whole.health(machines[0].instance_id, 9, group)["Reason"] == "Target.NotInUse"
    listener = whole.listen(82, {"Type": "forward", "TargetGroupArn": group})
    until(lambda: answers(whole.name, 82))
    refused = whole.get(port=82)
    assert (refused.status, refused.headers["server"]) == (502, "awselb/2.0")
    with pytest.raises(ClientError, match="ResourceInUse"):
        whole.elb.delete_target_group(TargetGroupArn=group)
    whole.elb.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}],
    )
    whole.deregister(machines[0].instance_id, 9, group)
    until(lambda: whole.get(port=82).status == 503)
    whole.elb.delete_listener(ListenerArn=listener)
    whole.elb.delete_target_group(TargetGroupArn=group)


def test_a_target_that_takes_too_long_is_a_504(whole):
    def idle(seconds):
        said = [{"Key": "idle_timeout.timeout_seconds", "Value": seconds}]
        whole.elb.modify_load_balancer_attributes(LoadBalancerArn=whole.arn, Attributes=said)

    idle("2")
    until(lambda: whole.get("/slow/5").status == 504)
    idle("60")
    until(lambda: whole.get("/slow/3").status == 200)


def test_a_name_resolves_while_the_balancer_is_there(lab, machines):
    ec2, elb = api(lab, "ec2"), api(lab, "elbv2")
    balancer = make(ec2, elb, "brief", scheme="internal")
    wait = {"LoadBalancerArns": [balancer.arn], "WaiterConfig": QUICK}
    elb.get_waiter("load_balancer_available").wait(**wait)
    assert balancer.name.startswith("internal-brief-")
    assert balancer.name.endswith(".us-east-1.elb.amazonaws.com")
    assert balancer.name in Path("/etc/hosts").read_text()
    interfaces = [{"Name": "description", "Values": ["ELB app/brief/*"]}]
    (interface,) = ec2.describe_network_interfaces(Filters=interfaces)["NetworkInterfaces"]
    assert socket.gethostbyname(balancer.name) == interface["PrivateIpAddress"]
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=protect)
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        elb.delete_load_balancer(LoadBalancerArn=balancer.arn)
    protect[0]["Value"] = "false"
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer.arn, Attributes=protect)
    elb.delete_load_balancer(LoadBalancerArn=balancer.arn)
    elb.get_waiter("load_balancers_deleted").wait(**wait)
    assert balancer.name not in Path("/etc/hosts").read_text()
    assert ec2.describe_network_interfaces(Filters=interfaces)["NetworkInterfaces"] == []
    assert list(Site.here().hosts.glob("elb-*")) != [], "the other one is still there"
    elb.delete_target_group(TargetGroupArn=balancer.group)


def test_a_terminated_instance_is_no_target(lab, whole, boot):
    whole.delay(60)
    ec2 = api(lab, "ec2")
    subnet = next(iter(zones(api(lab, "ec2"))))
    groups = [default_group(ec2), open_group(ec2, None, "third")]
    third = boot(lab, cloud_config=cloud_config("three"), SubnetId=subnet, SecurityGroupIds=groups)
    whole.register(third.instance_id)
    until(lambda: whole.state(third.instance_id) == "healthy")
    until(lambda: "three" in whole.names())
    third.ec2.terminate_instances(InstanceIds=[third.instance_id])
    assert whole.health(third.instance_id)["Reason"] == "Target.NotRegistered"
    until(lambda: whole.names() == {"one", "two"})
