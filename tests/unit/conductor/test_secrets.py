"""Secrets: kept before they are named, given to releases, and never written down."""

from __future__ import annotations

import json
import sys

import pytest

import moto_api
import storykit
from autodeploy import conductor
from autodeploy.aws import SecretVersions
from autodeploy.conductor import secrets
from autodeploy.contracts import DeploymentStatus
from autodeploy.errors import NotDeployed, SecretsLost, SecretsMissing
from autodeploy.settings import Settings

pytestmark = pytest.mark.slow

CANARY = "canary-Kq2vX9 '\"$%`\\ ☃"
NAME = "autodeploy/shop/production/variables"
REQUIRED = "secrets: {STRIPE_KEY: {}, SECRET_KEY: {generate: 40}}\n"


@pytest.fixture
def world(tmp_path):
    with storykit.world(tmp_path) as one:
        yield one


def manager():
    return moto_api.client("secretsmanager")


def there():
    """The secret, as AWS describes it; None where there is none."""
    found = manager().list_secrets()["SecretList"]
    return next((one for one in found if one["Name"] == NAME), None)


def declare(world, text):
    (world.repository / "autodeploy.yml").write_text(text)
    world.commit(text)


def completed(state):
    assert state.status is DeploymentStatus.COMPLETED, state.error
    return state


def test_set_before_the_first_deployment_they_reach_it(world):
    completed(world.set(STRIPE_KEY=CANARY))
    assert (world.known.live, world.known.region) == (None, moto_api.REGION)
    state = completed(world.deploy())
    assert world.given == {"STRIPE_KEY": CANARY}
    assert state.deployment.secrets == world.known.secrets.version


def test_a_change_makes_another_release_of_the_same_commit(world):
    first = world.deploy()
    world.commit("not deployed")
    before = world.serving
    completed(world.set(A="1"))
    assert world.serving == before
    second = completed(world.release_again())
    assert (second.commit, second.artifact) == (first.commit, first.artifact)
    assert world.serving != before
    assert world.given == {"A": "1"}
    completed(world.set(B="2"))
    completed(world.release_again())
    assert world.given == {"A": "1", "B": "2"}
    completed(world.set("A"))
    completed(world.release_again())
    assert world.given == {"B": "2"}
    changes = [one.changes for one in conductor.releases(
        world.store.states("shop", "production"), world.known)]  # fmt: skip
    assert changes == [("the first",), ("secrets: A",), ("secrets: B",), ("secrets: A",)]


def test_another_release_deletes_no_data_that_its_first_command_agreed_to(world):
    command = conductor.Command(
        str(world.repository), "shop", {"target": "lab"}, Settings(target="lab"),
        yes_data=True, refresh=True,
    )  # fmt: skip
    conductor.deploy(command, world.environment)
    again = conductor.live_again(world.known, None)
    assert (again.yes_data, again.refresh) == (False, False)


def test_the_same_value_again_changes_nothing(world):
    world.set(A="1", B="2")
    before = world.known.secrets
    again = completed(world.set(A="1"))
    assert (again.changed, world.known.secrets) == (False, before)


def test_what_was_set_before_keeps_its_mark(world):
    world.set(A="1")
    first = world.known.secrets.names["A"]
    world.set(B="2")
    assert world.known.secrets.names["A"] == first
    world.set(A="3")
    assert world.known.secrets.names["A"].at > first.at


def test_a_rollback_brings_the_old_values_back(world):
    world.set(A="old")
    world.deploy()
    before = world.known.secrets
    world.set(A="new", B="2")
    world.release_again()
    assert world.given == {"A": "new", "B": "2"}
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK
    assert world.given == {"A": "old"}
    assert world.known.secrets == before
    world.set(C="3")
    world.release_again()
    assert world.given == {"A": "old", "C": "3"}


def test_a_rollback_is_newer_than_what_was_set_before_it_without_a_release(world):
    world.set(A="old")
    world.deploy()
    before = world.known.secrets
    world.set(A="new")
    world.release_again()
    world.set(A="newest")
    world.rollback()
    assert world.known.secrets == before


def test_a_rollback_to_before_all_secrets_leads_to_none(world):
    world.deploy()
    world.set(A="1")
    world.release_again()
    world.rollback()
    assert world.known.secrets is None
    world.set(B="2")
    world.release_again()
    assert world.given == {"B": "2"}


