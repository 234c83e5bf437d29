"""Molecule's host: boot one in a lab of its own, and take both away.

lab_host.py up FOLDER NAME | down FOLDER: writes Molecule's instance_config.yml and the pinned
host key below FOLDER, where the lab keeps its state too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
import platformdirs
import yaml

from autodeploy.lab import client
from autodeploy.lab.info import LabInfo

IMAGE = "/aws/service/debian/release/12/latest/amd64"
BOOT_SECONDS = 60


def main() -> None:
    verb, folder = sys.argv[1], Path(sys.argv[2])
    images = platformdirs.user_state_path("autodeploy") / "lab/images"
    os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(images))
    os.environ["AUTODEPLOY_HOME"] = str(folder / "autodeploy")
    if verb == "down":
        client.down()
        return
    host = boot(client.up(), folder)
    wait_for_ssh(host, folder)
    config = [{"instance": sys.argv[3], **host}]
    (folder / "instance_config.yml").write_text(json.dumps(config))


def boot(info: LabInfo, folder: Path) -> dict[str, Any]:
    """Run one instance whose SSH host key is ours."""
    user, host = make_key(folder / "user"), make_key(folder / "host")
    ec2, ssm = api(info, "ec2"), api(info, "ssm")
    ec2.import_key_pair(KeyName="molecule", PublicKeyMaterial=public(user).encode())
    # Everything: what a host lets in is what the firewall's role is to decide.
    group = ec2.create_security_group(GroupName="molecule", Description="all")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="0.0.0.0/0")
    keys = {"ed25519_private": host.read_text(), "ed25519_public": public(host)}
    (instance,) = ec2.run_instances(
        ImageId=ssm.get_parameter(Name=IMAGE)["Parameter"]["Value"],
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        KeyName="molecule",
        SecurityGroupIds=[group],
        UserData="#cloud-config\n" + yaml.safe_dump({"ssh_keys": keys}),
    )["Instances"]
    address = instance.get("PublicIpAddress") or instance["PrivateIpAddress"]
    (folder / "known_hosts").write_text(f"{address} {public(host)}")
    return {"address": address, "user": "admin", "port": 22, "identity_file": str(user)}


def api(info: LabInfo, service: str) -> Any:
    credentials = {"aws_access_key_id": "molecule", "aws_secret_access_key": "molecule"}
    place = {"endpoint_url": info.endpoint_url, "region_name": info.region}
    return boto3.client(service, **credentials, **place)


def make_key(path: Path) -> Path:
    for old in (path, path.with_suffix(".pub")):
        old.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)
    return path


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text()


def wait_for_ssh(host: dict[str, Any], folder: Path) -> None:
    options = ["BatchMode=yes", "ConnectTimeout=2", f"UserKnownHostsFile={folder}/known_hosts"]
    words = [word for option in options for word in ("-o", option)]
    login = ["-i", host["identity_file"], f"{host['user']}@{host['address']}", "true"]
    deadline = time.monotonic() + BOOT_SECONDS
    while subprocess.run(["ssh", *words, *login], capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            raise SystemExit(f"SSH to {host['address']} did not answer in {BOOT_SECONDS} s")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
