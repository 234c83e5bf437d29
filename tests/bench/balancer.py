"""How fast a load balancer of the running lab is: `python tests/bench/balancer.py`, seconds."""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

from autodeploy.lab import client
from balancerkit import get, make
from labkit import api, until


def main() -> None:
    info = client.up()
    elb = api(info, "elbv2")
    began = time.monotonic()
    balancer = make(api(info, "ec2"), elb, f"bench-{int(time.time())}")
    described = {"LoadBalancerArns": [balancer.arn]}

    def active():
        (found,) = elb.describe_load_balancers(**described)["LoadBalancers"]
        return found["State"]["Code"] == "active"

    until(active)
    tell("active", began)
    until(lambda: get(balancer.name).status == 503)
    tell("answers", began)
    for count in (1, 1, 1, 20):
        change(balancer, count)
    connection = http.client.HTTPConnection(balancer.name)
    began, requests = time.monotonic(), 2000
    for _ in range(requests):
        connection.request("GET", "/")
        connection.getresponse().read()
    tell(f"{requests} requests on one connection", began)
    connection.close()
    began = time.monotonic()
    elb.delete_load_balancer(LoadBalancerArn=balancer.arn)
    tell("deleted", began)
    elb.delete_target_group(TargetGroupArn=balancer.group)


def change(balancer, count):
    began = time.monotonic()
    for number in range(count):
        path = f"/{began}/{number}"
        fixed = {"StatusCode": "200", "MessageBody": path}
        says = {"Type": "fixed-response", "FixedResponseConfig": fixed}
        priority = int(began * 1000 + number) % 50000 + 1
        balancer.rule(priority, says, {"Field": "path-pattern", "Values": [path]})
    called = time.monotonic()
    until(lambda: get(balancer.name, path).body == path)
    tell(f"{count} change(s), of that after the call", called)
    tell(f"{count} change(s), with the calls", began)


def tell(what, began):
    sys.stdout.write(f"{time.monotonic() - began:6.2f} {what}\n")


if __name__ == "__main__":
    main()
