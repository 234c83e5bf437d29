"""Property 24: any legal name and value reaches the process unchanged.

The file is the role's; what reads it is systemd, on a host, and the process there says what it got.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import rolekit

pytestmark = pytest.mark.property
ROLE = rolekit.load("environment/module_utils/environment_text.py")
WRITE = rolekit.load("environment/module_utils/environment_release.py")


def is_none(character):
    """As Unicode says: the last two of each plane, and 32 more."""
    return ord(character) % 0x10000 >= 0xFFFE or ord(character) in range(0xFDD0, 0xFDF0)


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{1,20}", fullmatch=True)
AWKWARD = st.text("\\\"'`$ %#;=\n\r\t!~{}()&|<>*?[]^äß🦆\x01\x1b\x7f\u2028", max_size=20)
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
# Code points that are no characters: systemd leaves out the whole file in which one stands.
NONE = st.sampled_from(["\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"])
VALUES = (AWKWARD | ANY).filter(lambda value: not any(map(is_none, value)))
VARIABLES = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)
SHOW = """
mkdir seen
for file in *.env; do
  sudo systemd-run --quiet --pipe --wait --collect --property=EnvironmentFile="$PWD/$file" \
    /usr/bin/env --null > "seen/$file" < /dev/null
done
tar -c seen
"""


@given(VARIABLES)
def test_what_is_written_is_what_is_read(variables):
    assert not any(ROLE.problem(name, value) for name, value in variables.items())
    assert ROLE.parse(ROLE.render(variables)) == variables


@given(st.text(max_size=6), st.one_of(ANY, st.just("nul\0"), NONE, st.none(), st.integers()))
def test_exactly_what_a_process_can_have_is_legal(name, value):
    legal = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII) and isinstance(value, str)
    legal = legal and "\0" not in value and not any(map(is_none, value))
    assert (ROLE.problem(name, value) is None) is bool(legal)


@pytest.fixture(scope="module")
def machine(lab, module_boot):
    return module_boot(lab)


@pytest.mark.lab
@settings(max_examples=2, phases=[Phase.generate])
@given(st.lists(VARIABLES, min_size=60, max_size=60))
def test_every_process_gets_exactly_what_was_said(machine, batch):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, variables in enumerate(batch):
            WRITE.write(str(folder / f"{number}.env"), ROLE.render(variables))
        seen = shown(machine, folder)
    for number, variables in enumerate(batch):
        got = dict(one.partition("=")[::2] for one in seen[number].split("\0") if one)
        assert {one: got.get(one) for one in variables} == variables


def shown(machine, folder):
    """What a process that has each file as its EnvironmentFile has in its environment."""
    place = machine.run("mktemp -d")
    send = subprocess.Popen(["tar", "-c", "-C", folder, "."], stdout=subprocess.PIPE)
    into(machine, f"tar -x -C {place}", send.stdout)
    assert send.wait() == 0
    answer = into(machine, f"cd {place} && {SHOW}", subprocess.DEVNULL)
    (folder / "answer").write_bytes(answer)
    with tarfile.open(folder / "answer") as tar:
        return {
            int(Path(one.name).stem): tar.extractfile(one).read().decode()
            for one in tar
            if one.isfile()
        }


def into(machine, script, stdin):
    line = ["ssh", "-i", machine.keys / "user", f"-oUserKnownHostsFile={machine.keys / 'known'}"]
    done = subprocess.run(
        [*line, f"admin@{machine.address}", script], stdin=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
