import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest

from autodeploy.aws import Cloud, controller_address
from autodeploy.errors import AccessDenied, CredentialsMissing, EndpointUnreachable

REFUSAL = b"""<Response><Errors><Error><Code>UnauthorizedOperation</Code>
<Message>You are not authorized to perform: ec2:CreateTags</Message></Error></Errors></Response>"""


@pytest.fixture
def refusing():
    """An endpoint on loopback that refuses every call; gives its address and what it heard."""
    heard = []

    class Refuses(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(403)
            self.end_headers()
            self.wfile.write(REFUSAL)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Refuses)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


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


def test_no_credentials_at_all(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(CredentialsMissing) as caught:
        Cloud(region="eu-west-1").identity()
    assert caught.value.action == "sts:GetCallerIdentity"


def test_no_region(monkeypatch, tmp_path):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert boto3.Session().region_name is None
    with pytest.raises(Exception, match="no region is known"):
        Cloud()


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
