"""Calls are named as IAM names them."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.config import Config
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from autodeploy.lab.api import actions

CHANGE = {"Action": "DELETE", "ResourceRecordSet": {"Name": "a.example", "Type": "A"}}
CASES = [
    ("ec2", "run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}),
    ("elbv2", "describe_load_balancers", {}),
    ("rds", "describe_db_instances", {}),
    ("iam", "get_role", {"RoleName": "any"}),
    ("sts", "get_caller_identity", {}),
    ("ssm", "get_parameter", {"Name": "/a"}),
    ("secretsmanager", "create_secret", {"Name": "a"}),
    ("acm", "list_certificates", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("route53", "list_hosted_zones", {}),
    (
        "route53",
        "change_resource_record_sets",
        {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [CHANGE]}},
    ),
    ("s3", "list_objects_v2", {"Bucket": "state"}),
    ("s3", "put_object", {"Bucket": "state", "Key": "a/b/c", "Body": b""}),
    ("s3", "copy_object", {"Bucket": "state", "Key": "a", "CopySource": "state/b"}),
    ("s3", "delete_object", {"Bucket": "state", "Key": "a"}),
    ("s3", "get_bucket_versioning", {"Bucket": "state"}),
    ("s3", "create_bucket", {"Bucket": "state"}),
]
SERVICES = {"elbv2": "elasticloadbalancing"}


class Sent(Exception):
    """Carries a request instead of sending it."""


def catch(request, **_):
    raise Sent(request)


def sent(service, method, parameters):
    """What boto3 sends for a call, as the server sees it."""
    client = boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-send", catch)
    with pytest.raises(Sent) as caught:
        getattr(client, method)(**parameters)
    (request,) = caught.value.args
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    path, _, query = request.url.removeprefix("http://127.0.0.1:1").partition("?")
    body = request.body if isinstance(request.body, str) else ""
    builder = EnvironBuilder(path, query_string=query, method=request.method, headers=headers)
    return Request(builder.get_environ()), body


@pytest.mark.parametrize(("service", "method", "parameters"), CASES)
def test_the_name_is_iams(service, method, parameters):
    request, body = sent(service, method, parameters)
    operation = "".join(word.capitalize() for word in method.split("_"))
    wanted = f"{SERVICES.get(service, service)}:{operation}".replace("Db", "DB")
    assert actions.name(request, body) == wanted


@pytest.mark.parametrize("header", ["", "nonsense", "AWS4-HMAC-SHA256 Credential=a", "Basic YQ=="])
def test_a_stranger_gets_a_name_too(header):
    environ = EnvironBuilder("/any/where", headers={"Authorization": header}).get_environ()
    assert actions.name(Request(environ), "") == "unknown:Get"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<Code>no error</Code>", None),
        (
            400,
            b"<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>",
            "InvalidVpcID.NotFound",
        ),
        (400, json.dumps({"__type": "ParameterNotFound"}).encode(), "ParameterNotFound"),
        (400, json.dumps({"__type": "com.amazonaws#Throttled"}).encode(), "Throttled"),
        (503, b"", "HTTP503"),
    ],
)
def test_the_error_code_is_awss(status, body, code):
    assert actions.error_code(status, body) == code
