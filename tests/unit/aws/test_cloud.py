import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import boto3
import pytest

import moto_api
from autodeploy import stopping
from autodeploy.aws import Cloud, controller_address
from autodeploy.aws.identity import Identity
from autodeploy.errors import (
    AccessDenied,
    CredentialsExpired,
    CredentialsMissing,
    CredentialsRefused,
    EndpointUnreachable,
    EndpointWrong,
    LeaseLost,
    RegionUnavailable,
)

REFUSAL = b"""<Response><Errors><Error><Code>UnauthorizedOperation</Code>
<Message>You are not authorized to perform: ec2:CreateTags</Message></Error></Errors></Response>"""
NO_ROLE = b"""<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: me is not authorized to
perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/r</Message></Error>
</ErrorResponse>"""


@contextmanager
def answering(status, body):
    """An endpoint on loopback that answers every call so; gives its address and what it heard."""
    heard = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def refusing():
    with answering(403, REFUSAL) as endpoint:
        yield endpoint


@pytest.fixture
def own(monkeypatch, tmp_path):
    """Writes the user's AWS configuration; nothing else of the machine's is read."""
    config = tmp_path / "config"
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return config.write_text


@pytest.fixture
def free_port():
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def test_a_refusal_names_the_action_that_is_missing_and_is_recorded(refusing):
    cloud = Cloud(endpoint_url=refusing[0])
    with pytest.raises(AccessDenied) as caught:
        cloud.ec2().describe_vpcs()
    assert caught.value.action == "ec2:CreateTags"
    assert caught.value.code == "UnauthorizedOperation"
    assert [(one.action, one.error) for one in cloud.calls] == [
        ("ec2:DescribeVpcs", "UnauthorizedOperation")
    ]


def test_the_lab_never_sees_the_users_credentials_nor_his_configuration(
    refusing, monkeypatch, tmp_path
):
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUSERSOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    cloud = Cloud(endpoint_url=refusing[0])
    with pytest.raises(AccessDenied):
        cloud.ec2().describe_vpcs()
    assert cloud.is_lab
    assert cloud.region == "us-east-1"
    assert "Credential=autodeploy-lab/" in refusing[1][0]


def test_without_the_right_to_it_nothing_is_changed_and_all_can_be_read():
    def refuse():
        raise LeaseLost("another one has it")

    with moto_api.api():
        cloud = moto_api.cloud()
        cloud.ec2().create_vpc(CidrBlock="10.0.0.0/16")
        there = len(cloud.ec2().describe_vpcs()["Vpcs"])
        with stopping.guarded(refuse), pytest.raises(LeaseLost):
            cloud.ec2().create_vpc(CidrBlock="10.1.0.0/16")
        with stopping.guarded(refuse):
            assert len(cloud.ec2().describe_vpcs()["Vpcs"]) == there


