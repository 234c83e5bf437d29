"""Which version of an application's secrets holds, whatever was done in which order.

All clocks stand still here: no order comes from them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import DeploymentState, DeploymentStatus, Rollback, SecretVersion
from autodeploy.journal.application import application
from statekit import running

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMPLETED, FAILED = DeploymentStatus.COMPLETED, DeploymentStatus.FAILED


class Told:
    """The runs of an application, and the version that must hold: kept by hand."""

    def __init__(self):
        self.runs, self.standing = [], []
        self.number, self.holds = 0, None

    def _run(self, operation, status=COMPLETED, **more):
        made = DeploymentState(
            id=f"{len(self.runs):04}", operation=operation, application="shop",
            environment="production", target="lab", region="r", status=status, created_at=NOW,
            completed_at=NOW, **more,
        )  # fmt: skip
        self.runs.append(made)

    def set(self):
        self.number += 1
        self.holds = SecretVersion(
            version=f"v{self.number}", number=self.number, id="arn", names={}
        )
        self._run("configure", secrets=self.holds)

    def set_in_vain(self):
        self._run("configure", FAILED, intended=("variables",))

    def deploy(self):
        version = self.holds.version if self.holds else None
        self._run("deploy", deployment=running(f"r{len(self.runs)}", secrets=version))
        self.standing.append((len(self.runs) - 1, self.holds))

    def deploy_in_vain(self):
        self._run("deploy", FAILED)

    def back(self):
        if len(self.standing) > 1:
            undone, _ = self.standing.pop()
            to, self.holds = self.standing[-1]
            way = Rollback(leads_to=self.runs[to].id, secrets=self.number)
            otherwise = {"status": DeploymentStatus.ROLLED_BACK, "rollback": way}
            self.runs[undone] = self.runs[undone].model_copy(update=otherwise)

    def destroy(self):
        self._run("destroy")
        self.standing, self.holds = [], None


@given(st.lists(st.sampled_from([one for one in vars(Told) if one[0] != "_"]), max_size=14))
def test_it_is_the_newest_or_the_one_that_a_rollback_has_led_to(done):
    told = Told()
    for one in done:
        getattr(told, one)()
        if told.runs:
            assert application(told.runs).secrets == told.holds


def test_the_rollback_of_a_first_deployment_leaves_them_and_their_place():
    told = Told()
    told.set()
    told.deploy()
    gone = {"status": DeploymentStatus.ROLLED_BACK, "rollback": Rollback(leads_to=None, secrets=1)}
    told.runs[-1] = told.runs[-1].model_copy(update=gone)
    known = application(told.runs)
    assert (known.secrets, known.region, known.live) == (told.holds, "r", None)
    told.runs[-1] = told.runs[-1].model_copy(update={"removed": ("variables",)})
    assert application(told.runs).secrets is None
