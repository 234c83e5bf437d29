"""Secrets as the command line takes and shows them, for hosts that exist; none is reached."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import sys

import pexpect
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.cli import secretvalues
from autodeploy.contracts import SECRETS, DeploymentStatus
from autodeploy.errors import UsageError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import ResourceIntended, StatusChanged
from autodeploy.runner import VaultFile
from statekit import created

CANARY = "sk_live_canary"


def autodeploy(*arguments, said=""):
    return subprocess.run(
        [sys.executable, "-m", "autodeploy", *arguments],
        input=said.encode(),
        capture_output=True,
        check=False,
    )


def test_from_stdin_to_the_list_and_away_again(home):
    done = autodeploy("secrets", "set", "shop", "STRIPE_KEY", "--target", "ssh", said=CANARY + "\n")
    assert done.returncode == 0, done.stderr
    listed = json.loads(autodeploy("secrets", "ls", "shop", "--json").stdout)
    assert [one["name"] for one in listed] == ["STRIPE_KEY"]
    assert b"***" in autodeploy("env", "shop").stdout
    said = json.loads(autodeploy("secrets", "unset", "shop", "STRIPE_KEY", "--json").stdout)
    assert (said["changed"], said["secrets"], said["deployment"]) == (True, [], None)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    private = [one for one in files if one.name in {"vault.key", "variables.vault"}]
    assert [stat.S_IMODE(one.stat().st_mode) for one in private] == [0o600, 0o600]


def test_a_name_that_nobody_knows_is_no_new_application_by_itself(home):
    done = autodeploy("secrets", "set", "shpo", "A", said=CANARY)
    assert done.returncode == 1
    assert b"no application shpo in environment production" in done.stderr
    assert b"--target" in done.stderr
    assert not list(home.glob("deployments/*"))


def test_a_terminal_is_asked_for_each_and_shows_nothing_of_it(home):
    words = ["-m", "autodeploy", "secrets", "set", "shop", "A", "B", "--target", "ssh"]
    at = pexpect.spawn(sys.executable, words, encoding="utf-8", logfile=io.StringIO())
    for name in ("A", "B"):
        at.expect_exact(f"{name}: ")
        at.waitnoecho()
        at.sendline(f"{CANARY}-{name}")
    at.expect(pexpect.EOF)
    at.close()
    assert at.exitstatus == 0
    # pexpect keeps what is sent too: once each is what was typed.
    assert at.logfile.getvalue().count(CANARY) == 2
    listed = json.loads(autodeploy("secrets", "ls", "shop", "--json").stdout)
    assert [one["name"] for one in listed] == ["A", "B"]


@pytest.mark.parametrize(
    ("arguments", "said", "why"),
    [
        (["set", "shop", f"STRIPE_KEY={CANARY}"], "", b"given with its value"),
        (["set", "shop", "PORT"], CANARY, b"gives PORT"),
        (["set", "shop", "9LIVES"], CANARY, b"no name of a variable"),
        (["set", "shop", "A", "B"], CANARY, b"stdin has one value"),
        (["set", "shop", "A"], "", b"stdin is empty"),
        (["set", "shop", "A"], f"{CANARY}\0", b"NUL"),
        (["set", "shop", "A"], f"{CANARY}\ufffe", b"no character"),
        (["set", "shop", "A"], CANARY * 5000, b"65536 is the most"),
        (["unset", "shop", "A"], "", b"no secret A"),
        (["import", "shop", "-"], f"A\nB={CANARY}", b"stdin:1: is no variable with a value"),
        (["import", "shop", "-"], f"A\nB={CANARY}", b"it has no ="),
        (["import", "shop", "-"], f"A='{CANARY}", b"stdin:1: is no variable"),
        (["import", "shop", "-"], f"B=1\nA='{CANARY}", b"a quote is not closed"),
        (["import", "shop", "-"], f"PORT={CANARY}", b"gives PORT to each process"),
        (["import", "shop", "-"], f"{CANARY} 9=1", b"nothing of it was set"),
        (["import", "shop", "-"], f"B=1\nA={CANARY}\ufffe", b"stdin:2: A holds"),
        (["import", "shop", "-"], f"A=1\n{CANARY}/+key=\n", b"stdin:2: is no variable"),
        (["import", "shop", "-"], f"{CANARY}Qk3vZ0=\n", b"stdin:1: is no variable"),
        (["import", "shop", "-"], f"{CANARY}Qk3vZ0==\n", b"stdin:1: is no variable"),
        (["import", "shop", "-"], "# nothing\n", b"has no variable"),
        (["import", "shop", "/nothing/here"], "", b"cannot be read"),
    ],
)
def test_what_is_refused_is_not_repeated(home, arguments, said, why):
    done = autodeploy("secrets", *arguments, "--target", "ssh", said=said)
    assert done.returncode == 2, done.stderr
    assert why in done.stderr
    assert CANARY.encode() not in done.stderr + done.stdout
    assert not list(home.rglob("variables.vault"))


def given_on_stdin(call, text):
    """What a call gives, with the text on stdin."""
    found = {}

    def run():
        found.update({name: one.get_secret_value() for name, one in call().items()})

    import click

    done = CliRunner().invoke(click.Command("x", callback=run), input=text)
    if done.exception:
        raise done.exception
    return found


VALUES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cn"]), min_size=1
)


@given(VALUES)
def test_a_value_arrives_as_it_is_but_for_one_newline(value):
    for end in ("", "\n") if not value.endswith("\n") else ("\n",):
        read = given_on_stdin(lambda: secretvalues.asked(["A"]), (value + end).encode())
        assert read == {"A": value}


@given(
    st.dictionaries(st.from_regex(r"[A-OQ-Z_][A-Z0-9_]{0,8}", fullmatch=True), VALUES, min_size=1)
)
def test_what_a_file_quotes_arrives_and_nothing_in_it_is_expanded(said):
    quoted = {name: one.replace("\\", "\\\\").replace("'", "\\'") for name, one in said.items()}
    text = "".join(f"export {name}='{one}' # kept\n" for name, one in quoted.items())
    assert given_on_stdin(lambda: secretvalues.imported("-"), text.encode()) == said


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "env").write_bytes(b"A=\xff")
    with pytest.raises(UsageError, match="UTF-8"):
        secretvalues.imported(str(tmp_path / "env"))


def test_what_a_killed_run_has_left_goes_with_the_application(home):
    """It had kept the values, and not yet said so; an attempt elsewhere was before it."""
    store = DirectoryStore(home)
    folder = store.application_folder("shop", "production")
    VaultFile(folder).put("v1", 1, {"A": CANARY})
    for operation, target in (("deploy", "aws"), ("configure", "ssh")):
        journal = created(store, operation=operation, target=target)
        journal.write(StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(ResourceIntended(action="create", key=SECRETS, type="x", token="v1"))
    done = autodeploy("destroy", "shop", "--yes")
    assert done.returncode == 0, done.stderr
    assert VaultFile(folder).find() is None


def test_after_a_failed_attempt_on_aws_secrets_for_hosts_are_where_they_are(home):
    created(DirectoryStore(home), target="aws", region="eu-west-1")
    for name in ("A", "B"):
        done = autodeploy("secrets", "set", "shop", name, "--target", "ssh", said=CANARY)
        assert done.returncode == 0, done.stderr
    done = autodeploy("destroy", "shop", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert not list(home.rglob("variables.vault"))


def test_an_empty_value_of_a_long_name_is_one():
    text = b"DJANGO_SUPERUSER_PASSWORD=\nspring_datasource_password=\nToken=\n"
    assert set(given_on_stdin(lambda: secretvalues.imported("-"), text).values()) == {""}
