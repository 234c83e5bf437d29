"""How secure a host is before and after `firewall` and `hardening`: `make bench-security`, as root.

A Debian 12 and a Debian 13 host of the lab are measured as they come, hardened twice and measured
again: Lynis, ssh-audit and its policy for the system, OpenSCAP with ANSSI's BP-028 (intermediary)
from Debian's ssg-debian. A bound that is missed is the exit code.

Rules of ANSSI's that a container or a cloud image cannot meet are waived in
`security_waivers.yml`, each with its reason, and counted apart.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import platformdirs
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

from autodeploy import paths
from autodeploy.contracts import Host, InfrastructureSpec, placed
from autodeploy.lab import client, images
from autodeploy.lab.machine import apt_sources
from autodeploy.lab.site import Site
from autodeploy.runner import pin, write_inventory
from autodeploy.sheriff import scan
from labkit import Machine, boot_host

RELEASES = tuple(int(one) for one in sys.argv[1:]) or (12, 13)
PROFILE = "xccdf_org.ssgproject.content_profile_anssi_bp28_intermediary"
RULES = "xccdf_org.ssgproject.content_rule_"
XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
WAIVED = yaml.safe_load(Path(__file__).with_name("security_waivers.yml").read_text())
ROLES = paths.ansible_content() / "playbooks/roles"
PLAYBOOKS = (ROLES / "firewall.yml", ROLES / "hardening.yml")
INSTALL = "sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends"


class Row(NamedTuple):
    """A measurement, what it was before, and its bound."""

    name: str
    before: float | None
    after: float | None
    bound: float
    at_least: bool = False

    @property
    def is_missed(self) -> bool:
        if self.after is None:
            return False
        return self.after < self.bound if self.at_least else self.after > self.bound

    def __str__(self) -> str:
        verdict = "not measured" if self.after is None else "MISSED" if self.is_missed else "ok"
        before, after = ("-" if one is None else f"{one:.1f}" for one in (self.before, self.after))
        sign = ">=" if self.at_least else "<="
        return f"  {self.name:<46} {before:>8} {after:>8}  {sign} {self.bound:g}  {verdict}"


class Measured(NamedTuple):
    """A host at one moment."""

    lynis: int
    warnings: int
    fail: int
    warn: int
    passed: bool
    anssi: float | None


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        default = platformdirs.user_state_path("autodeploy") / "lab/images"
        os.environ["AUTODEPLOY_HOME"] = home
        os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(default))
        chosen = [one for one in images.IMAGES if one.release in RELEASES]
        for image in chosen:
            images.ensure(image, Site.here().images)
        try:
            info = client.up()
            missed = [
                row.is_missed
                for release in RELEASES
                for row in told(release, boot_host(info, Path(home) / f"debian-{release}", release))
            ]
        finally:
            client.down()
    return any(missed)


def told(release: int, machine: Machine) -> list[Row]:
    """Measure a host, harden it twice, measure it again, and say all that."""
    spec = spec_of(release, machine)
    machine.run("sudo apt-get update -qq")
    machine.run(f"{INSTALL} lynis openscap-scanner")
    content = datastream(release, machine)
    before = measured(spec, machine, content)
    first, _changed = harden(spec, machine)
    second, changed = harden(spec, machine)
    machine.run("sudo systemctl start autodeploy-aide")  # As its timer does soon afterwards.
    after = measured(spec, machine, content)
    harden(spec, machine, "--extra-vars", "hardening_ssh_post_quantum=true")
    strict = scan.summed([scan.scan_ssh(spec.hosts[0], spec.image)])["ssh_audit"]
    assert strict
    rows = [
        Row("Lynis, hardening index", before.lynis, after.lynis, 85, at_least=True),
        Row("Lynis, warnings", before.warnings, after.warnings, 0),
        Row("ssh-audit, fail", before.fail, after.fail, 0),
        Row("ssh-audit, policy met", before.passed, after.passed, 1, at_least=True),
        Row("ssh-audit, fail and warn, post-quantum alone", None, strict.fail + strict.warn, 0),
        Row("ANSSI intermediary, % without waived", before.anssi, after.anssi, 90, at_least=True),
        Row("first run, s", None, first, 60),
        Row("second run, s", None, second, 20),
        Row("second run, changed", None, changed, 0),
    ]
    sys.stdout.write(f"Debian {release}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()}\n")
    sys.stdout.writelines(f"{row}\n" for row in rows)
    sys.stdout.write(f"  ssh-audit warns {before.warn} times, then {after.warn}\n")
    sys.stdout.flush()
    return rows


def spec_of(release: int, machine: Machine) -> InfrastructureSpec:
    key = (machine.keys / "host.pub").read_text().strip()
    host = Host(name=f"debian-{release}", address=machine.address, host_key=key)
    return InfrastructureSpec(
        application="bench",
        environment="security",
        target="ssh",
        image=f"debian-{release}",
        hosts=(host,),
        ssh_key=machine.keys / "user",
    )


def measured(spec: InfrastructureSpec, machine: Machine, content: str | None) -> Measured:
    reports = [*scan.scan_hosts(spec, (), None), scan.scan_ssh(spec.hosts[0], spec.image)]
    figures = scan.summed(reports)
    lynis, ssh = figures["lynis"], figures["ssh_audit"]
    warned = [one for one in placed(reports) if one.id.startswith("lynis-")]
    sys.stdout.writelines(f"Lynis warns: {one.id} {one.message}\n" for one in warned)
    assert lynis, reports
    assert ssh, reports
    anssi = score(machine, content) if content else None
    return Measured(
        lynis.hardening_index, lynis.warnings, ssh.fail, ssh.warn, ssh.passed is True, anssi
    )


def harden(spec: InfrastructureSpec, machine: Machine, *options: str) -> tuple[float, int]:
    """Seconds of a run of the roles alone, and how many of their tasks changed something."""
    folder = machine.keys
    inventory = write_inventory(spec, folder / "bench.json", pin(spec.hosts, folder), {})
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(paths.ansible_content() / "ansible.cfg"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    began = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", "-i", inventory, *PLAYBOOKS, *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return time.monotonic() - began, sum(map(int, re.findall(r"changed=(\d+)", done.stdout)))


def datastream(release: int, machine: Machine) -> str | None:
    """Where SCAP's content for the host's release is there, from trixie's ssg-debian; or None."""
    options = "-o Dir::Etc::sourcelist=/root/scap/list -o Dir::Etc::sourceparts=- "
    options += "-o Dir::State::lists=/root/scap/lists"
    script = (
        "mkdir -p /root/scap/lists/partial && cd /root/scap && "
        f"printf '{apt_sources('trixie')}' > list && "
        f"apt-get {options} update -qq && apt-get {options} download -qq ssg-debian && "
        "dpkg -x ssg-debian_*.deb . && chmod 755 /root/scap"
    )
    done = machine.ssh(f'sudo sh -c "{script}"')
    path = f"/root/scap/usr/share/xml/scap/ssg/content/ssg-debian{release}-ds.xml"
    there = machine.ssh(f"sudo test -f {path}").returncode == 0
    if not there:
        sys.stdout.write(f"no SCAP content for Debian {release}: {done.stderr.strip()[-200:]}\n")
    return path if there else None


def score(machine: Machine, content: str) -> float:
    """Per cent of the rules that apply and are not waived that the host passes."""
    machine.ssh(
        f"sudo oscap xccdf eval --profile {PROFILE} --results /root/scap/results.xml {content}"
    )
    results = ElementTree.fromstring(machine.run("sudo cat /root/scap/results.xml"))
    found = {
        one.get("idref", "").removeprefix(RULES): one.findtext(f"{XCCDF}result")
        for one in results.iter(f"{XCCDF}rule-result")
    }
    passed = [name for name, result in found.items() if result == "pass"]
    failed = [name for name, result in found.items() if result == "fail"]
    waived = sorted(set(failed) & WAIVED.keys())
    counted = sorted(set(failed) - WAIVED.keys())
    sys.stdout.write(f"ANSSI: {len(passed)} pass, {len(counted)} fail, {len(waived)} waived\n")
    sys.stdout.writelines(f"  fails: {name}\n" for name in counted)
    return 100 * len(passed) / max(len(passed) + len(counted), 1)


if __name__ == "__main__":
    sys.exit(main())
