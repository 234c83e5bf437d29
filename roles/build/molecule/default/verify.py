#!/usr/bin/python3
"""What the program that runs a build's commands does and does not, on the host itself."""

import json
import subprocess

PLACE = "/var/lib/autodeploy/build/shop"
SCRIPT = """
id -un; echo "$GREETING"; make --version | head -1
touch made; touch /usr/x; ls /srv; cat /etc/shadow; exit 7
"""


def run(*argv, wait=True, **more):
    """The exit code and the output of a command there."""
    asked = {
        "user": "build-shop",
        "folder": f"{PLACE}/work",
        "cwd": f"{PLACE}/work",
        "argv": argv,
        "environment": {"PATH": "/usr/bin:/bin", "GREETING": "hällo $1 %n"},
        "seconds": 30,
        "memory_share": 0.5,
        **more,
    }
    process = subprocess.Popen(
        [f"{PLACE}/run"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    process.stdin.write(json.dumps(asked).encode() + b"\n")
    process.stdin.flush()
    if not wait:
        process.stdin.close()
    output = process.stdout.read().decode()
    return process.wait(), output


code, output = run("sh", "-c", SCRIPT)
assert code == 7, output
for said in ("build-shop", "hällo $1 %n", "GNU Make", "touch: cannot touch '/usr/x': Read-only"):
    assert said in output, output
assert output.count("Permission denied") == 2, output
assert "more than 1 s" in run("sleep", "30", seconds=1)[1]
assert "MB of memory" in run("tail", "/dev/zero", memory_share=0.003)[1]
assert "nobody waits" in run("sleep", "30", wait=False)[1]
units = ["systemctl", "list-units", "--all", "--plain", "--no-legend", "autodeploy-build-*"]
assert subprocess.run(units, capture_output=True, check=True).stdout == b""
