"""A plan that was approved is of one deployment, and of no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from git import Actor, Repo

import moto_api
from autodeploy import conductor
from autodeploy.conductor.approval import FOLDER
from autodeploy.contracts import DeploymentStatus, SavedPlan
from autodeploy.errors import PlanOutdated
from autodeploy.settings import load
from recon_git import Talk

pytestmark = pytest.mark.slow
ME = Actor("me", "me@example.org")


class Site:
    """A repository of a static site, and the commands on it."""

    def __init__(self, folder: Path, store) -> None:
        self.repo = Repo.init(folder / "shop")
        self.commit("index.html", "<h1>one</h1>")
        self.environment = conductor.Environment(
            store=store, cache=folder / "cache", open_cloud=moto_api.cloud
        )

    def commit(self, name: str, text: str) -> str:
        (Path(self.repo.working_dir) / name).write_text(text)
        self.repo.index.add([name])
        return self.repo.index.commit(name, author=ME, committer=ME).hexsha

    def command(self, approved: SavedPlan | None = None, **flags) -> conductor.Command:
        flags = {"target": "lab", **flags}
        name = flags.get("name", "shop")
        return conductor.Command(
            repository=self.repo.working_dir,
            name=name,
            flags=flags,
            settings=load(flags),
            approved=approved,
        )

    def plan(self, **flags) -> SavedPlan:
        return conductor.plan(self.command(**flags), self.environment, Talk())

    def refusal(self, approved: SavedPlan, **flags) -> str:
        """Why a deployment with this plan fails, having changed nothing."""
        moto_api.cloud().calls.clear()
        state = conductor.deploy(self.command(approved, **flags), self.environment)
        assert state.status is DeploymentStatus.FAILED
        assert state.error.exit_code == 3
        assert state.error.message.endswith("nothing was changed")
        assert "autodeploy plan" in state.error.remediation
        assert moto_api.writes(moto_api.cloud()) == []
        return state.error.cause


@pytest.fixture
def site(tmp_path, store):
    with moto_api.api():
        yield Site(tmp_path, store)


def test_a_plan_says_what_it_is_of(site):
    said = site.plan().subject
    assert (said.application, said.environment, said.target) == ("shop", "production", "lab")
    assert (said.region, said.account) == (moto_api.REGION, "123456789012")
    assert said.commit == site.repo.head.commit.hexsha
    assert site.plan() == site.plan()


def test_another_commit(site):
    approved, before = site.plan(), site.repo.head.commit.hexsha
    after = site.commit("more.html", "more")
    assert site.refusal(approved) == f"commit: {before}, not {after}"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"hosts": 2}, "hosts: 1, not 2"),
        ({"image": "debian-13"}, "image: debian-12, not debian-13"),
    ],
)
def test_other_options(site, flags, told):
    assert site.refusal(site.plan(), **flags) == told


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"name": "other"}, "application: shop, not other"),
        ({"environment": "test"}, "environment: production, not test"),
    ],
)
def test_another_application_is_refused_and_not_begun(site, flags, told):
    approved = site.plan()
    with pytest.raises(PlanOutdated) as refused:
        conductor.deploy(site.command(approved, **flags), site.environment)
    assert refused.value.cause == told
    assert site.environment.store.applications() == []


@pytest.mark.parametrize(
    "changed", [{"account": "1"}, {"region": "x"}, {"path": "web"}, {"tool_version": "0"}]
)
def test_another_place(site, changed):
    saved = site.plan()
    other = saved.model_copy(update={"subject": saved.subject.model_copy(update=changed)})
    (name,) = changed
    assert site.refusal(other).startswith(f"{name.replace('_', ' ')}: {changed[name]}, not ")


def test_another_target_is_refused_before_anybody_is_asked(site):
    saved = site.plan()
    other = saved.model_copy(update={"subject": saved.subject.model_copy(update={"target": "aws"})})
    assert site.refusal(other) == "target: aws, not lab"
    assert moto_api.cloud().calls == []


def test_another_world(site):
    approved = site.plan()
    moto_api.client().create_vpc(CidrBlock="10.0.0.0/16")
    assert "vpc: cidr 10.0.0.0/16 then, 10.1.0.0/16 now" in site.refusal(approved)


def test_no_value_of_a_variable_is_in_a_plan_or_in_its_digest(site):
    site.commit("autodeploy.yml", "env:\n  TOKEN: s3cr3t\n")
    one = site.plan()
    site.commit("autodeploy.yml", "env:\n  TOKEN: another\n")
    two = site.plan()
    assert one.subject.settings == two.subject.settings
    assert "s3cr3t" not in one.model_dump_json()
    site.commit("autodeploy.yml", "env:\n  TOKEN: another\n  MORE: x\n")
    assert "MORE" in site.plan().subject.settings["env"]


def test_another_folder(site):
    approved = site.plan()
    other = approved.subject.model_copy(update={"stack": "0"})
    assert site.refusal(approved.model_copy(update={"subject": other})) == FOLDER


def test_another_release_is_live(site):
    approved = site.plan()
    other = approved.subject.model_copy(update={"live_release": "0123456789ab"})
    told = site.refusal(approved.model_copy(update={"subject": other}))
    assert told == "live release: 0123456789ab, not None"