def test_values_are_nowhere_on_this_machine(world):
    world.set(A=CANARY)
    world.deploy()
    world.set(B=CANARY)
    world.release_again()
    world.rollback()
    assert world.given == {"A": CANARY}
    written = {json.dumps(CANARY)[1:-1].encode(), CANARY.encode(), b"Kq2vX9"}
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert [one for one in files for text in written if text in one.read_bytes()] == []


def test_what_is_asked_for_is_generated_once(world):
    declare(world, "secrets: {SECRET_KEY: {generate: 40}}\n")
    completed(world.deploy())
    first = world.given["SECRET_KEY"]
    assert len(first) == 40
    world.commit("two")
    completed(world.deploy())
    assert world.given == {"SECRET_KEY": first}


@pytest.mark.parametrize("calls", [1, 2])
def test_killed_while_they_are_made_they_are_made_once(world, calls):
    """After the secret is there, and after it has a value."""
    declare(world, "secrets: {SECRET_KEY: {generate: 40}}\n")
    killed = world.killed(calls)
    assert (killed.secrets, killed.intended) == (None, ("variables",))
    assert conductor.orphans(world.environment).orphans == ()
    completed(world.retry())
    assert len(world.given["SECRET_KEY"]) == 40
    assert world.known.secrets.id == there()["ARN"]
    world.rollback()
    assert there() is None


@pytest.mark.parametrize("calls", [1, 2])
def test_killed_while_they_are_made_a_rollback_takes_them(world, calls):
    declare(world, "secrets: {SECRET_KEY: {generate: 40}}\n")
    world.killed(calls)
    assert there()
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK
    assert there() is None


def test_what_nobody_can_generate_ends_it_before_anything_is_made(world):
    declare(world, REQUIRED)
    state = world.deploy()
    assert state.status is DeploymentStatus.FAILED
    assert "STRIPE_KEY" in state.error.message
    assert "`autodeploy secrets set shop STRIPE_KEY -e production --target lab`" in (
        state.error.remediation
    )
    assert moto_api.writes(moto_api.cloud()) == []
    assert not any(stage.agent in {"compiler", "provisioner"} for stage in state.stages)
    world.set(STRIPE_KEY=CANARY)
    completed(world.retry())
    assert world.given.keys() == {"STRIPE_KEY", "SECRET_KEY"}


@pytest.mark.parametrize(("said", "told"), [("eu-west-1", " --region eu-west-1"), (None, "")])
def test_before_anything_is_there_the_advice_says_where_it_is_to_be(said, told):
    """As `secrets set` wants it of what nothing is known of."""
    settings = Settings(target="aws", region=said, secrets={"A": {}})
    command = conductor.Command(None, "shop", {}, settings)
    with pytest.raises(SecretsMissing) as caught:
        secrets.generated(settings, None, command)
    words = f"`autodeploy secrets set shop A -e production --target aws{told}`"
    assert words in caught.value.remediation


def test_what_the_environment_gives_openly_is_not_asked_for(world):
    declare(world, "secrets: {STRIPE_KEY: {}}\nenv: {STRIPE_KEY: sandbox}\n")
    completed(world.deploy())
    assert world.given == {}


def test_whose_database_it_is_a_secret_says_too(world):
    completed(world.set(DATABASE_URL="postgresql://u:p@db.example.com/shop"))
    completed(world.deploy())
    assert moto_api.of("AWS::RDS::DBInstance") == []


def test_they_go_with_the_application(world):
    world.set(A="1")
    world.deploy()
    completed(conductor.destroy(world.command(), world.environment))
    assert there() is None
    assert world.known.secrets is None
    assert not moto_api.of("AWS::SecretsManager::Secret")


def test_they_go_though_nothing_was_ever_deployed(world):
    world.set(A="1")
    completed(conductor.destroy(world.command(), world.environment))
    assert there() is None
    again = completed(conductor.destroy(world.command(), world.environment))
    assert not again.changed


def test_the_rollback_of_a_first_deployment_leaves_what_somebody_has_set(world):
    world.set(A="1")
    world.deploy()
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK
    assert there()
    assert (world.known.secrets.names.keys(), world.known.region) == ({"A"}, moto_api.REGION)
    completed(world.deploy())
    assert world.given == {"A": "1"}


def test_the_rollback_of_a_first_deployment_takes_what_it_has_generated(world):
    declare(world, "secrets: {SECRET_KEY: {generate: 40}}\n")
    world.breaks = {"compiler"}
    assert world.deploy().status is DeploymentStatus.FAILED
    assert there()
    assert world.rollback().status is DeploymentStatus.ROLLED_BACK
    assert there() is None
    assert world.known.secrets is None


