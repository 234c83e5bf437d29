"""Molecule's hosts: boot them in a lab of their own, and take all away.

lab_host.py up FOLDER NAME... | down FOLDER: writes Molecule's instance_config.yml and the pinned
host keys below FOLDER, where the lab keeps its state too. A name is `debian-12` or `debian-13`.
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

IMAGE = "/aws/service/debian/release/{release}/latest/amd64"
BOOT_SECONDS = 60


def main() -> None:
    verb, folder, *names = sys.argv[1:]
    images = platformdirs.user_state_path("autodeploy") / "lab/images"
    os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(images))
    os.environ["AUTODEPLOY_HOME"] = f"{folder}/autodeploy"
    if verb == "down":
        client.down()
    else:
        up(Path(folder), names)


def up(folder: Path, names: list[str]) -> None:
    info = client.up()
    user = make_key(folder / "user")
    group = prepare(info, user)
    hosts = [boot(info, folder, user, group, name) for name in names]
    known = [host.pop("known") for host in hosts]
    (folder / "known_hosts").write_text("".join(known))
    for host in hosts:
        wait_for_ssh(host, folder)
    (folder / "instance_config.yml").write_text(json.dumps(hosts))


def prepare(info: LabInfo, user: Path) -> str:
    """The key pair, and a security group that lets everything in: the firewall is the role's."""
    ec2 = api(info, "ec2")
    ec2.import_key_pair(KeyName="molecule", PublicKeyMaterial=public(user).encode())
    group: str = ec2.create_security_group(GroupName="molecule", Description="all")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="-1", CidrIp="0.0.0.0/0")
    return group


def boot(info: LabInfo, folder: Path, user: Path, group: str, name: str) -> dict[str, Any]:
    """Run one instance whose SSH host key is ours."""
    key = make_key(folder / name)
    keys = {"ed25519_private": key.read_text(), "ed25519_public": public(key)}
    image = api(info, "ssm").get_parameter(Name=IMAGE.format(release=name.split("-")[1]))
    (instance,) = api(info, "ec2").run_instances(
        ImageId=image["Parameter"]["Value"],
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        KeyName="molecule",
        SecurityGroupIds=[group],
        UserData="#cloud-config\n" + yaml.safe_dump({"ssh_keys": keys}),
    )["Instances"]
    address = instance.get("PublicIpAddress") or instance["PrivateIpAddress"]
    login = {"address": address, "user": "admin", "port": 22, "identity_file": str(user)}
    return {"instance": name, **login, "known": f"{address} {public(key)}"}


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
