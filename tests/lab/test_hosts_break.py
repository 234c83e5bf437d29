"""Hosts that break before and while a release is put on them: told clearly, and deploying goes on.

In each case the release before serves on, as far as the host is up.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from breakkit import Held, Inside, kept_open, playing, users
from labkit import marks_of, until
from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab
NAME = "break-hello"
RELEASES = f"/srv/{NAME}/releases"
KEYS = "/etc/ssh/ssh_host_ed25519_key"
NEW_KEY = f"mv {KEYS} /root/key; ssh-keygen -q -t ed25519 -N '' -f {KEYS}; systemctl restart ssh"
OLD_KEY = f"mv /root/key {KEYS}; systemctl restart ssh"
END_SESSIONS = "pkill -KILL -u admin sshd"
NO_UFW = "DEBIAN_FRONTEND=noninteractive apt-get -qq purge ufw"
"""So that a deployment that looks at all anew installs it."""
HALF_DONE = "dpkg-query -s hostname > /var/lib/dpkg/updates/0001"
"""What dpkg leaves that was ended in its midst."""
LOCK = """
import fcntl, pathlib, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
pathlib.Path("/run/locked").touch()
while pathlib.Path("/run/locked").exists():
    time.sleep(0.1)
"""
DROP = "iptables -I INPUT 1 -p tcp --dport 22 -j DROP"


@pytest.fixture(scope="module")
def hello(lab, tmp_path_factory):
    """The example's folder, deployed on a host; its URL; and the inside of the host."""
    folder = tmp_path_factory.mktemp("apps") / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    first = deploy(folder)
    yield folder, first["url"], Inside(first["hosts"][0]["instance_id"])
    autodeploy("destroy", NAME, "--yes")


def say(folder, message):
    (folder / "autodeploy.yml").write_text(json.dumps({"env": {"MESSAGE": message}}))


def served(url):
    """What the release that has the traffic says."""
    return json.loads(get(f"{url}api/hello")[1])["message"]


@pytest.mark.parametrize(
    ("broken", "mended", "message", "cause", "advice"),
    [
        (
            "mv /usr/bin/python3 /root/",
            "mv /root/python3 /usr/bin/",
            "has no /usr/bin/python3",
            "not found",
            "apt-get install python3",
        ),
        (
            "echo 'admin ALL=(ALL) PASSWD: ALL' > /etc/sudoers.d/zz",
            "rm /etc/sudoers.d/zz",
            "does not let admin become root without a password",
            "Missing sudo password",
            "NOPASSWD",
        ),
        (
            f"mount -t tmpfs -o size=1m tmpfs {RELEASES}",
            f"umount {RELEASES}",
            "is full",
            f"{RELEASES} has ",
            "Make room there",
        ),
        (NEW_KEY, OLD_KEY, "another machine than ours", "SSH host key", "Do not go on"),
    ],
    ids=["python", "sudo", "disk", "key"],
)
def test_a_host_that_is_broken(hello, broken, mended, message, cause, advice):
    folder, url, inside = hello
    before = served(url)
    say(folder, f"after {message}")
    inside(broken)
    try:
        error = deploy(folder, code=1)["error"]
        assert served(url) == before
    finally:
        inside(mended)
    # `cause` begins with the message, as every report's does.
    assert message in error["cause"]
    assert cause in error["cause"]
    assert advice in error["remediation"]
    assert error["host"].endswith("host-1")
    assert deploy(folder)["status"] == "completed"
    assert served(url) == f"after {message}"


def test_a_session_that_ends_in_the_middle_is_opened_anew(hello):
    folder, url, inside = hello
    held = Held(folder, inside, "session")
    inside(END_SESSIONS)
    until(lambda: inside.run("pgrep -u admin sshd").returncode == 0)
    inside(f"touch {held.go(folder)}")
    assert held.end(0)["status"] == "completed"
    assert served(url) == "session"


@pytest.mark.parametrize(
    ("broken", "mended", "message"),
    [
        (DROP, "iptables -D INPUT 1", "was lost"),
        (f"{NEW_KEY}; {END_SESSIONS}", OLD_KEY, "another machine answers"),
    ],
    ids=["silence", "key"],
)
def test_a_connection_that_is_lost_in_the_middle(hello, broken, mended, message):
    folder, url, inside = hello
    before = served(url)
    held = Held(folder, inside, f"after {message}")
    inside(broken)
    try:
        error = held.end(1)["error"]
        assert served(url) == before
    finally:
        inside(mended)
    assert message in error["cause"]
    assert error["remediation"]
    inside(f"touch {held.go(folder)}")
    assert deploy(folder)["status"] == "completed"
    assert served(url) == f"after {message}"


def test_a_host_that_restarts_in_the_middle(hello):
    """Its SSH stays away, as it would for the time that a real machine takes."""
    folder, url, inside = hello
    before, boot = served(url), inside.boot()
    held = Held(folder, inside, "restarted")
    inside("systemctl disable -q ssh; systemctl --no-block reboot")
    error = held.end(1)["error"]
    assert "was lost" in error["cause"]
    assert "where it restarts, it is waited for" in error["remediation"]
    until(lambda: inside.boot() not in {"", boot})
    assert served(url) == before
    inside(f"systemctl enable -q --now ssh; touch {held.go(folder)}")
    assert deploy(folder)["status"] == "completed"
    assert served(url) == "restarted"