def test_what_is_half_removed_takes_no_secrets(world):
    world.deploy()
    world.breaks, world.call = {"provisioner"}, 3
    with world._refusing():
        conductor.destroy(world.command(), world.environment)
    world.breaks = set()
    state = world.set(A="1")
    assert "half removed" in state.error.message
    assert there() is None
    completed(conductor.destroy(world.command(), world.environment))


def test_ten_versions_keep_a_label_whatever_is_changed(world):
    """AWS takes a label from the version that had it; moto drops more of them."""
    labels, versions = {}, []

    def said(params, **_):
        labels.update(dict.fromkeys(params["VersionStages"], params["ClientRequestToken"]))

    with moto_api.hook("provide-client-params.secrets-manager.PutSecretValue", said):
        for number in range(12):
            world.set(A=str(number))
            versions.append(world.known.secrets.version)
            if number == 5:
                world.deploy()
    assert labels.pop("AWSCURRENT") == versions[-1]
    assert sorted(labels.values()) == sorted(versions[-10:])


def test_the_secret_is_tagged_as_ours(world):
    state = world.set(A="1")
    tags = {one["Key"]: one["Value"] for one in there()["Tags"]}
    assert tags["autodeploy:managed-by"] == "autodeploy"
    assert tags["autodeploy:deployment"] == state.id
    assert conductor.orphans(world.environment).orphans == ()


def test_without_a_state_it_is_an_orphan_that_can_be_adopted(world):
    world.set(A="1")
    world.forget()
    (found,) = conductor.orphans(world.environment).orphans
    assert (found.application, found.resource.key) == ("shop", "variables")
    conductor.adopt(world.command(), world.environment)
    assert world.known.secrets.names.keys() == {"A"}
    assert conductor.orphans(world.environment).orphans == ()
    completed(world.deploy())
    assert world.given == {"A": "1"}


def test_what_somebody_has_deleted_is_told_and_can_be_given_anew(world):
    world.set(A="1", B="2")
    world.deploy()
    manager().delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    world.commit("two")
    failed = world.deploy()
    assert failed.status is DeploymentStatus.FAILED
    assert "has no version" in failed.error.message
    assert "autodeploy secrets import" in failed.error.remediation
    assert "has no version" in world.set(A="1").error.message
    completed(world.set(A="3", B="4"))
    completed(world.deploy())
    assert world.given == {"A": "3", "B": "4"}


def test_drift_tells_that_they_are_gone(world, monkeypatch):
    module = sys.modules["autodeploy.conductor.drift"]
    monkeypatch.setattr(module, "_on_hosts", lambda *_: ((), ()))
    world.set(A="1")
    world.deploy()
    looked = lambda: conductor.drift(world.known, world.command().settings, world.environment)  # noqa: E731
    assert looked().differences == ()
    manager().delete_secret(SecretId=NAME)
    (found,) = looked().differences
    assert "scheduled for deletion" in found.reason[0]
    assert manager().describe_secret(SecretId=NAME)["DeletedDate"]
    manager().delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    (found,) = looked().differences
    assert (found.what, found.kind) == ("secrets", "missing")


def test_of_one_that_is_not_there_nothing_is_asked_that_goes_by_its_tags(world):
    """AWS refuses that, and says nothing of whether it is there."""
    place, asked = SecretVersions(moto_api.cloud(), NAME, []), []
    with moto_api.hook("before-call.secrets-manager", lambda model, **_: asked.append(model.name)):
        assert (place.current(), place.find(), place.delete()) == (None, None, None)
        with pytest.raises(SecretsLost):
            place.get("v1")
        assert "no version v1" in place.missing("v1")
    assert {*asked} == {"DescribeSecret"}


def test_one_that_waits_for_its_deletion_is_restored(world):
    world.set(A="1")
    manager().delete_secret(SecretId=NAME)
    completed(world.set(B="2"))
    world.deploy()
    assert world.given == {"A": "1", "B": "2"}


def test_more_than_a_secret_can_hold_is_refused(world):
    state = world.set(A="x" * 65_536)
    assert "65536 is the most" in state.error.message
    assert there() is None


def test_nothing_is_made_again_where_nothing_is_live(world):
    world.set(A="1")
    with pytest.raises(NotDeployed):
        conductor.live_again(world.known, None)
