"""Any machine can go on with an application: its keys come from a vault, never from the bucket."""

from __future__ import annotations

import fcntl
import io
import json
import threading

import pytest
import tenacity
from botocore.awsrequest import AWSResponse

from autodeploy.aws import SecretsVault
from autodeploy.aws import vault as vaults
from autodeploy.aws.errors import refused
from autodeploy.contracts import SecretVersion
from autodeploy.errors import AccessDenied, CloudError, SecretInDeletion
from autodeploy.journal.events import ResourceIntended, SecretsChanged
from autodeploy.provisioner.keys import Keys
from autodeploy.runner import VaultFile
from s3kit import REGION, S3
from statekit import REST, SAID

SHOP = ("shop", "production")
INTENT = ResourceIntended(action="create", key="key-pair", type="AWS::EC2::KeyPair")
SECRET = "autodeploy/shop/production/ssh-key"
NO_CONTENT = {"lease", "fetch.lock"}


@pytest.fixture
def mine(s3, tmp_path):
    return s3.store(tmp_path / "mine")


@pytest.fixture
def theirs(s3, tmp_path):
    return s3.store(tmp_path / "theirs")


@pytest.fixture(autouse=True)
def vault(s3):
    """Secrets are the account's, not the bucket's: those of other tests go."""
    found = s3.vault
    found.delete(SECRET)
    return found


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in NO_CONTENT)
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


def test_what_a_killed_process_has_left_of_a_key_goes(mine):
    folder = deployed(mine)
    left = [folder / name for name in (".id_ed25519.x.partial", "hosts/.host-1.key.x.partial")]
    for one in left:
        one.write_text("half a key")
    with mine.lease(*SHOP, "deploy"):
        assert [one for one in left if one.exists()] == []


@pytest.mark.parametrize("place", [REGION, "us-east-1"])
def test_every_machine_finds_the_keys_whatever_its_own_region_is(s3_server, tmp_path, place):
    s3 = s3_server.another(place)
    folder = deployed(s3.store(tmp_path / "mine", "us-west-2"))
    other = s3.store(tmp_path / "theirs", "ap-southeast-2").application_folder(*SHOP)
    assert Keys(other).public_login_key() == Keys(folder).public_login_key()
    there = s3.from_region(place).secretsmanager()
    assert there.describe_secret(SecretId=SECRET)["Name"] == SECRET
    there.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


@pytest.fixture
def far(s3):
    """A region that is not the bucket's, with no secret of other tests."""
    found = s3.from_region("us-west-2")
    SecretsVault(found, lambda: found.region).delete(SECRET)
    return found


def test_keys_in_the_machines_own_region_move_to_the_buckets(s3, tmp_path, far, theirs, vault):
    store = s3.store(tmp_path / "mine", far.region)
    folder = deployed(store)
    SecretsVault(far, lambda: far.region).put(SECRET, vault.get(SECRET))
    vault.delete(SECRET)
    before = contents(folder)
    s3.store(tmp_path / "mine", far.region).application_folder(*SHOP)
    assert contents(folder) == before
    other = theirs.application_folder(*SHOP)
    assert Keys(other).public_login_key() == Keys(folder).public_login_key()
    assert SecretsVault(far, lambda: far.region).get(SECRET) is None


def test_keys_that_are_given_up_are_gone_from_both_regions(s3, far, vault):
    SecretsVault(far, lambda: far.region).put(SECRET, "one")
    vault.put(SECRET, "one")
    both = SecretsVault(far, s3.door.region)
    both.delete(SECRET)
    assert both.get(SECRET) is None


def test_who_may_not_ask_where_the_bucket_is_is_told_so(s3, tmp_path):
    folder = deployed(s3.store(tmp_path / "mine"))
    before = contents(folder)
    s3 = S3(s3.endpoint, s3.bucket)  # The door of another process.

    def deny(request, **_):
        body = io.BytesIO(
            b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        )
        body.stream = lambda **_: [body.read()]
        return AWSResponse(request.url, 403, {}, body)

    s3.cloud.s3().meta.events.register_first("before-send.s3.GetBucketLocation", deny)
    with pytest.raises(AccessDenied, match=r"may not call s3:GetBucketLocation") as told:
        s3.store(tmp_path / "mine").application_folder(*SHOP)
    assert '"s3:GetBucketLocation"' in told.value.remediation
    assert contents(folder) == before


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


