"""What locks the controller out comes back by itself, and the next run works and says so."""

from __future__ import annotations

import os
import subprocess

import pytest
import yaml

from autodeploy.settings.hardening import Hardening
from labkit import until
from roadkit import ROOT

pytestmark = pytest.mark.lab
SECONDS = 8
UFW = ["/etc/default/ufw", "/etc/ufw/ufw.conf", "/etc/ufw/user.rules", "/etc/ufw/user6.rules"]
BREAKS = {
    "ssh": {
        "paths": ["/etc/ssh"],
        "reload": [["systemctl", "restart", "ssh"]],
        "command": "echo AllowGroups nobody >> /etc/ssh/sshd_config && systemctl restart ssh",
        "trace": "grep AllowGroups /etc/ssh/sshd_config",
    },
    "firewall": {
        "paths": UFW,
        "reload": [["ufw", "--force", "disable"]],
        "command": "ufw deny 22/tcp && ufw --force enable",
        "trace": "grep ENABLED=yes /etc/ufw/ufw.conf",
    },
    "account": {
        "paths": ["/etc/passwd", "/etc/shadow"],
        "reload": [],
        "command": "usermod --lock --expiredate 1 admin",
        "trace": "grep admin:.*::1: /etc/shadow",
    },
}
BREAK = [
    {
        "name": "Arm the guard",
        "guard_arm": {
            "paths": "{{ paths }}",
            "reload": "{{ reload }}",
            "why": "{{ inventory_hostname }}",
            "seconds": SECONDS,
        },
    },
    {"name": "Lock us out", "ansible.builtin.shell": "{{ command }}"},
    {
        "name": "Confirm it",
        "ansible.builtin.include_role": {"name": "guard"},
        "vars": {"guard_seconds": SECONDS},
        # The controller of this one dies here.
        "when": "inventory_hostname != 'firewall'",
    },
]
TRAP = """[Service]
ExecStartPre=/bin/rm -f /etc/ssh/sshd_config.d/99-trap.conf
ExecStartPre=/bin/sh -c 'test ! -e /etc/ssh/sshd_config.d/00-autodeploy.conf || \\
  echo DenyUsers admin > /etc/ssh/sshd_config.d/99-trap.conf'
"""
"""On this host it is the role's own file that shuts the door."""
HARDEN = {
    "name": "Harden SSH",
    "ansible.builtin.include_role": {"name": "hardening"},
    "vars": {
        **{f"hardening_{topic}": topic == "ssh" for topic in Hardening.model_fields},
        "hardening_revert_after": SECONDS,
    },
}


@pytest.fixture
def hosts(lab, boot):
    releases = {"ssh": 13, "firewall": 13, "account": 12}
    return {name: boot(lab, release=release) for name, release in releases.items()}


def inventory(hosts):
    """Each with what breaks it."""
    return {
        "all": {
            "vars": {"ansible_user": "admin", "ansible_python_interpreter": "/usr/bin/python3"},
            "hosts": {
                name: {
                    **BREAKS[name],
                    "ansible_host": host.address,
                    "ansible_ssh_private_key_file": str(host.keys / "user"),
                    "ansible_ssh_common_args": f"-oUserKnownHostsFile={host.keys / 'known'}",
                }
                for name, host in hosts.items()
            },
        }
    }


def play(folder, hosts, tasks):
    """Run tasks on the hosts as one does from a checkout; gives the exit code and all it says."""
    how = {"gather_facts": False, "become": True, "any_errors_fatal": True}
    what = {"hosts": "all", **how, "tasks": tasks}
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory(hosts)))
    (folder / "play.yml").write_text(yaml.safe_dump([what]))
    words = ["ansible-playbook", "-i", folder / "hosts.yml", folder / "play.yml"]
    environment = {**os.environ, "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp")}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_every_lock_out_is_taken_back_and_said(hosts, tmp_path):
    code, said = play(tmp_path, hosts, BREAK)
    assert code == 2, said
    for name in ("ssh", "account"):
        assert f"the change of {name} was taken back by the host itself" in said
    # Nobody confirms: a connection that is new comes in when the firewall is what it was.
    until(hosts["firewall"].answers)
    until(lambda: hosts["firewall"].ssh("sudo test -e /var/lib/autodeploy/guard/armed").returncode)
    for name, host in hosts.items():
        assert host.ssh(f"sudo {BREAKS[name]['trace']}").returncode == 1, name

    role = {"name": "Close the rest", "ansible.builtin.include_role": {"name": "firewall"}}
    code, said = play(tmp_path, hosts, [role])
    assert code == 0, said
    assert said.count("was taken back by the host itself") == 1
    assert "the change of firewall was taken back by the host itself" in said
    for name, host in hosts.items():
        assert host.answers(), name
        assert "Status: active" in host.ssh("sudo ufw status").stdout
        assert host.ssh("sudo test -e /var/lib/autodeploy/guard").returncode == 1


def test_hardening_that_locks_us_out_is_taken_back_and_said(lab, boot, tmp_path):
    host = boot(lab, release=13)
    folder = "/etc/systemd/system/ssh.service.d"
    host.run(f"sudo mkdir {folder} && sudo tee {folder}/trap.conf <<'END'\n{TRAP}END")
    host.run("sudo systemctl daemon-reload && sudo systemctl restart ssh")
    before = host.run("sudo sshd -T")

    code, said = play(tmp_path, {"ssh": host}, [HARDEN])
    assert code == 2, said
    assert "the change of SSH's settings was taken back by the host itself" in said
    assert host.run("sudo sshd -T") == before
    assert host.ssh("sudo test -e /var/lib/autodeploy/guard").returncode == 1

    host.run(f"sudo rm -r {folder} && sudo systemctl daemon-reload && sudo systemctl restart ssh")
    code, said = play(tmp_path, {"ssh": host}, [HARDEN])
    assert code == 0, said
    assert "passwordauthentication no" in host.run("sudo sshd -T").splitlines()
