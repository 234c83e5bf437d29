"""Secrets of a run: looked for in everything that it leaves or shows, here and on the host."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import canarykit
from labkit import until

pytestmark = pytest.mark.lab
CANARY = "Can4ry-of-secrets"
PLAYBOOK = """
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - controller:
        question: secrets
      no_log: true
    - ansible.builtin.include_role:
        name: environment
"""
CONTROLLER = """
import json, sys
from pathlib import Path
from autodeploy import paths
from autodeploy.contracts import Host, InfrastructureSpec
from autodeploy.errors import TaskFailed
from autodeploy.journal import DirectoryStore
from autodeploy.runner import Play, pin, started, write_inventory

given = json.load(sys.stdin)
folder = Path(given["folder"])
host = Host(name="host-1", address=given["address"], host_key=given["host_key"])
where = {"application": "shop", "environment": "production", "target": "lab", "image": "debian-12"}
spec = InfrastructureSpec(**where, hosts=(host,), ssh_key=Path(given["key"]))
store = DirectoryStore(folder / "store")
journal = store.create(
    operation="deploy", application="shop", environment="production", target="lab", region=None,
    repository=None, tool_version="0",
)
inventory = write_inventory(spec, folder / "i.json", pin(spec.hosts, folder), given["variables"])
for name in ("action_plugins", "library"):
    if not (folder / name).exists():
        (folder / name).symlink_to(paths.ansible_content() / "playbooks" / name)
(folder / "play.yml").write_text(given["playbook"])
play = Play(playbook=str(folder / "play.yml"), inventory=inventory)
answers = {"secrets": lambda _host: given["secrets"]}
try:
    with started(play, journal.agent("deployer"), "deployer", answers) as running:
        running.hide(given["secrets"])
        print(running.wait().changed, flush=True)
except TaskFailed as error:
    print(error, flush=True)
"""


class Run:
    """A controller of the test's own and all that it can write to."""

    def __init__(self, machine, folder):
        self.machine, self.folder = machine, folder
        (folder / "tmp").mkdir()
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": str(folder),
            "AUTODEPLOY_HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
        }

    def start(self, release, secrets, **variables):
        given = {
            "folder": str(self.folder),
            "address": self.machine.address,
            "host_key": (self.machine.keys / "host.pub").read_text(),
            "key": str(self.machine.keys / "user"),
            "variables": {
                "environment_application": "shop",
                "environment_release": release,
                "environment_variables": {"PLAIN": "plain"},
                "environment_secrets": dict.fromkeys(secrets),
                **variables,
            },
            "secrets": {"environment_secrets": secrets},
            "playbook": PLAYBOOK,
        }
        controller = subprocess.Popen(
            [sys.executable, "-c", CONTROLLER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.environment,
            start_new_session=True,
        )
        controller.stdin.write(json.dumps(given))
        controller.stdin.close()
        return controller

    def whole(self, *arguments, **variables):
        controller = self.start(*arguments, **variables)
        said = controller.stdout.read()
        assert controller.wait() == 0
        return said

    def playbooks(self):
        """The process ids of the playbooks that run for us."""
        return [pid for pid, line in lines("cmdline") if f"{self.folder}/i.json" in line]

    def assert_nowhere_here(self):
        assert canarykit.files_with(CANARY, self.folder) == []
        for what in ("cmdline", "environ"):
            assert [pid for pid, text in lines(what) if CANARY in text] == []


def lines(what):
    for one in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(one.name), (one / what).read_bytes().decode(errors="replace")


def holding(machine):
    """Files of the host that hold the canary, and lines of its journal."""
    return machine.run(canarykit.on_host(CANARY)).splitlines()


@pytest.fixture(scope="module")
def machine(lab, module_boot):
    booted = module_boot(lab)
    yield booted
    booted.ec2.terminate_instances(InstanceIds=[booted.instance_id])


@pytest.fixture
def controller(machine):
    # A short path: that of SSH's control socket has a limit.
    folder = Path(tempfile.mkdtemp())
    one = Run(machine, folder)
    yield one
    for pid in one.playbooks():
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def test_it_is_in_the_hosts_own_file_alone(controller, machine):
    assert controller.whole("r1", {"KEY": CANARY}) == "True\n"
    controller.assert_nowhere_here()
    path = "/srv/shop/environment/r1.env"
    assert holding(machine) == [path]
    assert machine.run(f"sudo stat -c %a:%U {path}") == "600:root"
    assert machine.run(f"sudo cat {path}") == f'KEY="{CANARY}"\nPLAIN="plain"'
    assert controller.whole("r1", {"KEY": CANARY}) == "False\n"
    assert list((controller.folder / "tmp").iterdir()) == []
    machine.run("sudo rm -r /srv/shop")


def test_the_inventory_on_disk_keeps_what_is_there(controller, machine):
    controller.whole("r1", {"KEY": CANARY})
    alone = [
        "ansible-playbook",
        "-i",
        controller.folder / "i.json",
        "playbooks/roles/environment.yml",
    ]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    root = Path(__file__).parents[2]

    def play():
        return subprocess.run(
            alone, cwd=root, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )

    again = play()
    assert again.returncode == 0
    assert "changed=0" in again.stdout
    machine.run("sudo rm -r /srv/shop")
    failed = play()
    assert failed.returncode
    assert "KEY has no value" in failed.stdout
    assert holding(machine) == []


def test_a_failure_shows_nothing(controller, machine):
    said = controller.whole("r1", {"KEY": CANARY, "1NO-NAME": CANARY})
    assert "'1NO-NAME' is no name of a variable" in said
    assert CANARY not in said
    controller.assert_nowhere_here()
    assert holding(machine) == []


def test_nothing_is_seen_while_it_runs_nor_after_a_kill(controller, machine):
    """The module reads a pipe that nobody writes to: it stands still with the secret in hand."""
    path = "/srv/shop/environment/r2.env"
    machine.run(f"sudo mkdir -p /srv/shop/environment && sudo mkfifo {path}")
    hold = f"exec 3> {path}; touch /tmp/it-reads; exec sleep infinity"
    machine.run(f"sudo systemd-run --quiet --collect --unit=hold sh -c '{hold}'")
    running = controller.start("r2", {"KEY": CANARY})
    until(lambda: machine.ssh("test -e /tmp/it-reads").returncode == 0)
    controller.assert_nowhere_here()
    assert holding(machine) == []
    running.kill()
    running.wait()
    assert controller.playbooks()
    controller.assert_nowhere_here()
    for pid in controller.playbooks():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not controller.playbooks())
    controller.assert_nowhere_here()
    machine.run("sudo systemctl stop hold")
    until(lambda: machine.ssh(f"sudo test -f {path}").returncode == 0)
    assert holding(machine) == [path]
    assert machine.run(f"sudo stat -c %a:%U {path}") == "600:root"
