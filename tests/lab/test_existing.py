"""Hosts that exist: the whole road by SSH alone, and back to hosts as they were."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

from labkit import allow, api, open_group
from roadkit import command

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.lab

SNAPSHOT = """
dpkg-query --show; apt-mark showmanual
sudo ufw status verbose; sudo ufw show added; sudo cat /etc/ufw/ufw.conf /etc/default/ufw
getent passwd; getent group
sudo find /etc/systemd/system /etc/nginx /srv /var/cache /run/*.sock -maxdepth 1 | sort
ls -A /var/lib/autodeploy
sudo ss --no-header --listening --tcp --numeric | awk '{print $4}' | sort
"""


class User:
    """A user's home on this machine: known hosts, and `autodeploy` run as theirs."""

    def __init__(self, home: Path) -> None:
        self.known_hosts = home / ".ssh" / "known_hosts"
        self.known_hosts.parent.mkdir(parents=True, mode=0o700)
        self.environment = {**os.environ, "HOME": str(home)}
        self.environment.pop("SSH_AUTH_SOCK", None)

    def knows(self, *machines) -> None:
        self.known_hosts.write_text("".join((one.keys / "known").read_text() for one in machines))

    def run(self, *arguments, code=0):
        done = command(*arguments, "--json", environ=self.environment)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        self.said = done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def user(tmp_path, lab):
    return User(tmp_path / "user")


@pytest.fixture
def hosts(lab, module_boot):
    """Boots hosts that SSH and HTTP reach."""

    def some(*releases):
        group = open_group(api(lab, "ec2"), None, f"group-{os.urandom(4).hex()}")
        allow(api(lab, "ec2"), group, "tcp", 80, 80)
        return [module_boot(lab, release=one, SecurityGroupIds=[group]) for one in releases]

    return some


@pytest.fixture(scope="module")
def plain(lab, module_boot):
    """A host that is looked at and not changed."""
    return module_boot(lab)


@pytest.fixture
def hello(tmp_path):
    return shutil.copytree(ROOT / "examples/go-hello", tmp_path / "hello-ssh")


def get(address):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}/", timeout=10) as answer:
        return answer.read().decode()


def named(*machines):
    return [part for one in machines for part in ("--host", f"admin@{one.address}")]


def test_two_hosts_from_folder_to_url_and_back_to_what_they_were(user, hosts, hello):
    one, two = hosts(12, 12)
    two.run("sudo ufw allow 22/tcp && sudo ufw allow 8080/tcp && sudo ufw --force enable")
    two.run("sudo systemd-run --quiet /usr/bin/python3 -m http.server 8080")
    two.run("until ss -Hltn | grep -q :8080; do :; done")
    before = [machine.ssh(SNAPSHOT).stdout for machine in (one, two)]
    user.knows(one, two)
    # One key opens both: a user has one.
    key = one.keys / "user"
    public = (one.keys / "user.pub").read_text().strip()
    two.run(f"echo '{public}' >> .ssh/authorized_keys")

    first = user.run("deploy", hello, *named(one, two), "--ssh-key", key)
    assert f"{two.address}: the firewall will let in SSH and port 80 alone" in user.said
    assert "listens on 8080 too" in user.said
    assert (first["status"], first["target"], first["changed"]) == ("completed", "ssh", True)
    assert first["resources"] == []
    assert [host["address"] for host in first["hosts"]] == [one.address, two.address]
    agents = ["conductor", "recon", "provisioner", "compiler", "deployer", "sheriff"]
    assert [stage["agent"] for stage in first["stages"]] == agents
    assert "Hello" in get(one.address)
    assert "Hello" in get(two.address)
    shown = user.run("status", "hello-ssh")
    assert shown["security"]["findings"] == []
    assert any("no cloud" in one for one in shown["security"]["not_verified"])

    logins = "sudo journalctl -u ssh | grep -c Accepted"
    before_again = int(two.run(logins))
    again = user.run("deploy", hello)
    assert int(two.run(logins)) == before_again + 1, "one was not the counting"
    assert (again["changed"], again["release"]) == (False, first["release"])
    assert user.run("plan", hello)["resources"] == []
    assert user.run("drift", "hello-ssh", "--detailed-exitcode")["differences"] == []

    two.run("sudo systemctl stop 'hello-ssh-*.target'")
    mended = user.run("deploy", hello)
    assert (mended["changed"], mended["release"]) == (True, first["release"])
    assert "Hello" in get(two.address)

    other = shutil.copytree(hello, hello.parent / "other")
    refused = user.run("deploy", other, *named(one), "--ssh-key", key, code=1)
    assert "it serves hello-ssh (production) already" in refused["error"]["cause"]

    (hello / "autodeploy.yml").write_text("env: {MESSAGE: Changed}\n")
    changed = user.run("deploy", hello)
    assert changed["release"] != first["release"]
    assert "Changed" in get(two.address)

    fewer = user.run("deploy", hello, *named(one))
    assert [host["address"] for host in fewer["hosts"]] == [one.address]
    assert two.ssh(SNAPSHOT).stdout == before[1]
    assert "Changed" in get(one.address)

    gone = user.run("destroy", "hello-ssh", "--yes")
    assert (gone["status"], gone["changed"]) == ("completed", True)
    assert one.ssh(SNAPSHOT).stdout == before[0]
    assert user.run("status", "hello-ssh")["application_status"] == "destroyed"


def test_hosts_are_looked_at_and_upgraded_and_nobody_replaces_them(user, hosts, hello):
    (machine,) = hosts(12)
    user.knows(machine)
    user.run("deploy", hello, *named(machine), "--ssh-key", machine.keys / "user")
    (shown,) = user.run("hosts", "ls", "hello-ssh")
    assert (shown["health"], shown["zone"], shown["instance_type"]) == ("healthy", None, None)
    assert user.run("status", "hello-ssh")["health"] == "healthy"
    machine.run("sudo touch /run/reboot-required")
    before = machine.run("cat /proc/sys/kernel/random/boot_id")
    (done,) = user.run("hosts", "upgrade", "hello-ssh")
    assert done["rebooted"] is True
    assert machine.run("cat /proc/sys/kernel/random/boot_id") != before
    assert "Hello" in get(machine.address)
    refused = user.run("hosts", "replace", "hello-ssh", "--yes", code=2)
    assert "are yours" in refused["error"]["cause"]
    user.run("destroy", "hello-ssh", "--yes")


def test_the_agent_opens_hosts_and_the_image_is_what_they_run(user, hosts, tmp_path):
    (machine,) = hosts(13)
    user.knows(machine)
    notes = shutil.copytree(ROOT / "examples/flask-notes", tmp_path / "notes-ssh")
    started = subprocess.check_output(["ssh-agent", "-s", "-a", tmp_path / "agent"], text=True)
    pid = int(re.search(r"SSH_AGENT_PID=(\d+)", started).group(1))
    user.environment["SSH_AUTH_SOCK"] = str(tmp_path / "agent")
    try:
        add = ["ssh-add", "-q", machine.keys / "user"]
        subprocess.run(add, env=user.environment, check=True)
        first = user.run("deploy", notes, *named(machine))
        assert "gunicorn" in machine.run("ps -eo args")
        assert user.run("deploy", notes)["changed"] is False
        wrong = user.run("deploy", notes, "--image", "debian-12", code=1)
        assert "it runs debian-13" in wrong["error"]["cause"]
        assert get(machine.address)
        assert first["status"] == "completed"
        assert user.run("destroy", "notes-ssh", "--yes")["status"] == "completed"
    finally:
        os.kill(pid, 15)


def test_another_host_key_is_refused_until_the_user_knows_it(user, hosts, hello):
    (machine,) = hosts(12)
    user.knows(machine)
    asked = [*named(machine), "--ssh-key", machine.keys / "user"]
    user.run("deploy", hello, *asked)
    machine.run(
        "sudo rm /etc/ssh/ssh_host_* && sudo ssh-keygen -q -t ed25519 -N '' "
        "-f /etc/ssh/ssh_host_ed25519_key && sudo systemctl restart ssh"
    )
    # Where nothing changed nobody logs in.
    (hello / "autodeploy.yml").write_text("env: {MESSAGE: Changed}\n")
    for words in (["plan", hello], ["deploy", hello]):
        refused = user.run(*words, code=1)
        assert "another machine answers" in refused["error"]["cause"]
        assert "ssh-keygen -R" in refused["error"]["remediation"]
    kept = user.run("destroy", "hello-ssh", "--yes", code=1)
    assert "another machine answers" in kept["error"]["cause"]

    new = subprocess.check_output(["ssh-keyscan", "-t", "ed25519", machine.address], text=True)
    (machine.keys / "known").write_text(new)
    user.knows(machine)
    assert user.run("deploy", hello)["status"] == "completed"
    assert user.run("destroy", "hello-ssh", "--yes")["status"] == "completed"
    assert machine.run("ls /srv") == ""


def test_all_hosts_that_will_not_do_are_named_at_once(user, plain, hello):
    user.knows(plain)
    hosts = [
        *("--host", f"admin@{plain.address}:2"),
        *("--host", f"nobody@{plain.address}"),
        *("--host", "admin@no-such-host.invalid"),
    ]
    error = user.run("deploy", hello, *hosts, "--ssh-key", plain.keys / "user", code=1)["error"]
    assert "3 of 3 hosts cannot be used" in error["cause"]
    assert f"admin@{plain.address}:2: SSH does not answer: " in error["cause"]
    assert f"nobody@{plain.address}: it does not let nobody in" in error["cause"]
    assert "admin@no-such-host.invalid: SSH does not answer: " in error["cause"]


def test_a_host_that_is_not_known_is_refused_with_its_fingerprint(user, plain, hello):
    asked = [*named(plain), "--ssh-key", plain.keys / "user"]
    error = user.run("deploy", hello, *asked, code=1)["error"]
    listed = ["ssh-keygen", "-lf", plain.keys / "host.pub"]
    assert subprocess.check_output(listed, text=True).split()[1] in error["cause"]
    assert f"`ssh admin@{plain.address}` once" in error["remediation"]
    assert not user.known_hosts.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("echo 'admin ALL=(ALL) PASSWD: ALL' > /etc/sudoers.d/zz", "admin may not use sudo"),
        ("sed -i 's/^VERSION_ID=.*/VERSION_ID=11/' /usr/lib/os-release", "it runs debian-11"),
        ("sed -i 's/^ID=.*/ID=ubuntu/' /usr/lib/os-release", "it runs ubuntu-12"),
        ("rm /usr/bin/python3", "it has no /usr/bin/python3"),
        ("mkdir /srv/hello-ssh", "/srv/hello-ssh is there already"),
        ("useradd app-hello-ssh", "the user app-hello-ssh is there already"),
        (
            "systemd-run -q python3 -m http.server 80; until ss -Hltn | grep -q :80; do :; done",
            "something listens on port 80 already",
        ),
    ],
)
def test_what_speaks_against_a_host_is_said_before_anything_is_done(
    user, lab, boot, hello, change, why
):
    machine = boot(lab)
    user.knows(machine)
    machine.run(f"sudo sh -c {shlex.quote(change)}")
    asked = [*named(machine), "--ssh-key", machine.keys / "user"]
    assert why in user.run("deploy", hello, *asked, code=1)["error"]["cause"]
    assert machine.run("ls -d /var/lib/autodeploy || true") == ""
    machine.ec2.terminate_instances(InstanceIds=[machine.instance_id])
