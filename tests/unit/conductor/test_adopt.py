"""A state that was lost comes back from the account's tags, and nothing is changed there."""

import shutil

import pytest

import moto_api
from autodeploy import conductor
from autodeploy.conductor import Command, Environment
from autodeploy.contracts import DeploymentStatus, TechStack
from autodeploy.errors import HostKeyLost, NotDeployed, ResourceFailed, StateExists
from autodeploy.journal import DirectoryStore
from autodeploy.runner import pin
from autodeploy.settings import Settings, load

pytestmark = pytest.mark.slow


@pytest.fixture
def up(tmp_path):
    """An application with two hosts, a balancer and a database, and one beside it."""
    with moto_api.api():
        stack = TechStack(language="python", processes={"web": "run"}, databases=("postgresql",))
        settings = Settings(
            target="lab",
            hosts=2,
            image="debian-13",
            database_class="db.t4g.small",
            alarms=("ops@example.com", "boss@example.com"),
        )
        one = moto_api.Controller(tmp_path, stack=stack, settings=settings)
        one.provision()
        moto_api.Controller(tmp_path, application="beside").provision()
        moto_api.cloud().calls.clear()
        yield one


@pytest.fixture
def empty(tmp_path):
    return DirectoryStore(tmp_path / "empty")


def adopt(store, name="shop", environment="production"):
    settings = Settings(target="lab", environment=environment)
    command = Command(repository=None, name=name, flags={}, settings=settings)
    return conductor.adopt(command, Environment(store, store.root, moto_api.cloud))


def with_keys(up, store):
    folder = store.application_folder("shop", "production")
    shutil.copytree(up.keys, folder, dirs_exist_ok=True)


def test_all_that_is_its_own_is_in_the_state_again(up, empty):
    with_keys(up, empty)
    done = adopt(empty)
    assert done.state.status is DeploymentStatus.COMPLETED
    assert done.lost == ()
    assert moto_api.writes(moto_api.cloud()) == []
    known = empty.application("shop", "production")
    key = lambda one: one.key  # noqa: E731
    assert sorted(known.resources, key=key) == sorted(up.state.resources, key=key)
    assert [host.name for host in known.hosts] == ["host-1", "host-2"]
    assert all(host.host_key for host in known.hosts)
    assert (known.status, known.live, known.change) == ("active", None, None)


def test_the_next_deployment_keeps_what_is_there(up, empty):
    with_keys(up, empty)
    adopt(empty)
    known = empty.application("shop", "production")
    up.settings = load(
        {"target": "lab"}, environ={}, remembered={**known.host_settings, **known.flags}
    )
    assert not up.plan().changes


def test_lost_keys_are_told_and_nobody_goes_on_without_them(up, empty):
    done = adopt(empty)
    assert done.lost == ("host-1", "host-2")
    hosts = empty.application("shop", "production").hosts
    with pytest.raises(HostKeyLost):
        pin(hosts, done.folder)
    shutil.rmtree(up.keys)
    with pytest.raises(ResourceFailed, match="SSH keys of host-1, host-2"):
        up.plan()


def test_a_login_key_that_is_another_one_is_lost(up, empty):
    with_keys(up, empty)
    folder = empty.application_folder("shop", "production")
    other = moto_api.Controller(folder.parent / "other", application="other")
    other.provision()
    for name in ("id_ed25519", "id_ed25519.pub"):
        shutil.copy(other.keys / name, folder / name)
    assert adopt(empty).lost == ("host-1", "host-2")


def test_an_adopted_application_can_be_destroyed(up, empty):
    adopt(empty)
    settings = Settings(target="lab")
    command = Command(repository=None, name="shop", flags={}, settings=settings)
    state = conductor.destroy(command, Environment(empty, empty.root, moto_api.cloud))
    assert state.error is None
    assert up.inventory() == ()
    assert empty.application("shop", "production").status == "destroyed"


def test_what_has_a_state_is_not_adopted(up, tmp_path):
    with pytest.raises(StateExists):
        adopt(DirectoryStore(tmp_path / "store"))


def test_where_nothing_is_tagged_no_run_is_begun(up, empty):
    with pytest.raises(NotDeployed, match="nothing in eu-central-1"):
        adopt(empty, environment="staging")
    assert empty.ids() == []
