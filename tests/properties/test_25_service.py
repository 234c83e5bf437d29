"""Property 25: any legal start command gives a unit that systemd accepts and runs as it was meant.

Commands are run by the shell of this machine and, as the role's units, by systemd on a host; both
times a program of theirs says which words it got. All units are the role's, its sandbox included.
"""

from __future__ import annotations

import shlex
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import rolekit

pytestmark = [pytest.mark.property, pytest.mark.lab]
UNITS = rolekit.load("service/module_utils/service_units.py")
OPTIONS = rolekit.load("service/module_utils/service_start.py").OPTIONS
SHOW = '#!/bin/sh\nprintf "%s\\0" "$@" "$X" "$Y"\nprintf "\\0\\0"\n'
VARIABLES = {"X": "1  2 %h", "Y": "ä \"'`\\ $X"}
WORDS = st.text("ab \\\"'`$%;#&|<>(){}[]*?!~=\t\nß🦆", max_size=8) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)
# What a user writes beside words: the shell's to understand, and nobody else's.
RAW = st.sampled_from(
    ["$X", '"$X"', "${Y}", '"${X}y"', "%n", "%%", "100%", "a\\ b", "$$'x'", "'$X'", "\\$X", "x=$Y"]
)
ARGUMENTS = st.lists(WORDS.map(shlex.quote) | RAW, max_size=4).map(" ".join)
PIECES = ARGUMENTS.map(lambda said: f"show {said}".strip())
COMMANDS = st.builds(
    lambda pieces, between: between.join(pieces),
    st.lists(PIECES, min_size=1, max_size=3),
    st.sampled_from([" && ", "; ", "\n", " || false; "]),
).map(lambda command: command.replace("$$'x'", "x"))

DROP_IN = """[Service]
StandardOutput=truncate:/run/prop/%n
Restart=no
"""
PREPARE = """
sudo systemctl reset-failed 'prop-*' 2>/dev/null
sudo rm -rf /run/prop /etc/systemd/system/prop-* /srv/prop
id app-prop >/dev/null 2>&1 || sudo useradd --system app-prop
sudo mkdir -p /run/prop /srv/prop/shared /srv/prop/releases/r/bin
sudo cp show /srv/prop/releases/r/bin/ && sudo chmod 755 /srv/prop/releases/r/bin/show
sudo mkdir -p /etc/systemd/system/prop-.service.d
sudo cp out.conf /etc/systemd/system/prop-.service.d/
sudo cp prop-* /etc/systemd/system/
sudo systemctl daemon-reload
"""
RUN = """
sudo systemd-analyze verify prop-* >verify 2>&1; echo "exit $?" >>verify
sudo systemctl start prop-*.service >start 2>&1
while systemctl is-active --quiet 'prop-*.service'; do sleep 0.1; done
mkdir seen; for one in prop-*.service; do sudo cat "/run/prop/$one" > "seen/$one"; done
tar -c seen verify start
"""


@pytest.fixture(scope="module")
def machine(lab, module_boot):
    return module_boot(lab)


def here(folder, command):
    """What the command's program says where this machine's shell runs it."""
    environment = {**VARIABLES, "PATH": f"{folder}:/usr/bin:/bin"}
    line = ["/bin/sh", "-c", command]
    return subprocess.run(line, env=environment, capture_output=True, check=False).stdout


def texts(commands):
    """Each command's unit, by name."""
    params = {
        **{name: one.get("default") for name, one in OPTIONS.items()},
        "application": "prop",
        "release": "r",
        "path": ["bin"],
        "variables": VARIABLES,
        "port": 20000,
    }
    processes = {f"p{number}": command for number, command in enumerate(commands)}
    made = UNITS.units({**params, "processes": processes})
    target = UNITS.target_name("prop", "r")
    return {name: text for name, text in made.items() if name != target}


@settings(max_examples=2, phases=[Phase.generate])
@given(st.lists(COMMANDS, min_size=60, max_size=60))
def test_every_command_is_accepted_and_does_what_the_shell_does(machine, commands):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "show").write_text(SHOW)
        (folder / "show").chmod(0o755)
        (folder / "out.conf").write_text(DROP_IN)
        for unit, text in texts(commands).items():
            (folder / unit).write_text(text)
        expected = {f"p{n}": here(folder, command) for n, command in enumerate(commands)}
        verified, seen = on_host(machine, folder)
    assert verified == "exit 0\n"
    for process, said in expected.items():
        assert seen[UNITS.process_name("prop", process, "r")] == said, commands[int(process[1:])]


def on_host(machine, folder):
    """What systemd says of the units in the folder, and what each one's process said."""
    place = machine.run("mktemp -d")
    sent = subprocess.run(["tar", "-c", "-C", folder, "."], capture_output=True, check=True).stdout
    into(machine, f"tar -x -C {place}", sent)
    answer = into(machine, f"cd {place} && {PREPARE} {RUN}")
    (folder / "answer").write_bytes(answer)
    with tarfile.open(folder / "answer") as tar:
        found = {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}
    assert found.pop("start") == b""
    verified = found.pop("verify").decode()
    return verified, {Path(one).name: said for one, said in found.items()}


def into(machine, script, given_=b""):
    line = ["ssh", "-i", machine.keys / "user", f"-oUserKnownHostsFile={machine.keys / 'known'}"]
    done = subprocess.run(
        [*line, f"admin@{machine.address}", script], input=given_, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
