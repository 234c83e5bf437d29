"""The gateway's layers and the record of calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from werkzeug import Response
from werkzeug.test import Client

from autodeploy.lab import record
from autodeploy.lab.api.gateway import Gateway
from autodeploy.lab.api.recorder import Recorder

SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/ec2/aws4_request"}


def echo(environ, start_response):
    """An API that fails with the form that it was sent."""
    form = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
    return Response(f"<Code>{form}</Code>", status=400)(environ, start_response)


def post(gateway, action, headers=SIGNED):
    return Client(gateway).post("/", data={"Action": action, "UserData": "secret"}, headers=headers)


def test_a_call_is_written_without_secrets_and_reaches_the_api_whole(tmp_path):
    path = tmp_path / "calls.jsonl"
    answer = post(Gateway(echo, [Recorder(path)], {}), "RunInstances")
    assert answer.text == "<Code>Action=RunInstances&UserData=secret</Code>"
    (call,) = record.read(path)
    assert call.action == "ec2:RunInstances"
    assert call.parameters == {"UserData": "***"}
    assert call.status == 400
    assert abs(datetime.now(UTC) - call.time) < timedelta(minutes=1)


def test_layers_are_passed_from_the_first_to_the_last(tmp_path):
    passed = []

    def layer(name):
        def one(call, following):
            passed.append((name, call.action))
            return following(call)

        return one

    def closed(call, following):
        return Response("closed", status=503)

    answer = post(Gateway(echo, [layer("a"), layer("b"), closed, layer("c")], {}), "StopInstances")
    assert answer.status_code == 503
    assert passed == [("a", "ec2:StopInstances"), ("b", "ec2:StopInstances")]


def test_a_web_page_is_not_let_in(tmp_path):
    path = tmp_path / "calls.jsonl"
    gateway = Gateway(echo, [Recorder(path)], {"GET status": lambda _: {"secret": 1}})
    headers = {**SIGNED, "Origin": "http://evil.example"}
    assert post(gateway, "RunInstances", headers).status_code == 403
    assert Client(gateway).get("/_autodeploy/status", headers=headers).status_code == 403
    assert record.read(path) == []
    assert Client(gateway).get("/_autodeploy/status").json == {"secret": 1}
    assert Client(gateway).get("/_autodeploy/other").status_code == 404


def test_the_record_is_read_since_a_time_and_without_a_torn_line(tmp_path):
    path = tmp_path / "calls.jsonl"
    lines = [
        f'{{"action":"ec2:A{n}","time":"2026-01-01T00:00:0{n}Z","error":null}}\n' for n in range(3)
    ]
    path.write_text("".join(lines) + lines[0][:20])
    assert [one.action for one in record.read(path)] == ["ec2:A0", "ec2:A1", "ec2:A2"]
    since = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert [one.action for one in record.read(path, since)] == ["ec2:A1", "ec2:A2"]
    assert record.read(tmp_path / "none") == []
