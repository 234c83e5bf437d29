"""After a failure: the deployment goes on where it failed, or everything that it made goes."""

from __future__ import annotations

import shutil

import pytest

from autodeploy.lab import client
from roadkit import ROOT, autodeploy, deploy, live, on_host

pytestmark = pytest.mark.lab
NAME = "ways-on"
READY = f"/srv/{NAME}/shared/ready"


@pytest.fixture(scope="module")
def app(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apps") / NAME
    shutil.copytree(ROOT / "examples/go-hello", folder)
    (folder / "autodeploy.yml").write_text(f"release_command: test -e {READY}\n")
    yield folder
    autodeploy("destroy", NAME, "--yes")


def test_it_goes_on_where_it_failed_and_a_first_one_is_undone_as_a_whole(app):
    before = client.snapshot()
    failed = deploy(app, code=1)
    identifier = failed["deployment_id"]
    back = f"autodeploy rollback {identifier}"
    assert failed["next"] == [f"autodeploy retry {identifier}", back]
    assert autodeploy("status", NAME)["next"] == failed["next"]
    assert on_host(NAME, f"sudo touch {READY}").returncode == 0

    done = autodeploy("retry", identifier)
    assert (done["status"], done["error"], done["next"]) == ("completed", None, [])
    assert done["deployment_id"] == identifier
    assert (done["hosts"], done["resources"]) == (failed["hosts"], failed["resources"])
    assert live(done) == done["release"]

    undone = autodeploy("rollback", identifier, "--yes")
    assert (undone["status"], undone["error"], undone["resources"]) == ("rolled_back", None, [])
    assert client.snapshot() == before


def test_a_first_one_that_fails_is_undone_by_itself_where_that_was_asked_for(app):
    failed = deploy(app, "--on-failure", "rollback", code=1)
    assert (failed["status"], failed["resources"]) == ("rolled_back", [])
    assert "release command" in failed["failure"]["cause"]
