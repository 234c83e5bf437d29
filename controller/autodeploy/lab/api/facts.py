"""What an instance may know of itself, out of EC2's models."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.instances import Instance

from autodeploy.lab.metadata import Facts


def facts(instance: Instance) -> Facts:
    """Its metadata; what a field is called and where it stands is AWS's."""
    options = instance.metadata_options
    return Facts(
        meta_data=_meta_data(instance),
        user_data=instance.user_data.decode().encode() if instance.user_data else None,
        document=_document(instance),
        tokens_required=options.http_tokens == "required",
        enabled=options.http_endpoint != "disabled",
        hop_limit=options.http_put_response_hop_limit,
    )


def _meta_data(instance: Instance) -> dict[str, Any]:
    nic = instance.nics[0]
    name = instance.private_dns_name
    public = {"public-ipv4": nic.public_ip, "public-hostname": instance.public_dns_name}
    zone = str(instance.availability_zone)
    return {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "hostname": name,
        "instance-id": instance.id,
        "instance-life-cycle": instance.lifecycle or "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": name,
        "local-ipv4": nic.private_ip_address,
        "mac": nic.mac_address,
        "network": {"interfaces": {"macs": {nic.mac_address: _interface(instance)}}},
        "placement": {"availability-zone": zone, "region": instance.region_name},
        "security-groups": "\n".join(sorted(group.name for group in nic.group_set)),
        **(public if nic.public_ip else {}),
        **_public_keys(instance),
    }


def _interface(instance: Instance) -> dict[str, Any]:
    nic = instance.nics[0]
    return {
        "device-number": "0",
        "interface-id": nic.id,
        "local-ipv4s": nic.private_ip_address,
        "mac": nic.mac_address,
        "owner-id": instance.owner_id,
        "security-group-ids": "\n".join(sorted(group.id for group in nic.group_set)),
        "subnet-id": nic.subnet.id,
        "subnet-ipv4-cidr-block": nic.subnet.cidr_block,
        "vpc-id": nic.subnet.vpc_id,
        **({"public-ipv4s": nic.public_ip} if nic.public_ip else {}),
    }


def _public_keys(instance: Instance) -> dict[str, Any]:
    pair = instance.ec2_backend.key_pairs.get(instance.key_name)
    if pair is None:
        return {}
    return {"public-keys": {"0": {"name": instance.key_name, "openssh-key": pair.public_key}}}


def _document(instance: Instance) -> dict[str, Any]:
    """Instance identity; there is no signature of Amazon's for it."""
    return {
        "accountId": instance.owner_id,
        "architecture": instance.architecture,
        "availabilityZone": instance.availability_zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "pendingTime": instance.launch_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "privateIp": instance.private_ip,
        "ramdiskId": None,
        "region": instance.region_name,
        "version": "2017-09-30",
    }
