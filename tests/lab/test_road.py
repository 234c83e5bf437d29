"""What an application that is deployed is, and what changes to it, good and bad, become."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autodeploy.aws.cloud import READS
from autodeploy.lab import client
from labkit import until
from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def flask(lab, tmp_path_factory):
    """A copy of the Flask example, deployed; gone again at the end."""
    folder = tmp_path_factory.mktemp("apps") / "flask-road"
    shutil.copytree(ROOT / "examples" / "flask-notes", folder)
    yield folder, deploy(folder)
    autodeploy("destroy", "flask-road", "--yes")


def test_a_plan_that_was_kept_is_carried_out_and_no_other(flask, tmp_path):
    folder, first = flask
    kept = tmp_path / "plan.json"
    planned = autodeploy("plan", folder, "--target", "lab", "--out", kept)
    assert planned["summary"] == {"none": len(planned["resources"])}
    again = deploy(folder, "--plan", kept)
    assert again["release"] == first["release"]
    assert {one["id"] for one in again["resources"]} == {one["id"] for one in first["resources"]}

    other = json.loads(kept.read_text())
    other["plan"]["actions"].pop()
    kept.write_text(json.dumps(other))
    refused = deploy(folder, "--plan", kept, code=3)
    assert "host-1: not in the plan then, none" in refused["error"]["cause"]


def test_the_host_is_as_promised(flask):
    units = on_host("flask-road", "systemctl", "list-units", "--plain", "flask-road-*").stdout
    assert "flask-road-web-" in units
    owner = on_host("flask-road", "ps", "-eo", "user:32,args").stdout
    serving = [line for line in owner.splitlines() if "gunicorn" in line]
    assert serving
    assert all(line.startswith("app-flask-road") for line in serving)
    assert "Status: active" in on_host("flask-road", "sudo", "ufw", "status").stdout
    assert on_host("flask-road", "systemctl", "is-active", "nginx").stdout.strip() == "active"


def test_a_what_if_changes_nothing_anywhere(flask):
    folder, _first = flask
    # What deploying anew would mend, so that there is something to be seen.
    broken = "sudo sed -i s/8192/4096/ /etc/nginx/nginx.conf"
    written = "sudo find /etc /srv /usr/local -printf '%p %T@ %C@ %s\\n' | sort"
    before = on_host("flask-road", f"{broken}; {written}").stdout
    state, begun = written_here(), datetime.now(UTC)
    autodeploy("deploy", folder, "--what-if")
    calls = client.calls(begun)
    assert len(calls) > 10
    assert [one.action for one in calls if is_write(one)] == []

    detailed = autodeploy("plan", folder, "--detailed")
    assert [one["host"] for one in detailed["on_hosts"]] == ["host-1"]
    assert any("4096" in line for line in detailed["on_hosts"][0]["reason"])
    assert {one["action"] for one in detailed["resources"]} == {"none"}
    assert [one.action for one in client.calls(begun) if is_write(one)] == [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
    ]
    assert written_here() == state
    after = on_host("flask-road", f"{written}; {broken.replace('8192/4096', '4096/8192')}").stdout
    assert before
    assert after == before


def is_write(call):
    """Whether a call of the lab's record changes anything."""
    return not call.action.split(":")[1].startswith(READS)


def written_here():
    """The logs of all deployments, as they are on this machine."""
    logs = Path(os.environ["AUTODEPLOY_HOME"], "deployments").glob("*/*")
    return {path: path.stat().st_mtime_ns for path in logs}


@pytest.mark.usefixtures("flask")
def test_an_audit_tells_what_is_there_and_changes_nothing(tmp_path):
    live = autodeploy("status", "flask-road")["live"]
    said = autodeploy("audit", "flask-road", "--fail-on", "critical", "--sarif", tmp_path / "said")
    assert said["deployment"] == live["deployment_id"]
    assert said["lynis"] is None
    (unit,) = [score for name, score in said["units"].items() if "-web-" in name]
    assert unit < 2
    assert said["ssh_audit"]["policy"] == "Hardened Debian 12 (version 3)"
    assert any(one["resource"].startswith("host-1 SSH kex") for one in said["findings"])
    told = [what for one in said["reports"] for what in one["not_verified"]]
    assert any("Lynis): not scanned, it is not installed" in one for one in told)
    assert any(one.startswith("Amazon Inspector: not scanned") for one in told)
    (scanned,) = [one for one in said["reports"] if one["topic"] == "scan"]
    assert scanned["details"]["listening"] == [22, 80]
    assert (tmp_path / "said").is_file()
    assert on_host("flask-road", "command -v lynis").returncode != 0


