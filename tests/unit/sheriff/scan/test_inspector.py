"""Amazon Inspector, as AWS documents its answers: pages, several resources, several severities."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from autodeploy.aws import Identity
from autodeploy.contracts import Host
from autodeploy.errors import CloudError
from autodeploy.sheriff.scan import enable_inspector, inspector, scan_with_inspector

ACCOUNT = "123456789012"
HOSTS = [
    Host(
        name=f"host-{one}",
        address="192.0.2.1",
        host_key="ssh-ed25519 A",
        instance_id=f"i-00000000{one}",
    )
    for one in (1, 2, 3)
]


class Fake:
    """A door to AWS with Inspector alone."""

    pace = 0.0

    def __init__(self, client):
        self.client = client

    def inspector(self):
        return self.client

    def identity(self):
        return Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/a")


@pytest.fixture
def aws():
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = boto3.client("inspector2", region_name="us-east-1", **keys)
    with Stubber(client) as stub:
        yield Fake(client), stub
        stub.assert_no_pending_responses()


def status(stub, *said):
    for one in said:
        state = {"status": one, "errorCode": "SUCCESS", "errorMessage": "-"}
        resources = dict.fromkeys(("ec2", "ecr"), state)
        account = {"accountId": ACCOUNT, "state": state, "resourceState": resources}
        answer = {"accounts": [account] if one != "UNKNOWN" else []}
        stub.add_response("batch_get_account_status", answer, {"accountIds": [ACCOUNT]})


def finding(number, severity, *instances):
    return {
        "awsAccountId": ACCOUNT,
        "description": "text",
        "findingArn": f"arn:aws:inspector2:us-east-1:{ACCOUNT}:finding/{number}",
        "firstObservedAt": 0,
        "lastObservedAt": 0,
        "remediation": {},
        "resources": [{"id": one, "type": "AWS_EC2_INSTANCE"} for one in instances],
        "severity": severity,
        "status": "ACTIVE",
        "title": f"CVE-{number} - openssl",
        "type": "PACKAGE_VULNERABILITY",
        "packageVulnerabilityDetails": {
            "source": "DEBIAN_CVE",
            "vulnerabilityId": f"CVE-{number}",
            "vulnerablePackages": [{"name": "openssl", "version": "3"}],
        },
    }


def covered(stub, *instances):
    resources = [
        {
            "accountId": ACCOUNT,
            "resourceId": one,
            "resourceType": "AWS_EC2_INSTANCE",
            "scanType": "PACKAGE",
            "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
            "lastScannedAt": datetime(2026, 1, 1, tzinfo=UTC),
        }
        for one in instances
    ]
    stub.add_response("list_coverage", {"coveredResources": resources}, {"filterCriteria": ANY})


def test_every_page_is_read_and_each_finding_is_a_hosts(aws):
    cloud, stub = aws
    status(stub, "ENABLED")
    covered(stub, "i-000000001", "i-000000002")
    first, second = {"filterCriteria": ANY, "maxResults": 100}, {"nextToken": "more"}
    page = [
        finding(1, "CRITICAL", "i-000000001", "i-other"),
        finding(2, "UNTRIAGED", "i-000000001"),
    ]
    stub.add_response("list_findings", {"findings": page, "nextToken": "more"}, first)
    stub.add_response(
        "list_findings", {"findings": [finding(3, "LOW", "i-000000001")]}, first | second
    )
    report = scan_with_inspector(cloud, HOSTS)
    assert [(one.id, one.severity, one.resource) for one in report.findings] == [
        ("CVE-1", "critical", "host-1 package openssl"),
        ("CVE-2", "medium", "host-1 package openssl"),
        ("CVE-3", "low", "host-1 package openssl"),
    ]
    assert report.verified == ("host-2: Amazon Inspector finds nothing",)
    assert report.not_verified == ("host-3: Amazon Inspector has not scanned it yet",)


@pytest.mark.parametrize(
    ("said", "shown"), [("DISABLED", "disabled"), ("UNKNOWN", "disabled"), ("ENABLING", "enabling")]
)
def test_where_it_is_not_enabled_that_is_said(aws, said, shown):
    cloud, stub = aws
    status(stub, said)
    report = scan_with_inspector(cloud, HOSTS)
    assert (report.findings, report.verified) == ((), ())
    assert f"it is {shown} in this account" in report.not_verified[0]


def test_of_more_hosts_than_one_question_takes_all_are_asked_about(aws):
    cloud, stub = aws
    hosts = [
        HOSTS[0].model_copy(update={"name": f"host-{one}", "instance_id": f"i-0000000{one:02}"})
        for one in range(1, 14)
    ]
    ids = [one.instance_id for one in hosts]
    status(stub, "ENABLED")
    covered(stub, *ids[:10])
    covered(stub, *ids[10:])
    for part in (ids[:10], ids[10:]):
        told = {"findings": [finding(1, "LOW", part[0])]}
        stub.add_response("list_findings", told, {"filterCriteria": ANY, "maxResults": 100})
    report = scan_with_inspector(cloud, hosts)
    assert [one.resource.split(" ")[0] for one in report.findings] == ["host-1", "host-11"]
    assert len(report.verified) == 11
    assert report.not_verified == ()


FAILED = {"accountId": ACCOUNT, "errorMessage": "Not here."}
HYBRID = {"ec2Configuration": {"scanMode": "EC2_HYBRID"}}


def enabled(stub, **failed):
    answer = {"accounts": [], "failedAccounts": [{**FAILED, **failed}] if failed else []}
    asked = {"accountIds": [ACCOUNT], "resourceTypes": ["EC2"]}
    stub.add_response("enable", answer, asked)


@pytest.mark.parametrize("failed", [{}, {"errorCode": "ENABLE_IN_PROGRESS"}])
def test_it_is_enabled_for_instances_without_an_agent_and_waited_for(aws, monkeypatch, failed):
    monkeypatch.setattr(inspector, "WAIT_SECONDS", float("inf"))
    cloud, stub = aws
    status(stub, "DISABLED")
    enabled(stub, **failed)
    stub.add_response("update_configuration", {}, HYBRID)
    status(stub, "ENABLING", "ENABLED")
    cloud.pace = 1e-9
    assert enable_inspector(cloud) == "ENABLED"


def test_what_is_not_on_in_time_is_not_told_to_be(aws):
    cloud, stub = aws
    status(stub, "DISABLED")
    enabled(stub)
    stub.add_response("update_configuration", {}, HYBRID)
    status(stub, "ENABLING")
    assert enable_inspector(cloud) == "ENABLING"


def test_an_account_that_may_not_have_it_is_told_why(aws):
    cloud, stub = aws
    status(stub, "DISABLED")
    enabled(stub, errorCode="BLOCKED_BY_ORGANIZATION_POLICY")
    with pytest.raises(CloudError) as raised:
        enable_inspector(cloud)
    assert (raised.value.cause, raised.value.code) == (
        "Not here.",
        "BLOCKED_BY_ORGANIZATION_POLICY",
    )


def test_where_it_is_on_instances_without_an_agent_are_looked_at_too(aws):
    cloud, stub = aws
    status(stub, "ENABLED")
    stub.add_response("update_configuration", {}, HYBRID)
    status(stub, "ENABLED")
    assert enable_inspector(cloud) == "ENABLED"
