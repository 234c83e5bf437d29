"""What is missing is said with the way to get it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from autodeploy.cli.doctor import doctor
from autodeploy.errors import LabUnsupported
from autodeploy.lab import kernel, requirements
from autodeploy.lab.site import Site

PROGRAMS = {
    "git",
    "ssh",
    "systemd-nspawn",
    "mmdebstrap",
    "nft",
    "ip",
    "pebble",
    "ssh-keygen",
    "apt-get",
}


@pytest.fixture
def no_programs(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_up_names_all_that_is_missing_and_one_command(no_programs):
    with pytest.raises(LabUnsupported) as raised:
        requirements.demand(Site.here())
    for name in ("systemd-nspawn", "mmdebstrap", "nft"):
        assert f"{name}: it is not installed" in raised.value.cause
    assert "systemd-container" in raised.value.remediation.split("apt-get install ")[1]
    assert "mmdebstrap" in raised.value.remediation.split("apt-get install ")[1]


def test_doctor_prints_one_document_and_fails(no_programs):
    result = CliRunner().invoke(doctor, ["--json"])
    assert result.exit_code == 1
    missing = {one["name"]: one for one in json.loads(result.stdout) if not one["ok"]}
    assert missing.keys() >= PROGRAMS
    assert missing["mmdebstrap"]["remediation"] == "apt-get install mmdebstrap"


def test_doctor_prints_one_line_a_check(no_programs):
    lines = CliRunner().invoke(doctor, []).stdout.splitlines()
    assert len(lines) == len(set(requirements.TOOL + requirements.LAB))
    assert all(line.startswith(("ok  ", "missing  ")) for line in lines)


def test_a_home_that_cannot_be_made_is_missing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "file/home"))
    missing = [one.requirement.name for one in requirements.check(Site.here()) if one.missing]
    assert "state folder" in missing


def test_the_lab_can_be_asked_on_a_machine_that_is_no_linux(home):
    """What only Linux has is looked up where it is used."""
    program = """if True:
        import fcntl, os, signal, sys
        for module, names in (
            (os, ("pidfd_open", "setns")), (signal, ("SIGRTMIN", "pidfd_send_signal"))
        ):
            for name in names:
                if hasattr(module, name):
                    delattr(module, name)
        from autodeploy.errors import LabUnsupported
        from autodeploy.lab import client
        sys.platform = "darwin"
        assert not client.status().running
        assert not client.down()
        try:
            client.up()
        except LabUnsupported as error:
            print(error.cause)
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "Linux: this is darwin" in done.stdout, done.stderr


@pytest.mark.parametrize("text", [None, "", "uninitialized\n"])
def test_a_machine_without_an_id_is_told_how_to_get_one(home, tmp_path, monkeypatch, text):
    monkeypatch.setattr(requirements, "MACHINE_ID", tmp_path / "machine-id")
    if text is not None:
        (tmp_path / "machine-id").write_text(text)
    missing = {one.requirement.name: one for one in requirements.check(Site.here()) if one.missing}
    assert missing["machine id"].requirement.remedy == "run systemd-machine-id-setup"
    (tmp_path / "machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    assert "machine id" not in {
        one.requirement.name for one in requirements.check(Site.here()) if one.missing
    }


def test_a_kernel_whose_settings_cannot_be_written_is_missing(home, tmp_path, monkeypatch):
    def missing():
        return {one.requirement.name for one in requirements.check(Site.here()) if one.missing}

    monkeypatch.setattr(kernel, "SYSTEM", tmp_path)
    assert "kernel settings" in missing()
    for name in kernel.WANTED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert "kernel settings" not in missing()