def test_a_change_is_a_new_release_on_the_same_host(flask):
    folder, first = flask
    (folder / "autodeploy.yml").write_text("env:\n  GREETING: changed\n")
    second = deploy(folder)
    assert second["changed"] is True
    assert second["release"] != first["release"]
    assert second["hosts"] == first["hosts"]
    assert second["resources"] == first["resources"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("python -c 'raise SystemExit(3)'", "exit"),
        ("python -c 'import no_such_module'", "ModuleNotFoundError"),
        ("sleep 1000", "listen"),
        ("python -m http.server 8765 --bind 127.0.0.1", "8765"),
    ],
)
def test_a_release_that_is_not_healthy_never_takes_traffic(flask, command, reason):
    folder, _first = flask
    before = deploy(folder)
    settings = (
        (folder / "autodeploy.yml").read_text() if (folder / "autodeploy.yml").exists() else ""
    )
    (folder / "autodeploy.yml").write_text(f"start_command: {command}\nhealth_timeout: 8\n")
    try:
        failed = deploy(folder, code=1)
    finally:
        (folder / "autodeploy.yml").write_text(settings)
    assert failed["status"] == "failed"
    assert failed["error"]["agent"] == "deployer"
    assert reason in failed["error"]["cause"]
    assert failed["error"]["remediation"]
    assert get(before["url"])[0] == 200
    units = on_host("flask-road", "systemctl", "list-units", "--plain", "flask-road-web-*").stdout
    assert before["release"] in units
    assert deploy(folder)["release"] == before["release"]


def test_an_answer_from_another_release_is_no_proof(flask):
    folder, _first = flask
    release = deploy(folder)["release"]
    other = "/srv/flask-road/releases/other"
    assert on_host("flask-road", f"sudo ln -sfn {other} /srv/flask-road/current").returncode == 0
    assert deploy(folder)["changed"] is True
    assert (
        on_host("flask-road", "readlink /srv/flask-road/current").stdout.strip().endswith(release)
    )


def test_ctrl_c_ends_the_playbook_too(flask):
    folder, _first = flask
    before = deploy(folder)
    changed = folder / "changed.txt"
    changed.write_text("another release\n")
    line = [sys.executable, "-m", "autodeploy", "deploy", str(folder)]
    running = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    until(lambda: "prepared already" in running.stderr.readline())
    until(lambda: playbooks(folder))
    running.send_signal(signal.SIGINT)
    assert "stopped by the user" in running.communicate()[1]
    assert running.returncode == 130
    assert playbooks(folder) == []
    assert autodeploy("status", "flask-road")["status"] == "cancelled"
    assert get(before["url"])[0] == 200
    changed.unlink()
    assert deploy(folder)["release"] == before["release"]


def playbooks(folder):
    """Command lines of playbooks that run on this application."""
    lines = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(one.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if "runner/playbook.py" in line and folder.name in line]


@pytest.mark.parametrize(
    "role", ["claim", "firewall", "runtime", "artifact", "environment", "service", "proxy"]
)
def test_each_role_runs_alone_and_changes_nothing(flask, role):
    folder, _first = flask
    deploy(folder)
    play = ["ansible-playbook", "-i", "inventories/autodeploy.yml", f"playbooks/roles/{role}.yml"]
    done = subprocess.run(
        [sys.executable, "-m", "autodeploy", "access", "flask-road", "--", *play],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "changed=0" in done.stdout, done.stdout


@pytest.mark.usefixtures("flask")
def test_the_pinned_key_is_the_hosts_own():
    home = Path(os.environ["AUTODEPLOY_HOME"])
    key = home / "applications" / "flask-road" / "production" / "known_hosts"
    pinned = key.read_text().split()[2]
    assert pinned in on_host("flask-road", "cat", "/etc/ssh/ssh_host_ed25519_key.pub").stdout
