"""Amazon Inspector v2: what AWS finds on the instances.

It is the account's, in the region, and costs by instance: it is only enabled where somebody asks
for it, and nothing of ours ever turns it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import tenacity

from autodeploy.aws import Cloud
from autodeploy.contracts import Finding, Host, TopicReport
from autodeploy.contracts.security import Severity
from autodeploy.errors import CloudError

if TYPE_CHECKING:
    from types_boto3_inspector2.type_defs import FilterCriteriaTypeDef, StringFilterTypeDef

TOPIC = "inspector"
WHAT = "Amazon Inspector"
SEVERITIES: Mapping[str, Severity] = {
    "INFORMATIONAL": "low",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "CRITICAL": "critical",
}
"""What Inspector has not rated yet counts as medium."""
PAGE = 100
ENABLED = "ENABLED"
UNDER_WAY = frozenset({"ALREADY_ENABLED", "ENABLE_IN_PROGRESS"})
"""Refusals of an account that has, or is about to have, what was asked for."""
MOST_AT_ONCE = 10
"""Instances that one question may name."""
PAUSE_SECONDS, WAIT_SECONDS = 5, 120


def scan_with_inspector(cloud: Cloud, hosts: Iterable[Host]) -> TopicReport:
    """What it has found on the hosts so far, where it is enabled.

    Raises:
        CloudError: AWS could not be asked.
    """
    instances = {one.instance_id: one.name for one in hosts if one.instance_id}
    status = _status(cloud)
    if status != ENABLED:
        why = f"it is {status.lower()} in this account; `autodeploy audit --enable-inspector`"
        return TopicReport(topic=TOPIC, not_verified=(f"{WHAT}: not scanned, {why}",))
    covered = _covered(cloud, instances)
    found = tuple(read(_pages(cloud, instances), instances))
    seen = {one.resource.split(" ")[0] for one in found}
    return TopicReport(
        topic=TOPIC,
        findings=found,
        verified=tuple(
            f"{name}: {WHAT} finds nothing"
            for identifier, name in instances.items()
            if identifier in covered and name not in seen
        ),
        not_verified=tuple(
            f"{name}: {WHAT} has not scanned it yet"
            for identifier, name in instances.items()
            if identifier not in covered
        ),
    )


def enable_inspector(cloud: Cloud) -> str:
    """Enable it for the account's instances, agentless where they have no agent.

    Returns:
        AWS's word for what it is then: `ENABLED`, or `ENABLING` where that takes longer.

    Raises:
        CloudError: AWS refused.
    """
    if _status(cloud) != ENABLED:
        _enable(cloud)
    # Debian's images have no SSM agent: their volumes are read instead.
    cloud.inspector().update_configuration(ec2Configuration={"scanMode": "EC2_HYBRID"})
    until = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda status: status != ENABLED),
        wait=tenacity.wait_fixed(PAUSE_SECONDS * cloud.pace),
        stop=tenacity.stop_after_delay(WAIT_SECONDS * cloud.pace),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else "",
    )
    return str(until(_status, cloud))


def _enable(cloud: Cloud) -> None:
    account = cloud.identity().account
    answer = cloud.inspector().enable(accountIds=[account], resourceTypes=["EC2"])
    for one in answer.get("failedAccounts", ()):
        if one["errorCode"] not in UNDER_WAY:
            raise CloudError(
                f"Amazon Inspector cannot be enabled in account {account}",
                cause=one["errorMessage"],
                action="inspector2:Enable",
                code=one["errorCode"],
                remediation="Do what AWS's message says, and ask again; `autodeploy audit APP` "
                "without --enable-inspector looks at all else.",
            )


def read(findings: Iterable[Mapping[str, Any]], instances: Mapping[str, str]) -> Iterator[Finding]:
    """What its findings say, one each. Pure.

    Args:
        findings: As `ListFindings` gives them.
        instances: The hosts' names by AWS's identifiers.
    """
    for one in findings:
        for resource in one.get("resources", ()):
            if resource.get("id") in instances:
                yield Finding(
                    id=_identifier(one),
                    severity=SEVERITIES.get(one.get("severity", ""), "medium"),
                    resource=f"{instances[resource['id']]} {_package(one)}".strip(),
                    message=str(one.get("title") or one.get("description") or one["type"]),
                )


def _identifier(finding: Mapping[str, Any]) -> str:
    known = finding.get("packageVulnerabilityDetails", {}).get("vulnerabilityId")
    return str(known or finding["findingArn"].rsplit("/", 1)[-1])


def _package(finding: Mapping[str, Any]) -> str:
    packages = finding.get("packageVulnerabilityDetails", {}).get("vulnerablePackages", ())
    return f"package {packages[0]['name']}" if packages else ""


def _status(cloud: Cloud) -> str:
    """`ENABLED`, `ENABLING`, `DISABLED`, ... of its look at instances."""
    account = cloud.identity().account
    answer = cloud.inspector().batch_get_account_status(accountIds=[account])
    for one in answer.get("accounts", ()):
        return str(one["resourceState"]["ec2"]["status"])
    return "DISABLED"


def _pages(cloud: Cloud, instances: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    pages = cloud.inspector().get_paginator("list_findings")
    active: StringFilterTypeDef = {"comparison": "EQUALS", "value": "ACTIVE"}
    for some in _in_parts(instances):
        criteria: FilterCriteriaTypeDef = {"findingStatus": [active], "resourceId": some}
        for page in pages.paginate(filterCriteria=criteria, PaginationConfig={"PageSize": PAGE}):
            yield from page["findings"]


def _covered(cloud: Cloud, instances: Iterable[str]) -> set[str]:
    """Of these, the ones that it has scanned."""
    pages = cloud.inspector().get_paginator("list_coverage")
    return {
        one["resourceId"]
        for some in _in_parts(instances)
        for page in pages.paginate(filterCriteria={"resourceId": some})
        for one in page["coveredResources"]
        if one.get("scanStatus", {}).get("statusCode") == "ACTIVE" and one.get("lastScannedAt")
    }


def _in_parts(instances: Iterable[str]) -> Iterator[Any]:
    """Filters that find these."""
    every = [{"comparison": "EQUALS", "value": one} for one in instances]
    for first in range(0, len(every), MOST_AT_ONCE):
        yield every[first : first + MOST_AT_ONCE]
