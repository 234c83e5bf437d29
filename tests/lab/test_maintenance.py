"""`maintenance` on a real host: over a deployment, a rollback and a reboot."""

from __future__ import annotations

import shutil
import urllib.error

import pytest

from labkit import until
from roadkit import ROOT, autodeploy, deploy, get, on_host

pytestmark = pytest.mark.lab
APP = "flask-away"


@pytest.fixture(scope="module")
def folder(lab, tmp_path_factory):
    """A copy of the Flask example, which is deployed."""
    copied = tmp_path_factory.mktemp("apps") / APP
    shutil.copytree(ROOT / "examples/flask-notes", copied)
    deploy(copied)
    yield copied
    autodeploy("destroy", APP, "--yes")


def met(url):
    """What a visitor gets."""
    try:
        return get(url)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_visitors_meet_the_page_whatever_happens_behind_it(folder):
    url = autodeploy("status", APP)["live"]["url"]
    assert autodeploy("maintenance", "on", APP)["maintenance"] is True
    assert met(url)[0] == 503
    assert "Back soon" in met(url)[1]
    assert autodeploy("status", APP)["in_maintenance"] is True
    assert deploy(folder)["changed"] is False

    (folder / "maintenance.html").write_text("<h1>Ours</h1>")
    assert deploy(folder)["changed"] is True
    assert met(url) == (503, "<h1>Ours</h1>")

    grown = deploy(folder, "--hosts", 2, "--no-load-balancer")
    assert [met(f"http://{one['address']}/") for one in grown["hosts"]] == [
        (503, "<h1>Ours</h1>")
    ] * 2
    assert deploy(folder, "--hosts", 2, "--no-load-balancer")["changed"] is False

    on_host(APP, "sudo", "systemctl", "--no-block", "reboot")
    until(lambda: on_host(APP, "systemctl", "is-active", "nginx").stdout.strip() == "active", 120)
    assert met(url) == (503, "<h1>Ours</h1>")

    assert autodeploy("maintenance", "off", APP)["maintenance"] is False
    until(lambda: met(url)[0] == 200)
    assert autodeploy("status", APP)["in_maintenance"] is False