def test_secrets_of_the_users_own_hosts_are_readable_by_every_machine_and_not_in_the_bucket(
    mine, theirs, s3
):
    """Also where the machine has died right after it has said that they hold."""
    mine.lease(*SHOP, "configure").take()
    journal = mine.create(**SAID, **REST)
    VaultFile(mine.application_folder(*SHOP)).put("v1", 1, {"A": "canary"})
    journal.write(SecretsChanged(secrets=SecretVersion(version="v1", number=1, id=None, names={})))
    s3.let_pass("applications/shop/production/lease", mine.life + 1)
    with theirs.lease(*SHOP, "configure"):
        folder = theirs.application_folder(*SHOP)
        assert VaultFile(folder).get("v1") == {"A": "canary"}
        assert (folder / "vault.key").stat().st_mode & 0o777 == 0o600
        key = (folder / "vault.key").read_bytes()
        assert not [one for one in s3.there() if key in s3.data(one) or b"canary" in s3.data(one)]
        VaultFile(folder).delete()
    assert s3.data("applications/shop/production/variables.vault") == b""


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


def test_who_only_looks_takes_no_key_away_that_is_being_made(s3, tmp_path, monkeypatch):
    """The owner comes while another process of its machine is in the midst of fetching."""
    looker, owner = s3.store(tmp_path / "mine"), s3.store(tmp_path / "mine")
    folder = looker.application_folder(*SHOP)
    made_or_waits, may_go = threading.Event(), threading.Event()
    real = fcntl.flock

    def flock(descriptor, how):
        try:
            return real(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if how & fcntl.LOCK_NB:
                raise
        made_or_waits.set()
        return real(descriptor, how)

    def work():
        with owner.lease(*SHOP, "deploy"):
            Keys(folder).make_login_key()
            made_or_waits.set()
            assert may_go.wait(30)

    def get(_name):
        working.start()
        assert made_or_waits.wait(30)

    working = threading.Thread(target=work)
    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(looker._vault, "get", get)
    looker.application_folder(*SHOP)
    may_go.set()
    working.join()
    assert Keys(folder).public_login_key()


class Strict:
    """Secrets Manager's own way with a name that was deleted at once: it stays taken for a while.

    Attributes:
        calls: The calls that the deleted secret stays for.
    """

    def __init__(self, vault, calls, *, restorable=False):
        self.calls = calls
        self._restorable = restorable
        vault._manager.meta.events.register_first("before-call", self)

    def __call__(self, model, **_):
        if self.calls <= 0:
            return
        if model.name == "RestoreSecret" and self._restorable:
            self.calls = 0
            return
        self.calls -= 1
        said = "already scheduled for" if model.name == "CreateSecret" else "marked for"
        raise refused(
            f"secretsmanager:{model.name}",
            "InvalidRequestException",
            f"You can't perform this operation on the secret because it was {said} deletion.",
        )


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(vaults, "PAUSES", tenacity.wait_none())


@pytest.mark.usefixtures("hurried")
def test_a_key_can_be_shared_right_after_a_removal(vault):
    vault.put(SECRET, "one")
    vault.delete(SECRET)
    Strict(vault, 5)
    assert vault.get(SECRET) is None
    vault.put(SECRET, "two")
    assert vault.get(SECRET) == "two"


@pytest.mark.usefixtures("hurried")
def test_a_key_that_somebody_has_scheduled_for_deletion_is_kept(vault):
    vault.put(SECRET, "one")
    Strict(vault, 99, restorable=True)
    assert vault.get(SECRET) == "one"
    Strict(vault, 99, restorable=True)
    vault.put(SECRET, "two")
    assert vault.get(SECRET) == "two"


@pytest.mark.usefixtures("hurried")
def test_a_name_that_stays_taken_is_told(vault, monkeypatch):
    monkeypatch.setattr(vaults, "DELETION_SECONDS", 0)
    Strict(vault, 99)
    with pytest.raises(SecretInDeletion) as told:
        vault.put(SECRET, "one")
    assert "--force-delete-without-recovery" in told.value.remediation


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
