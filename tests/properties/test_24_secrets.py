"""Properties 24 and 45: any secret arrives at the role as it was set, and is written nowhere.

From the command to the role's file, which systemd reads (see test_24_environment.py), by way of
Secrets Manager (moto) or Ansible Vault; the journal, the state and all other files are looked at.
"""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

import moto_api
import rolekit
from autodeploy import conductor
from autodeploy.conductor import kept
from autodeploy.contracts import DeploymentStatus
from autodeploy.deployer.variables import environment
from autodeploy.journal import DirectoryStore
from autodeploy.settings import Settings, load, problem, unfit

pytestmark = pytest.mark.property
ROLE = rolekit.load("environment/module_utils/environment_text.py")

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{1,20}", fullmatch=True).filter(lambda one: one != "PORT")
AWKWARD = st.text("\\\"'`$ %#;=\n\r\t!~{}()&|<>*?[]^äß🦆\x01\x1b\x7f\u2028", max_size=20)
ANY = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
VALUES = (AWKWARD | ANY).filter(lambda one: unfit(one) is None)
SECRETS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=6)
LONG = 12
"""A shorter text may be in a file by chance."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with moto_api.api():
        yield tmp_path_factory.mktemp("secrets")


@pytest.mark.parametrize("target", ["lab", "ssh"])
@given(SECRETS, SECRETS)
def test_every_secret_arrives_and_is_written_nowhere(home, target, first, second):
    store = DirectoryStore(home / target)
    settings = load({"target": target})
    command = conductor.Command(repository=None, name="shop", flags={}, settings=settings)
    there = conductor.Environment(store, home, moto_api.cloud)
    for said in (first, second):
        change = conductor.Change({name: SecretStr(one) for name, one in said.items()})
        state = conductor.configure(command, there, change)
        assert state.status is DeploymentStatus.COMPLETED, state.error
    known = store.application("shop", "production")
    cloud = None if target == "ssh" else moto_api.cloud()
    place = kept.kept(command, there, cloud, "run")
    given_to_release = kept.values(place, known.secrets)
    plain, secret = environment({}, Settings(env={"PLAIN": "1"}), given_to_release)
    wanted = {**first, **second}
    assert secret == wanted
    assert plain == {"PLAIN": "1"} if "PLAIN" not in wanted else plain == {}
    assert ROLE.parse(ROLE.render(secret)) == wanted
    assert not any(ROLE.problem(name, value) for name, value in secret.items())
    assert found_in(store.root, wanted.values()) == []
    conductor.destroy(command, there)
    assert place.find() is None
    shutil.rmtree(store.root / "deployments")


def found_in(folder, values):
    """The files that have one of the values, also as JSON writes it."""
    texts = {form for one in values if len(one) >= LONG for form in (one, json.dumps(one)[1:-1])}
    texts = [one.encode() for one in texts]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(one in path.read_bytes() for one in texts)]


@given(
    st.text(max_size=6), ANY | st.just("nul\0") | st.sampled_from(["\ufdd0", "\ufffe", "\ud800"])
)
def test_exactly_what_the_role_takes_can_be_set(name, value):
    assert (ROLE.problem("A", value) is None) is (unfit(value) is None)
    if name != "PORT":
        assert (ROLE.problem(name, "1") is None) is (problem(name) is None)
