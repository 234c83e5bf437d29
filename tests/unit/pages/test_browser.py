"""The page in a real browser: alone, on a phone, in the dark, for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from autodeploy import pages
from autodeploy.contracts import Finding, Resource, SecurityConfig, TopicReport
from autodeploy.journal import events as e
from autodeploy.journal.fold import fold
from browserkit import ALONE
from pagekit import FAILED, START, at

pytestmark = pytest.mark.slow
LONG = "/srv/" + "x" * 300


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    found = Finding(id="open", severity="high", resource="host-1", message=LONG)
    safe = SecurityConfig(
        hardened=True, reports=(TopicReport(topic="network", findings=(found,), verified=(LONG,)),)
    )
    said = [
        at(2, e.LogLine(agent="deployer", level=level, message=f"{level} {LONG}"))
        for level in ("debug", "info", "warning", "error")
    ]
    events = [*FAILED[:-1], *said, at(6, e.SecurityReviewed(security=safe)), FAILED[-1]]
    made = (("host-1", "AWS::EC2::Instance"), ("database", "AWS::RDS::DBInstance"))
    there = tuple(Resource(key=key, type=type_, id=LONG) for key, type_ in made)
    state = fold(events).model_copy(update={"resources": there, "by": LONG})
    page = pages.view(state, events, ("autodeploy retry d1",), START + timedelta(minutes=1))
    path = tmp_path_factory.mktemp("page") / "d1.html"
    path.write_text(pages.html(page))
    return path


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path="/usr/bin/chromium", args=ALONE)
        yield opened
        opened.close()


def shown(browser, file, scheme, width):
    """The page, and all that it has asked for or complained of."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    told: list[str] = []
    page.on("request", lambda one: told.append(one.url))
    page.on("console", lambda one: told.append(one.text))
    page.on("pageerror", lambda one: told.append(str(one)))
    page.goto(file.as_uri())
    return page, told


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_it_stands_alone_fits_and_is_for_everybody(browser, file, scheme, width):
    page, told = shown(browser, file, scheme, width)
    assert told == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    page.close()


def test_the_dark_is_dark(browser, file):
    backs = []
    for scheme in ("light", "dark"):
        page, _ = shown(browser, file, scheme, 800)
        backs.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert backs == ["rgb(246, 247, 249)", "rgb(14, 17, 22)"]


def test_the_log_can_be_searched_and_read_without(browser, file):
    page, _ = shown(browser, file, "light", 800)
    page.select_option("#level", "warning")
    page.fill("#words", "WARNING")
    lines = page.locator(".log li:visible")
    assert lines.count() == 1
    assert page.locator("#matches").inner_text().startswith("1 of ")
    page.close()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".log li:visible").count() > 4
    assert not page.locator(".filter").is_visible()
    context.close()
