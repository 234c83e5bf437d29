"""Any machine can go on with an application: its keys come from a vault, never from the bucket."""

from __future__ import annotations

import json

import pytest

from autodeploy.aws import SecretsVault
from autodeploy.errors import CloudError
from autodeploy.journal.events import ResourceIntended
from autodeploy.provisioner.keys import Keys
from s3kit import REST, SAID

SHOP = ("shop", "production")
INTENT = ResourceIntended(action="create", key="key-pair", type="AWS::EC2::KeyPair")
SECRET = "autodeploy/shop/production/ssh-key"


@pytest.fixture
def mine(s3, tmp_path):
    return s3.store(tmp_path / "mine")


@pytest.fixture
def theirs(s3, tmp_path):
    return s3.store(tmp_path / "theirs")


@pytest.fixture(autouse=True)
def vault(s3):
    """Secrets are the account's, not the bucket's: those of other tests go."""
    found = SecretsVault(s3.cloud)
    found.delete(SECRET)
    return found


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lease")
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def deployed(store):
    """An application with a key for logging in and two hosts; gives its folder."""
    folder = store.application_folder(*SHOP)
    with store.lease(*SHOP, "deploy"):
        keys = Keys(folder)
        keys.make_login_key()
        for host in ("host-1", "host-2"):
            keys.make_host_key(host)
        (folder / "known_hosts").write_text("192.0.2.1 ssh-ed25519 AAAA\n")
        (folder / "inventory.json").write_text(json.dumps({"key": str(keys.login_key)}))
    return folder


def test_another_machine_has_the_same_keys_under_its_own_folder(mine, theirs):
    folder = deployed(mine)
    other = theirs.application_folder(*SHOP)
    here, there = contents(folder), contents(other)
    assert json.loads(there.pop("inventory.json")) == {"key": str(other / "id_ed25519")}
    del here["inventory.json"]
    assert there == here
    assert (other / "id_ed25519").stat().st_mode & 0o777 == 0o600
    assert Keys(other).public_host_key("host-2") == Keys(folder).public_host_key("host-2")


def test_no_private_key_is_in_the_bucket(mine, s3):
    deployed(mine)
    assert "applications/shop/production/inventory.json" in s3.there()
    assert not [key for key in s3.there() if b"PRIVATE KEY" in s3.data(key)]


def test_a_key_is_shared_before_it_is_said_to_be_used(mine, vault):
    with mine.lease(*SHOP, "deploy"):
        journal = mine.create(**SAID, **REST)
        private = Keys(mine.application_folder(*SHOP)).login_key
        Keys(private.parent).make_login_key()
        journal.write(INTENT)
        assert json.loads(vault.get(SECRET))["id_ed25519"] == private.read_text()


def test_what_an_owner_made_and_shared_outlives_its_machine(mine, theirs, s3):
    mine.lease(*SHOP, "deploy").take()
    journal = mine.create(**SAID, **REST)
    public = Keys(mine.application_folder(*SHOP)).make_login_key()
    journal.write(INTENT)
    s3.let_pass("applications/shop/production/lease", mine.life + 1)
    with theirs.lease(*SHOP, "deploy"):
        assert Keys(theirs.application_folder(*SHOP)).public_login_key() == public


def test_keys_that_were_given_up_are_gone_everywhere(mine, theirs, vault, s3):
    deployed(mine)
    folder = theirs.application_folder(*SHOP)
    with theirs.lease(*SHOP, "destroy"):
        Keys(folder).keep_host_keys(["host-1"])
    assert Keys(mine.application_folder(*SHOP)).public_host_key("host-2") is None
    with theirs.lease(*SHOP, "destroy"):
        Keys(folder).forget()
        (folder / "inventory.json").unlink()
    assert vault.get(SECRET) is None
    assert list(contents(mine.application_folder(*SHOP))) == ["known_hosts"]


def test_a_key_of_the_users_own_stays_where_it_is(mine, vault, tmp_path):
    own = tmp_path / "id"
    own.write_text("mine alone")
    with mine.lease(*SHOP, "deploy"):
        (mine.application_folder(*SHOP) / "id_ed25519").symlink_to(own)
    assert vault.get(SECRET) is None
    assert (mine.application_folder(*SHOP) / "id_ed25519").is_symlink()


def test_nobody_takes_keys_from_a_process_that_works_here(s3, tmp_path, mine):
    with mine.lease(*SHOP, "deploy"):
        folder = mine.application_folder(*SHOP)
        Keys(folder).make_login_key()
        # Another command of this machine looks at the application.
        s3.store(tmp_path / "mine").application_folder(*SHOP)
        assert Keys(folder).public_login_key()


def test_without_the_vault_nothing_is_begun(mine, monkeypatch):
    def refuse(*_):
        raise CloudError("the identity may not call secretsmanager:GetSecretValue")

    with monkeypatch.context() as broken:
        broken.setattr(mine._vault, "get", refuse)
        with pytest.raises(CloudError):
            mine.lease(*SHOP, "deploy").take()
    assert mine.holder(*SHOP) is None
    with mine.lease(*SHOP, "deploy"):
        pass
