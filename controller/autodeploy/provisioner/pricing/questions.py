"""What AWS's price list is asked, and what the prices are called here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """A question to the price list.

    Attributes:
        name: Of the price, with attributes of the product in braces.
        service: The price list's code of the service.
        usage: How the type of use must look: what is alike (extended support, reserved
            capacity) has other names.
        fields: What else the product must have.
        place: The attribute that names the region.
    """

    name: str
    service: str
    usage: str
    fields: Mapping[str, str]
    place: str = "regionCode"


LINUX = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
ALONE = {"deploymentOption": "Single-AZ"}
ENGINES = {"postgres": "PostgreSQL", "mysql": "MySQL"}
ASKED = (
    Asked("instance/{instanceType}", "AmazonEC2", "BoxUsage:.+", LINUX),
    Asked("disk/gp3", "AmazonEC2", r"EBS:VolumeUsage\.gp3", {"volumeApiName": "gp3"}),
    Asked("address", "AmazonVPC", "PublicIPv4:InUseAddress", {"group": "VPCPublicIPv4Address"}),
    *(
        Asked(
            f"database/{engine}/{{instanceType}}",
            "AmazonRDS",
            "InstanceUsage:.+",
            {**ALONE, "databaseEngine": said},
        )
        for engine, said in ENGINES.items()
    ),
    Asked(
        "database-storage/gp3",
        "AmazonRDS",
        "RDS:GP3-Storage",
        {**ALONE, "volumeType": "General Purpose-GP3", "databaseEngine": "PostgreSQL"},
    ),
    Asked(
        "database-backup",
        "AmazonRDS",
        "RDS:ChargedBackupUsage",
        {"productFamily": "Storage Snapshot", "databaseEngine": "PostgreSQL"},
    ),
    Asked("cache/{instanceType}", "AmazonElastiCache", "NodeUsage:.+", {"cacheEngine": "Redis"}),
    *(
        Asked(name, "AWSELB", usage, {"productFamily": "Load Balancer-Application"})
        for name, usage in {"balancer": "LoadBalancerUsage", "balancer-lcu": "LCUUsage"}.items()
    ),
    Asked("secret", "AWSSecretsManager", "AWSSecretsManager-Secrets", {"productFamily": "Secret"}),
    Asked(
        "alarm",
        "AmazonCloudWatch",
        "CW:AlarmMonitorUsage",
        {"productFamily": "Alarm"},
    ),
    Asked(
        "transfer-out",
        "AWSDataTransfer",
        "DataTransfer-Out-Bytes",
        {"transferType": "AWS Outbound", "toLocation": "External"},
        place="fromRegionCode",
    ),
)
"""Each gives one price, or with braces one for each kind of product. What is kept of a database on
a disk costs the same with both engines."""
