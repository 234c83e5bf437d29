"""The policy that is printed, and that docs/iam.md shows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from autodeploy.aws import inspectorgrants, stategrants
from autodeploy.cli.main import autodeploy
from autodeploy.contracts import TechStack
from autodeploy.errors import AutodeployError, UsageError
from autodeploy.provisioner import kinds, policy
from autodeploy.settings import Settings

ROOT = Path(__file__).parents[3]
BLOCKS = [one.partition("```")[0] for one in (ROOT / "docs/iam.md").read_text().split("```json")]
STACK = TechStack(language="python", processes={"web": "run"})


def sids(said):
    return [statement["Sid"] for statement in said.document["Statement"]]


def run(*words):
    done = CliRunner().invoke(autodeploy, ["iam-policy", *words], catch_exceptions=True)
    if isinstance(done.exception, AutodeployError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def test_the_documentation_shows_what_is_printed(home):
    assert json.loads(BLOCKS[1]) == json.loads(run().stdout), "paste what `iam-policy` prints"


def test_the_documentation_shows_what_may_be_asked_beforehand():
    said = json.loads(BLOCKS[2])
    assert said["Action"] == sorted(policy.ASKED_BEFOREHAND)
    assert any(json.dumps(said) in note for note in policy.of_everything().notes)


def test_everything_is_every_kind():
    everything = {
        one for said in policy.of_everything().document["Statement"] for one in said["Action"]
    }
    assert {f"ec2:Describe{name}" for name in ("Vpcs", "Instances", "KeyPairs")} <= everything
    for kind in kinds.KINDS:
        for said in policy._of([kind.type]).document["Statement"]:
            assert set(said["Action"]) <= everything


def test_an_application_takes_no_more_than_everything():
    said = policy.of(STACK, Settings())
    assert set(sids(said)) <= set(sids(policy.of_everything()))
    assert "Look" in sids(said)


def test_kinds_bring_their_statements_and_their_notes():
    said = policy._of(["AWS::EC2::Instance", "AWS::RDS::DBInstance"])
    assert {"LetRdsKeepTheMasterPassword", "LetRdsHaveItsRole", "FindDebian"} <= set(sids(said))
    assert any("CreateServiceLinkedRole is needed once" in note for note in said.notes)
    assert all("RDS" not in note for note in policy._of(["AWS::EC2::Instance"]).notes)


def test_the_policy_of_a_repository_asks_nothing_of_aws(home, monkeypatch):
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    done = run(str(ROOT / "examples/go-hello"), "--hosts", "2")
    assert "Make" in [one["Sid"] for one in json.loads(done.stdout)["Statement"]]
    assert "note: " in done.stderr


def test_a_state_in_a_bucket_is_allowed_there_and_nowhere_else(home):
    plain = json.loads(run().stdout)["Statement"]
    for place, objects in (("s3://acme/team/x", "acme/team/x/*"), ("s3://acme", "acme/*")):
        said = json.loads(run("--state", place).stdout)["Statement"]
        assert said[: len(plain)] == plain
        more = {one["Sid"]: one for one in said[len(plain) :]}
        assert more["KeepTheState"]["Resource"] == f"arn:aws:s3:::{objects}"
        assert more["KeepTheState"]["Action"] == ["s3:GetObject", "s3:PutObject"]
        assert more["FindTheState"]["Resource"] == "arn:aws:s3:::acme"
        assert set(more) == {"KeepTheState", "FindTheState", "KeepTheKeys"}


def test_the_documentation_of_the_state_shows_what_is_printed_more(home):
    text = (ROOT / "docs/state.md").read_text().split("```json")[1].partition("```")[0]
    assert json.loads(text)["Statement"] == stategrants.statements("BUCKET/PREFIX")


def test_the_documentation_shows_what_inspector_takes():
    text = (ROOT / "docs/iam.md").read_text().split("```json")[-1].partition("```")[0]
    assert json.loads(text)["Statement"] == inspectorgrants.statements()


def test_hosts_that_exist_need_no_policy(home):
    where = ("--target", "ssh", "--host", "admin@192.0.2.1")
    with pytest.raises(UsageError, match="asks nothing of AWS"):
        run(str(ROOT / "examples/go-hello"), *where)