def test_a_playbook_that_is_killed(hello):
    folder, url, inside = hello
    before = served(url)
    held = Held(folder, inside, "after a playbook")
    (place,) = playing(NAME)
    for pid in users(place):
        if "runner/playbook.py" in marks_of(pid):
            os.kill(pid, signal.SIGKILL)
    error = held.end(1)["error"]
    assert "ended as killed" in error["cause"]
    assert error["remediation"]
    assert (error["agent"], served(url)) == ("deployer", before)
    until(lambda: not users(place))
    inside(f"touch {held.go(folder)}")
    assert deploy(folder)["status"] == "completed"
    assert served(url) == "after a playbook"


def test_who_else_installs_packages_is_waited_for(hello):
    folder, _url, inside = hello
    inside(f"{NO_UFW}; systemd-run -q python3 -c '{LOCK}'")
    until(lambda: inside.run("test -e /run/locked").returncode == 0)
    line = [sys.executable, "-m", "autodeploy", "deploy", str(folder), "--refresh"]
    running = subprocess.Popen(line, stderr=subprocess.PIPE)
    until(lambda: inside.run("pgrep -x apt-get").returncode == 0)
    assert inside.run("test -e /usr/sbin/ufw").returncode == 1
    inside("rm /run/locked")
    assert running.wait() == 0, running.stderr.read()
    assert "Status: active" in inside("ufw status")


def test_packages_that_are_half_installed(hello):
    folder, url, inside = hello
    before = served(url)
    inside(f"{NO_UFW}; {HALF_DONE}")
    error = deploy(folder, "--refresh", code=1)["error"]
    assert "packages of break-hello-production-host-1 are half installed" in error["cause"]
    assert served(url) == before
    mend = re.search("`sudo (.*?)`", error["remediation"]).group(1)
    inside(mend)
    assert autodeploy("retry", NAME)["status"] == "completed"
    assert "Status: active" in inside("ufw status")


def logins(application):
    count = "sudo journalctl -u ssh | grep -c Accepted"
    return int(on_host(application, count).stdout)


def test_a_deployment_logs_in_once_and_leaves_no_connection(hello):
    folder, _url, inside = hello
    before = logins(NAME)
    held = Held(folder, inside, "once")
    place = str(kept_open(NAME).readlink())
    assert users(place)
    assert on_host(NAME, f"sudo touch {held.go(folder)}").returncode == 0
    held.end(0)
    assert not kept_open(NAME).is_symlink()
    until(lambda: not users(place))
    # The deployment's, the word in between, which may outlast it, the one that hears the release
    # command, and the one that counts.
    assert logins(NAME) == before + 4


def test_ctrl_c_lets_the_step_come_to_its_end(hello):
    folder, url, inside = hello
    held = Held(folder, inside, "stopped")
    held.interrupt()
    before = served(url)
    inside(f"touch {held.go(folder)}")
    code = held.process.wait()
    ended = held.end(code)
    if code == 0:  # It was the last step: nothing was left to stop.
        assert served(url) == "stopped"
    else:
        assert (code, ended["status"]) == (130, "cancelled")
        assert ended["error"]["cause"].startswith("stopped by the user")
        assert "Gone back: host-1" in ended["error"]["cause"]
        assert served(url) == before
    assert not kept_open(NAME).is_symlink()
    assert deploy(folder)["status"] == "completed"
    assert served(url) == "stopped"


def test_ctrl_c_twice_ends_it_at_once(hello):
    folder, url, inside = hello
    held = Held(folder, inside, "stopped twice")
    place, plays = str(kept_open(NAME).readlink()), playing(NAME)
    held.interrupt()
    held.process.send_signal(signal.SIGINT)
    assert held.end(130)["status"] == "cancelled"
    assert not kept_open(NAME).is_symlink()
    until(lambda: not [one for where in (place, *plays) for one in users(where)])
    before = served(url)
    inside(f"touch {held.go(folder)}")
    until(
        lambda: inside.run("flock --nonblock /run/autodeploy-break-hello.lock true").returncode == 0
    )
    assert served(url) == before, "what was stopped went live"
    assert deploy(folder)["status"] == "completed"
    assert served(url) == "stopped twice"


def test_what_was_stopped_is_in_nobodys_way(hello):
    """Its release command goes on for ever, and the next deployment is of another release."""
    folder, url, inside = hello
    held = Held(folder, inside, "in the way")
    held.interrupt()
    held.process.send_signal(signal.SIGINT)
    held.end(130)
    say(folder, "after what was in the way")
    assert deploy(folder)["status"] == "completed"
    assert served(url) == "after what was in the way"
    assert inside.run("systemctl list-units --plain | grep break-hello-command").returncode == 1


def test_what_a_controller_that_was_killed_has_left_is_ended_by_the_next(hello):
    folder, url, inside = hello
    held = Held(folder, inside, "killed")
    place, plays = str(kept_open(NAME).readlink()), playing(NAME)
    held.process.kill()
    held.process.communicate()
    assert all(users(one) for one in plays)
    inside(f"touch {held.go(folder)}")
    assert deploy(folder)["status"] == "completed"
    until(lambda: not [one for where in (place, *plays) for one in users(where)])
    assert not [one for one in plays if Path(one).exists()]
    assert served(url) == "killed"
