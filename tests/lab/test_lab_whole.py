"""All of it at once, as anyone's boto3 program would build it.

Django with a PostgreSQL database on two hosts behind a balancer: both answer, what was written
outlives a host, and what security groups do not let in does not get in.
"""

from __future__ import annotations

import base64
import secrets
import socket
from dataclasses import dataclass
from typing import Any

import pytest

from balancerkit import get
from labkit import Machine, allow, api, boot_host, until
from labnet import leads_to_the_lab
from rdskit import CA, POLL

pytestmark = pytest.mark.lab
PORT = 8000
PASSWORD = secrets.token_hex(16)
NETWORK = "10.77.0.0/16"
SUBNETS = {
    "public-a": ("us-east-1a", "10.77.0.0/24"),
    "public-b": ("us-east-1b", "10.77.1.0/24"),
    "private-a": ("us-east-1a", "10.77.2.0/24"),
    "private-b": ("us-east-1b", "10.77.3.0/24"),
}
APPLICATION = """
import socket
import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="x",
    DATABASES={{"default": {{
        "ENGINE": "django.db.backends.postgresql", "NAME": "notes", "USER": "boss",
        "PASSWORD": "{password}", "HOST": "{host}",
        "OPTIONS": {{"sslmode": "verify-full", "sslrootcert": "{ca}"}},
    }}}},
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

ADD = "INSERT INTO notes VALUES (%s) RETURNING text"

def answer(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    said = ",".join(sorted(row[0] for row in rows))
    return HttpResponse(said, headers={{"X-Host": socket.gethostname()}})

urlpatterns = [
    path("", lambda _: answer("SELECT text FROM notes")),
    path("add/<text>", lambda _, text: answer(ADD, text)),
]
application = get_wsgi_application()
"""


@dataclass
class Shop:
    """Everything that was made."""

    ec2: Any
    hosts: list[Machine]
    balancer: str
    group: str
    elb: Any
    database: str

    def health(self) -> dict[str, str]:
        found = self.elb.describe_target_health(TargetGroupArn=self.group)
        return {
            one["Target"]["Id"]: one["TargetHealth"]["State"]
            for one in found["TargetHealthDescriptions"]
        }

    def ask(self, path: str = "/") -> tuple[str, str]:
        """Who answered, and what."""
        reply = get(self.balancer, path)
        assert reply.status == 200, reply
        return reply.headers["x-host"], reply.body

    def answering(self) -> set[str]:
        """Who does; a host that is just ending may break off what it has begun."""
        replies = [get(self.balancer, "/") for _ in range(8)]
        return {one.headers["x-host"] if one.status == 200 else "nobody" for one in replies}


def network(ec2: Any) -> tuple[str, dict[str, str]]:
    vpc = ec2.create_vpc(CidrBlock=NETWORK)["Vpc"]["VpcId"]
    subnets = {
        name: ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"][
            "SubnetId"
        ]
        for name, (zone, cidr) in SUBNETS.items()
    }
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    for name in ("public-a", "public-b"):
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[name])
        ec2.modify_subnet_attribute(SubnetId=subnets[name], MapPublicIpOnLaunch={"Value": True})
    return vpc, subnets


def groups(ec2: Any, vpc: str) -> dict[str, str]:
    """The balancer from anywhere, hosts from the balancer and SSH, the database from the hosts."""
    made = {
        name: ec2.create_security_group(GroupName=name, Description="-", VpcId=vpc)["GroupId"]
        for name in ("balancer", "hosts", "database")
    }
    allow(ec2, made["balancer"], "tcp", 80, 80)
    allow(ec2, made["hosts"], "tcp", 22, 22)
    source = {"UserIdGroupPairs": [{"GroupId": made["balancer"]}]}
    allow(ec2, made["hosts"], "tcp", PORT, PORT, **source)
    source = {"UserIdGroupPairs": [{"GroupId": made["hosts"]}]}
    allow(ec2, made["database"], "tcp", 5432, 5432, **source)
    return made


