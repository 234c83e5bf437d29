"""What the pages show, and what becomes of addresses that nobody has made."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

import uikit
from autodeploy.cli.web.access import Access
from autodeploy.cli.web.addresses import application
from autodeploy.contracts import DeploymentStatus, ErrorReport
from autodeploy.journal import DirectoryStore
from autodeploy.journal import events as e
from statekit import created, running

EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture
def store(home):
    return DirectoryStore(home)


@pytest.fixture
def browser(home):
    access = Access(34567)
    made = TestClient(application(uikit.reader(), access), base_url="http://127.0.0.1:34567")
    made.get(access.address)
    return made


def deployed(store, status=DeploymentStatus.COMPLETED, **more):
    journal = created(store, **more)
    journal.write(e.StatusChanged(status=DeploymentStatus.RUNNING))
    journal.write(e.ReleaseActivated(deployment=running()))
    if status is not DeploymentStatus.RUNNING:
        journal.write(e.StatusChanged(status=status))
    return journal


def test_nothing_is_deployed(browser):
    assert "Nothing is deployed" in browser.get("/").text


def test_from_applications_to_deployments_to_a_report(browser, store):
    first, second = (deployed(store).state.id for _ in range(2))
    deployed(store, environment="staging")
    front = browser.get("/").text
    assert 'href="/applications/shop/production"' in front
    assert 'href="/applications/shop/staging"' in front
    assert 'href="http://192.0.2.1/"' in front
    assert f'href="/deployments/{second}"' in front
    assert f'href="/deployments/{first}"' not in front
    them = browser.get("/applications/shop/production").text
    assert 0 < them.index(f'href="/deployments/{second}"') < them.index(f"/deployments/{first}")
    page = browser.get(f"/deployments/{first}").text
    assert 'href="/applications/shop/production"' in page
    assert "the deployment is completed" in page
    assert 'id="live"' not in page


def test_one_that_runs_goes_on_and_one_whose_process_is_gone_does_not(browser, store):
    with uikit.worked_on(store) as journal:
        page = browser.get(f"/deployments/{journal.state.id}").text
        assert f'data-events="/deployments/{journal.state.id}/events" data-seq="3"' in page
        assert "deployer at work" in page
        head = browser.head(f"/deployments/{journal.state.id}/events")
        assert (head.status_code, head.text) == (200, "")
        assert "interrupted" not in browser.get("/").text.partition("</style></head>")[2]
    for place in ("/", "/applications/shop/production", f"/deployments/{journal.state.id}"):
        assert 'class="badge interrupted"' in browser.get(place).text
    assert 'id="live"' not in browser.get(f"/deployments/{journal.state.id}").text


def test_who_works_works_on_the_newest(browser, store):
    gone = deployed(store, DeploymentStatus.RUNNING).state.id
    with uikit.worked_on(store) as journal:
        assert 'class="badge interrupted"' in browser.get(f"/deployments/{gone}").text
        assert 'id="live"' in browser.get(f"/deployments/{journal.state.id}").text
        them = browser.get("/applications/shop/production").text
        assert them.count('class="badge interrupted"') == 1


HOSTILE = [
    *("..", "%2e%2e", "..%2fdeployments", "%2fetc%2fpasswd", "%00", "a" * 5000, "*", "//x", ""),
    *("%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%E2%80%AE", "%ff%fe"),
]


def test_what_is_no_id_or_name_is_not_there(store):
    deployed(store)
    with uikit.served() as access:
        for name in HOSTILE:
            for place in (f"/deployments/{name}/events", f"/applications/shop/{name}"):
                # As it is: clients that are kinder take dots away.
                with uikit.asked(access, place) as answer:
                    text = answer.read().decode()
                assert answer.status == 404, place
                assert "<script>alert" not in text
                assert "\u202e" not in text
                assert "What to do" in text


def test_what_was_said_is_text(browser, store):
    journal = deployed(store, DeploymentStatus.RUNNING)
    uikit.said(journal, EVIL)
    journal.write(e.ResourceDone(action="create", key=EVIL, type=EVIL, id=EVIL))
    error = ErrorReport(
        agent=EVIL, step=None, host=None, message=EVIL, cause=EVIL, remediation=EVIL
    )
    journal.write(e.Failed(error=error))
    journal.write(e.StatusChanged(status=DeploymentStatus.FAILED))
    for place in ("/", "/applications/shop/production", f"/deployments/{journal.state.id}"):
        text = browser.get(place).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text
        assert "\u202e" not in text


def test_a_state_that_cannot_be_read_is_told_beside_the_others(browser, store):
    deployed(store, environment="staging")
    identifier = deployed(store).state.id
    with store.log(identifier).path.open("a") as file:
        file.write("nonsense\n")
    front = browser.get("/")
    assert front.status_code == 200
    assert "shop (production): line 5 of" in front.text
    assert 'href="/applications/shop/staging"' in front.text
    for place in ("/applications/shop/production", f"/deployments/{identifier}"):
        answer = browser.get(place)
        assert answer.status_code == 500
        assert "is no event" in answer.text
        assert "take it from a backup" in answer.text


def test_a_mistake_of_ours_is_a_page(browser, monkeypatch):
    monkeypatch.setattr("autodeploy.cli.web.reader._applications", lambda: 1 / 0)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.text
    assert "Traceback" not in answer.text
