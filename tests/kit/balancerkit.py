"""What tests of load balancers share: an application on two hosts, a balancer, and its client."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from labkit import Machine, allow, default_group

# GET /…        what it was asked, as JSON, with its own name
# GET /health   the status in /run/health, or 200
# GET /slow/N   an answer after N seconds
# Upgrade       101, then every byte comes back
APPLICATION = r"""
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.headers.get("Upgrade"):
            return self.echo()
        status = 200
        if self.path == "/health":
            status = int(Path("/run/health").read_text()) if Path("/run/health").exists() else 200
        if self.path.startswith("/slow/"):
            time.sleep(float(self.path.split("/")[2]))
        asked = {"name": sys.argv[1], "path": self.path, "headers": dict(self.headers.items())}
        body = json.dumps(asked).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self):
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        self.end_headers()
        while received := self.connection.recv(1024):
            self.connection.sendall(received)
        self.close_connection = True

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
PORT = 8000


def cloud_config(name: str) -> dict[str, Any]:
    """User data that runs the application under this name."""
    source = base64.b64encode(APPLICATION.encode()).decode()
    start = f"systemd-run --unit=app python3 /opt/app.py {name}"
    return {"runcmd": [f"echo {source} | base64 -d > /opt/app.py", start]}


def answer_health(machine: Machine, status: int) -> None:
    """Let the application's health check have this status from now on."""
    machine.run(f"echo {status} | sudo tee /run/health")


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    def said(self) -> dict[str, Any]:
        return json.loads(self.body)

    def name(self) -> str:
        return self.said()["name"]


def get(
    name: str,
    path: str = "/",
    port: int = 80,
    headers: dict[str, str] | None = None,
    trusted: str | None = None,
    server_name: str | None = None,
    timeout: float = 60,
) -> Reply:
    """One request on a connection of its own; TLS where a root is given."""
    connection = socket.create_connection((name, port), timeout=timeout)
    if trusted:
        context = ssl.create_default_context(cafile=trusted)
        connection = context.wrap_socket(connection, server_hostname=server_name or name)
    client = http.client.HTTPConnection(name, port)
    client.sock = connection
    try:
        client.request("GET", path, headers=headers or {})
        reply = client.getresponse()
        found = {key.lower(): value for key, value in reply.getheaders()}
        return Reply(reply.status, found, reply.read().decode())
    finally:
        client.close()


@dataclass(frozen=True)
class Balancer:
    """A load balancer and one target group that its port 80 forwards to."""

    elb: Any
    arn: str
    name: str
    listener: str
    group: str
    vpc: str

    def get(self, path: str = "/", **more: Any) -> Reply:
        return get(self.name, path, **more)

    def names(self, times: int = 8, path: str = "/") -> set[str]:
        """Who answers; a status where nobody does."""
        replies = [self.get(path) for _ in range(times)]
        return {one.name() if one.status == 200 else str(one.status) for one in replies}

    def health(self, target: str, port: int = PORT, group: str | None = None) -> dict[str, str]:
        asked = [{"Id": target, "Port": port}]
        found = self.elb.describe_target_health(TargetGroupArn=group or self.group, Targets=asked)
        return found["TargetHealthDescriptions"][0]["TargetHealth"]

    def state(self, target: str, port: int = PORT, group: str | None = None) -> str:
        return self.health(target, port, group)["State"]

    def register(self, target: str, port: int = PORT, group: str | None = None) -> None:
        asked = [{"Id": target, "Port": port}]
        self.elb.register_targets(TargetGroupArn=group or self.group, Targets=asked)

    def deregister(self, target: str, port: int = PORT, group: str | None = None) -> None:
        asked = [{"Id": target, "Port": port}]
        self.elb.deregister_targets(TargetGroupArn=group or self.group, Targets=asked)

    def delay(self, seconds: int) -> None:
        """Set how long a target that leaves may end what it does."""
        said = [{"Key": "deregistration_delay.timeout_seconds", "Value": str(seconds)}]
        self.elb.modify_target_group_attributes(TargetGroupArn=self.group, Attributes=said)

    def listen(self, port: int, action: dict[str, Any], **more: Any) -> str:
        """Another listener."""
        more.setdefault("Protocol", "HTTP")
        made = self.elb.create_listener(
            LoadBalancerArn=self.arn, Port=port, DefaultActions=[action], **more
        )
        return made["Listeners"][0]["ListenerArn"]

    def rule(self, priority: int, action: dict[str, Any], *conditions: dict[str, Any]) -> str:
        made = self.elb.create_rule(
            ListenerArn=self.listener,
            Priority=priority,
            Conditions=list(conditions),
            Actions=[action],
        )
        return made["Rules"][0]["RuleArn"]


def zones(ec2: Any) -> dict[str, str]:
    """The default subnets with their VPC, in the order of their zones."""
    subnets = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    ordered = sorted(subnets["Subnets"], key=lambda one: one["AvailabilityZone"])
    return {one["SubnetId"]: one["VpcId"] for one in ordered}


def make(ec2: Any, elb: Any, name: str, scheme: str = "internet-facing") -> Balancer:
    """Create a balancer in two zones, with a group whose checks are as quick as AWS allows."""
    subnets = zones(ec2)
    vpc = next(iter(subnets.values()))
    (group,) = elb.create_target_group(
        Name=f"{name}-group",
        Protocol="HTTP",
        Port=PORT,
        VpcId=vpc,
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
    )["TargetGroups"]
    web = ec2.create_security_group(GroupName=f"{name}-web", Description="-", VpcId=vpc)["GroupId"]
    allow(ec2, web, "tcp", 1, 65535)
    (made,) = elb.create_load_balancer(
        Name=name,
        Subnets=list(subnets)[:2],
        Scheme=scheme,
        SecurityGroups=[web, default_group(ec2)],
    )["LoadBalancers"]
    (listener,) = elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )["Listeners"]
    return Balancer(
        elb,
        made["LoadBalancerArn"],
        made["DNSName"],
        listener["ListenerArn"],
        group["TargetGroupArn"],
        vpc,
    )
