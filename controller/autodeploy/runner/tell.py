"""One login that tells all: what a script on the host says, or why there was none."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from autodeploy.contracts import Contract, Host
from autodeploy.runner.ssh import command

TELL_SECONDS = 40
SHOWN_KEY = re.compile(r"debug1: Server host key: \S+ (SHA256:\S+)")
CHATTER = ("debug1: ", "OpenSSH_", "Authenticated to ", "Transferred: ", "Bytes per second: ")


class Answer(Contract):
    """What came of one login.

    Attributes:
        returncode: The script's exit code; 255 where there was no login.
        output: What the script printed.
        said: What OpenSSH said.
        host_key: The fingerprint (`SHA256:...`) of the key that the host showed, trusted or not;
            None where it showed none.
    """

    returncode: int
    output: str
    said: str
    host_key: str | None


def tell(host: Host, key: Path | None, known_hosts: Path, script: str, *words: str) -> Answer:
    """Run a shell script with arguments on the host, and say what came of it and why."""
    line = command(host, key, known_hosts, "sh", "-s", "--", *words)
    line[1:1] = ["-v", "-o", "ControlPath=none"]
    try:
        done = subprocess.run(
            line, capture_output=True, timeout=TELL_SECONDS, check=False, input=script.encode()
        )
    except subprocess.TimeoutExpired:
        return Answer(returncode=255, output="", said="the login timed out", host_key=None)
    said = done.stderr.decode(errors="replace").splitlines()
    shown = [one.group(1) for one in map(SHOWN_KEY.match, said) if one]
    return Answer(
        returncode=done.returncode,
        output=done.stdout.decode(errors="replace"),
        said="\n".join(one for one in said if not one.startswith(CHATTER)),
        host_key=shown[0] if shown else None,
    )