def test_a_call_that_is_refused_again_and_again_ends_once_the_right_to_it_is_lost(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with answering(503, b"<Response/>") as (endpoint, heard):
        cloud = Cloud(endpoint_url=endpoint)
        cloud.guard = lambda: refuse() if len(heard) == 2 else None

        def refuse():
            raise LeaseLost("another one has it")

        with pytest.raises(LeaseLost):
            cloud.ec2().create_vpc(CidrBlock="10.0.0.0/16")
        assert len(heard) == 2


def test_an_endpoint_that_does_not_answer(free_port):
    cloud = Cloud(region="eu-west-1", endpoint_url=f"http://127.0.0.1:{free_port}")
    with pytest.raises(EndpointUnreachable) as caught:
        cloud.ec2(retries=False).describe_vpcs()
    assert caught.value.action == "ec2:DescribeVpcs"
    assert cloud.calls[0].error == "EndpointConnectionError"


@pytest.mark.parametrize(
    ("url", "lab"),
    [
        (None, False),
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://ec2.eu-west-1.amazonaws.com", False),
        ("http://10.0.0.1:4566", False),
        ("http://localhost.example.org", False),
    ],
)
def test_only_an_endpoint_on_this_machine_is_a_lab(url, lab):
    assert Cloud(region="eu-west-1", endpoint_url=url).is_lab is lab


def test_a_profile_that_does_not_exist():
    with pytest.raises(CredentialsMissing, match="no-such-profile"):
        Cloud(profile="no-such-profile", region="eu-west-1")


def test_no_credentials_at_all(own):
    own("")
    with pytest.raises(CredentialsMissing) as caught:
        Cloud(region="eu-west-1").identity()
    assert caught.value.action == "sts:GetCallerIdentity"


def test_a_profile_gives_its_region_and_its_keys(own):
    keys = "aws_access_key_id = AKIAWORK\naws_secret_access_key = x"
    with answering(200, b"<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>") as (url, heard):
        own(f"[profile work]\nregion = eu-west-3\nendpoint_url = {url}\n{keys}\n")
        cloud = Cloud(profile="work")
        assert cloud.region == "eu-west-3"
        assert Cloud(profile="work", region="eu-west-1").region == "eu-west-1"
        assert cloud.ec2().describe_vpcs()["Vpcs"] == []
    assert "Credential=AKIAWORK/" in heard[0]


def test_a_login_that_has_expired_or_was_never_made(own):
    own(
        "[profile work]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = r\n"
        "[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://work.example.com\n"
    )
    with pytest.raises(CredentialsExpired, match="login") as caught:
        Cloud(profile="work", region="eu-west-1").identity()
    assert "aws sso login" in caught.value.remediation


def test_a_role_that_may_not_be_assumed(own):
    keys = "aws_access_key_id = AKIAWORK\naws_secret_access_key = x"
    with answering(403, NO_ROLE) as (url, _):
        own(
            f"[profile base]\nregion = eu-west-1\nendpoint_url = {url}\n{keys}\n[profile work]\n"
            f"role_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
            f"endpoint_url = {url}\nregion = eu-west-1\n"
        )
        with pytest.raises(CredentialsRefused, match="sts:AssumeRole"):
            Cloud(profile="work").ec2(retries=False).describe_vpcs()


def test_no_region(own):
    own("")
    assert boto3.Session().region_name is None
    with pytest.raises(RegionUnavailable, match="no region is known"):
        Cloud()


def test_a_region_that_does_not_exist(own, monkeypatch, free_port):
    own("[default]\naws_access_key_id = AKIAWORK\naws_secret_access_key = x\n")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port}")
    with pytest.raises(RegionUnavailable, match="eu-centrall-1") as caught:
        Cloud(region="eu-centrall-1").ec2(retries=False).describe_vpcs()
    assert caught.value.remediation == "Did you mean --region eu-central-1?"
    with pytest.raises(EndpointUnreachable):
        Cloud(region="eu-central-1").ec2(retries=False).describe_vpcs()


@pytest.mark.parametrize("status", [200, 404])
def test_what_answers_is_not_aws(status):
    with (
        answering(status, b"<html><p>It works!") as (url, _),
        pytest.raises(EndpointWrong, match=r"not AWS's API|no endpoint of AWS's API"),
    ):
        Cloud(endpoint_url=url).ec2(retries=False).describe_vpcs()


def test_an_endpoint_that_is_none():
    with pytest.raises(EndpointWrong, match="localhost 1"):
        Cloud(region="eu-west-1", endpoint_url="http://localhost 1").ec2()


@pytest.mark.parametrize(
    ("arn", "role", "root"),
    [
        ("arn:aws:iam::123456789012:user/ci/me", None, False),
        ("arn:aws:iam::123456789012:root", None, True),
        ("arn:aws:sts::123456789012:assumed-role/deployer/me@example.com", "deployer", False),
        ("arn:aws:sts::123456789012:federated-user/me", None, False),
    ],
)
def test_who_calls(arn, role, root):
    caller = Identity("123456789012", arn)
    assert (caller.role, caller.is_root) == (role, root)
    assert str(caller) == f"account 123456789012 as {arn}"


def test_the_controllers_address_in_the_lab_is_one_of_this_machine():
    address = controller_address(Cloud(endpoint_url="http://127.0.0.1:1"))
    with HTTPServer((address, 0), BaseHTTPRequestHandler) as bound:
        assert bound.server_address[0] == address


def test_the_controllers_address_is_what_the_lab_says():
    class Lab(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/_autodeploy/controller-address" else 404)
            self.end_headers()
            self.wfile.write(b'"10.213.0.1"')

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Lab) as lab:
        threading.Thread(target=lab.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{lab.server_address[1]}"
        assert controller_address(Cloud(endpoint_url=endpoint)) == "10.213.0.1"
        lab.shutdown()


def test_what_a_door_has_read_of_services_no_other_reads_again():
    one, other = (
        Cloud(region=region, endpoint_url="http://127.0.0.1:9")
        for region in ("us-east-1", "eu-west-1")
    )
    model = one.ec2().meta.service_model
    assert other.ec2().meta.service_model.metadata is model.metadata
    loader = other._session._loader
    assert len(loader.search_paths) == len(set(loader.search_paths))
