"""How an application on one host with a domain stands: `make bench-security`, as root.

It is deployed in the lab with a certificate of the lab's authority. `autodeploy audit` tells its
units' exposure, sslyze whether Mozilla's intermediate configuration is met, testssl.sh (Debian
13's: the one before gives no grade) its grade. A bound that is missed is the exit code.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

from autodeploy.lab import admin, client
from labkit import Machine, api, boot_host
from roadkit import autodeploy, deploy, unbuilt
from zonekit import make_zone, remove_zone

ZONE, DOMAIN, NAME = "example.org", "bench.example.org", "bench-tls"
UNIT_BOUND = 1.5
INSTALL = "sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends"


def main() -> int:
    with tempfile.TemporaryDirectory() as home, deployed(Path(home)) as address:
        verdicts = [units(), sslyze(address, Path(home)), testssl(Path(home))]
    return not all(verdicts)


@contextmanager
def deployed(home: Path) -> Iterator[str]:
    """The address of an application's host that has a certificate; the lab goes at the end."""
    default = platformdirs.user_state_path("autodeploy") / "lab/images"
    os.environ["AUTODEPLOY_HOME"] = str(home)
    os.environ.setdefault("AUTODEPLOY_LAB_IMAGES", str(default))
    info = client.up()
    try:
        route53 = api(info, "route53")
        zone = make_zone(route53, ZONE)
        state = deploy(unbuilt(home / NAME), "--domain", DOMAIN)
        assert state["url"] == f"https://{DOMAIN}/", state
        yield state["hosts"][0]["address"]
        remove_zone(route53, zone)
    finally:
        client.down()


def units() -> bool:
    exposed = autodeploy("audit", NAME)["units"]
    for name, score in exposed.items():
        tell(f"exposure of {name}", f"{score}", f"<= {UNIT_BOUND}", score <= UNIT_BOUND)
    return bool(exposed) and max(exposed.values()) <= UNIT_BOUND


def sslyze(address: str, home: Path) -> bool:
    (home / "root.pem").write_text(admin.acme_root())
    options = ["--mozilla_config=intermediate", f"--certinfo_ca_file={home / 'root.pem'}"]
    line = ["uv", "tool", "run", "-q", "sslyze", *options, f"{DOMAIN}:443{{{address}}}"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stdout.write(done.stdout[-2000:] + done.stderr[-500:])
    tell("sslyze, Mozilla's intermediate", f"exit {done.returncode}", "0", done.returncode == 0)
    return done.returncode == 0


def testssl(home: Path) -> bool:
    scanner: Machine = boot_host(client.up(), home / "scanner", release=13)
    scanner.run("sudo apt-get update -qq")
    scanner.run(f"{INSTALL} testssl.sh bsdextrautils dnsutils")
    scanner.run(f"cat > root.pem <<'END'\n{admin.acme_root()}END")
    said = scanner.ssh(f"testssl --quiet --color 0 --add-ca root.pem {DOMAIN}").stdout
    grade = re.search(r"Overall Grade\s+(\S+)", said)
    if not grade or grade[1] != "A+":
        sys.stdout.write(said[-6000:])
    found = grade[1] if grade else "none"
    tell("testssl.sh, grade", found, "A+", found == "A+")
    return found == "A+"


def tell(name: str, value: str, bound: str, good: bool) -> None:
    sys.stdout.write(f"  {name:<50} {value:>8}  {bound}  {'ok' if good else 'MISSED'}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