def database(rds: Any, subnets: dict[str, str], group: str) -> str:
    rds.create_db_subnet_group(
        DBSubnetGroupName="notes",
        DBSubnetGroupDescription="-",
        SubnetIds=[subnets["private-a"], subnets["private-b"]],
    )
    rds.create_db_instance(
        DBInstanceIdentifier="notes",
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        DBName="notes",
        MasterUsername="boss",
        MasterUserPassword=PASSWORD,
        DBSubnetGroupName="notes",
        VpcSecurityGroupIds=[group],
    )
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="notes", WaiterConfig=POLL)
    (described,) = rds.describe_db_instances(DBInstanceIdentifier="notes")["DBInstances"]
    return described["Endpoint"]["Address"]


def cloud_config(host: str) -> dict[str, Any]:
    source = APPLICATION.format(password=PASSWORD, host=host, ca=CA)
    encoded = base64.b64encode(source.encode()).decode()
    serve = f"gunicorn --chdir /opt --bind 0.0.0.0:{PORT} application:application"
    return {
        "packages": ["python3-django", "python3-psycopg2", "gunicorn"],
        "runcmd": [
            f"echo {encoded} | base64 -d > /opt/application.py",
            f"systemd-run --unit=application {serve}",
        ],
    }


def balance(elb: Any, vpc: str, subnets: list[str], group: str, hosts: list[Machine]) -> Any:
    (targets,) = elb.create_target_group(
        Name="notes",
        Protocol="HTTP",
        Port=PORT,
        VpcId=vpc,
        HealthCheckPath="/",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
    )["TargetGroups"]
    arn = targets["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": one.instance_id} for one in hosts])
    (made,) = elb.create_load_balancer(Name="notes", Subnets=subnets, SecurityGroups=[group])[
        "LoadBalancers"
    ]
    elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[made["LoadBalancerArn"]])
    return made["DNSName"], arn


@pytest.fixture(scope="module")
def shop(lab, tmp_path_factory):
    ec2, rds, elb = (api(lab, service) for service in ("ec2", "rds", "elbv2"))
    vpc, subnets = network(ec2)
    groups_of = groups(ec2, vpc)
    endpoint = database(rds, subnets, groups_of["database"])
    keys = tmp_path_factory.mktemp("keys")
    hosts = [
        boot_host(
            lab,
            keys / name,
            cloud_config=cloud_config(endpoint),
            wait=False,
            SubnetId=subnets[f"public-{name}"],
            SecurityGroupIds=[groups_of["hosts"]],
        )
        for name in ("a", "b")
    ]
    running = [one.instance_id for one in hosts]
    ec2.get_waiter("instance_running").wait(InstanceIds=running, WaiterConfig=POLL)
    public = [subnets["public-a"], subnets["public-b"]]
    name, group = balance(elb, vpc, public, groups_of["balancer"], hosts)
    made = Shop(ec2, hosts, name, group, elb, endpoint)
    until(lambda: set(made.health().values()) == {"healthy"}, 120)
    return made


def connects(address: str, port: int) -> bool:
    """Whether this machine gets through; what is dropped would wait for ever."""
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_django_answers_on_two_hosts_and_outlives_one(shop):
    until(lambda: len(shop.answering() - {"nobody"}) == 2)
    first, _ = shop.ask("/add/one")
    until(lambda: shop.ask("/add/two")[0] != first)
    assert set(shop.ask()[1].split(",")) == {"one", "two"}

    one, two = shop.hosts
    assert connects(one.address, 22)
    assert not connects(one.address, PORT), "only the balancer reaches the application"
    assert not leads_to_the_lab(socket.gethostbyname(shop.database)), "it is in a private subnet"
    assert two.run(f"timeout 5 bash -c '</dev/tcp/{shop.database}/5432' && echo open") == "open"
    assert two.ssh(f"timeout 1 bash -c '</dev/tcp/{one.private_address}/{PORT}'").returncode

    one.ec2.terminate_instances(InstanceIds=[one.instance_id])
    (name,) = until(lambda: (left := shop.answering()) and len(left) == 1 and left)
    assert name == two.run("hostname")
    assert set(shop.ask()[1].split(",")) == {"one", "two"}
