"""The pages in a real browser: alone, live, on a phone, in the dark, for everybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

import uikit
from autodeploy.cli.web import stream
from autodeploy.contracts import DeploymentStatus
from autodeploy.journal import DirectoryStore
from autodeploy.journal import events as e
from autodeploy.pages import site
from browserkit import ALONE
from statekit import running

pytestmark = pytest.mark.slow
LONG = "/srv/" + "x" * 300


def complete(journal):
    journal.write(e.ReleaseActivated(deployment=running()))
    journal.write(e.StageEnded(agent="deployer", ok=True))
    journal.write(e.StatusChanged(status=DeploymentStatus.COMPLETED))


def check(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_deployment_is_followed_to_its_end(home, monkeypatch, scheme, width):
    monkeypatch.setattr(stream, "EVERY_SECONDS", 0.1)
    store = DirectoryStore(home)
    with sync_playwright() as driver, uikit.served() as access, uikit.worked_on(store) as journal:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=ALONE)
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        asked: list[str] = []
        wrong: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("console", lambda one: wrong.append(one.text))
        page.on("pageerror", lambda one: wrong.append(str(one)))

        # As `--open` does: what leads from elsewhere is no navigation of our own pages'.
        led = home / "led.html"
        led.write_text(site.entry(access.address, datetime.now(UTC)))
        page.goto(led.as_uri())
        front = f"http://127.0.0.1:{access.port}/"
        page.wait_for_url(front)
        check(page, width)
        page.get_by_role("link", name="shop (production)").click()
        check(page, width)
        page.get_by_role("link", name="20").first.click()

        lines = page.locator(".log li")
        expect(page.locator("#says")).to_have_text("deployer at work")
        uikit.said(journal, f"<b>bold</b> {LONG}")
        expect(lines.last).to_contain_text(f"<b>bold</b> {LONG}")
        page.fill("#words", "needle")
        uikit.said(journal, "hay")
        uikit.said(journal, "a needle")
        expect(page.locator(".log li:visible")).to_have_count(1)
        page.fill("#words", "")
        check(page, width)

        complete(journal)
        expect(page.locator("#live")).to_have_count(0)
        expect(page.locator(".badge").first).to_contain_text("completed")
        check(page, width)
        assert wrong == []
        assert [one for one in asked if not one.startswith((front, led.as_uri(), "data:,"))] == []
        browser.close()
