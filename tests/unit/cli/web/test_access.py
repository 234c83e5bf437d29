"""Who is let in: a browser with the token, that means us, to read."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

import uikit
from autodeploy.cli.web.access import Access
from autodeploy.cli.web.addresses import application

PORT = 34567
PLACES = ["/", "/applications/shop/production", "/deployments/x", "/deployments/x/events", "/no"]


@pytest.fixture
def access():
    return Access(PORT)


@pytest.fixture
def stranger(home, access):
    """A browser that has no token."""
    return TestClient(application(uikit.reader(), access), base_url=f"http://127.0.0.1:{PORT}")


@pytest.fixture
def browser(stranger, access):
    stranger.get(access.address)
    return stranger


@pytest.mark.parametrize("place", [*PLACES, "/?token=", "/?token=wrong", "/?token=%C3%A9"])
def test_without_the_token_nothing_is_told(stranger, access, place):
    for answer in (stranger.get(place), stranger.get(place, headers={"cookie": "autodeploy=x"})):
        assert answer.status_code == 403
        assert "autodeploy ui" in answer.text
        assert access.token not in answer.text
    wrong = {"cookie": f"{access.cookie}={access.token}x"}
    assert stranger.get(place, headers=wrong).status_code == 403


def test_the_token_is_left_behind_and_kept_from_scripts_and_other_sites(stranger, access):
    answer = stranger.get(access.address)
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.text
    assert access.token not in answer.text + repr(access)
    kept = answer.headers["set-cookie"].lower()
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert "expires" not in kept
    assert "max-age" not in kept
    assert stranger.get("/").status_code == 200
    assert stranger.get("/no").status_code == 404


def test_the_token_lets_in_at_the_front_alone(stranger, access):
    assert stranger.get(f"/deployments/x?token={access.token}").status_code == 403


def test_each_run_has_a_token_of_its_own():
    tokens = {Access(PORT).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "localhost", ""),
        *(f"localhost.evil.example:{PORT}", f"127.0.0.1.evil.example:{PORT}", f"[::1]:{PORT}"),
    ],
)
def test_a_foreign_name_that_leads_here_is_told_nothing(browser, access, host):
    for place in [*PLACES, access.address]:
        answer = browser.get(place, headers={"host": host})
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
    assert browser.get("/", headers={"host": f"localhost:{PORT}"}).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"])
def test_it_is_for_reading(browser, method):
    for place in PLACES:
        answer = browser.request(method, place)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
    assert browser.head("/").status_code == 200


def test_every_answer_keeps_others_out(browser, access, monkeypatch):
    answers = [browser.get(place) for place in PLACES]
    answers += [browser.post("/"), browser.get("/", headers={"host": "x"})]
    answers += [browser.get(access.address), browser.get("/", headers={"cookie": ""})]
    monkeypatch.setattr("autodeploy.cli.web.reader._applications", lambda: 1 / 0)
    answers.append(browser.get("/"))
    assert {one.status_code for one in answers} == {200, 400, 403, 404, 405, 500}
    for one in answers:
        policy = one.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["cross-origin-resource-policy"] == "same-origin"
        assert "Traceback" not in one.text
