"""What runs beside a release that is deployed, and what of it counts as running."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("service/module_utils/service_start.py")


@pytest.fixture(scope="module")
def units(plugin):
    return plugin("service/module_utils/service_release.py")


@pytest.fixture(scope="module")
def tidying(plugin):
    return plugin("service/module_utils/service_tidy.py")


class Host:
    """systemd as the module asks it: states by unit, and what it was told to do."""

    def __init__(self, states):
        self.states, self.told = states, []

    def run(self, *words, check=True):
        if words[0] in ("is-active", "is-enabled"):
            return int(self.states.get(words[-1], ("inactive", "dead"))[0] != "active"), ""
        self.told.append(words)
        return 0, ""

    def show(self, names, *_properties):
        found = [self.states.get(name, ("inactive", "dead")) for name in names]
        return [{"ActiveState": one, "SubState": sub} for one, sub in found]


def release(units, states, fixed=True, name="new", jobs=None):
    params = {
        "application": "shop",
        "release": name,
        "processes": {"web": "serve", "worker": "work"},
        "path": [],
        "variables": {},
        "port": 3000,
        "port_fixed": fixed,
        "protocol": "http",
        "memory": None,
        "restart": "on-failure",
        "jobs": jobs or {},
    }
    return units.Release(params, Host(states))


@pytest.fixture
def there(module, tidying, monkeypatch):
    """Units of three releases, each with its folder."""
    names = ("live", "cancelled", "drained")
    found = {one: [f"shop-web-{one}.service", f"shop-{one}.target"] for one in names}
    for one in (module, tidying):
        monkeypatch.setattr(one, "releases", lambda _application: found)
    monkeypatch.setattr(module.os.path, "isdir", lambda _path: True)
    return found


@pytest.mark.parametrize(
    ("live", "draining", "expected"),
    [
        ({"new", "live"}, [], ["cancelled", "drained"]),
        ({"new", "live"}, ["drained"], ["cancelled"]),
        ({"new", None}, [], ["cancelled", "drained", "live"]),
        ({"cancelled", "live"}, ["drained"], []),
    ],
)
def test_releases_that_nothing_needs(tidying, live, draining, expected):
    assert tidying.stale(["live", "cancelled", "drained"], live, draining) == expected


@pytest.mark.parametrize(
    ("state", "sub", "up"),
    [
        ("active", "running", True),
        ("activating", "start", True),
        ("reloading", "reload", True),
        ("activating", "auto-restart", False),
        ("failed", "failed", False),
        ("deactivating", "stop-sigterm", False),
        ("inactive", "dead", False),
    ],
)
def test_a_process_that_waits_for_its_next_try_does_not_run(units, state, sub, up):
    assert units.is_up({"ActiveState": state, "SubState": sub}) is up


def test_what_is_down_is_named(units):
    states = {
        "shop-web-new.service": ("activating", "auto-restart"),
        "shop-worker-new.service": ("active", "running"),
    }
    assert release(units, states).down() == ["shop-web-new.service"]


def test_a_cancelled_release_is_stopped_before_the_next_is_started(units, tidying, there):
    running = ("active", "running")
    states = {name: running for one in ("live", "cancelled") for name in there[one]}
    states.update(dict.fromkeys(there["drained"], running))
    states["shop-drain.drained.service"] = running
    deployed = release(units, states)
    assert tidying.tidy(deployed, "live") is True
    assert deployed.systemd.told == [
        ("disable", "--quiet", "shop-cancelled.target"),
        ("stop", *there["cancelled"]),
    ]


def test_a_host_that_is_in_order_is_left_alone(units, tidying, there):
    deployed = release(units, dict.fromkeys(there["live"], ("active", "running")))
    assert tidying.tidy(deployed, "live") is False
    assert deployed.systemd.told == []


def test_the_units_of_a_removed_release_are_removed(units, tidying, there, monkeypatch):
    removed = []
    monkeypatch.setattr(tidying.os.path, "isdir", lambda path: not path.endswith("cancelled"))
    monkeypatch.setattr(tidying, "remove_units", lambda _systemd, names: removed.extend(names))
    assert tidying.tidy(release(units, {}), "live") is True
    assert removed == there["cancelled"]


@pytest.mark.parametrize("fixed", [True, False])
def test_a_fixed_port_is_for_one_web_alone(module, units, there, fixed):
    states = {
        "shop-web-live.service": ("active", "running"),
        "shop-web-drained.service": ("deactivating", "stop-sigterm"),
    }
    deployed = release(units, states, fixed, name="cancelled")
    assert module.make_room(deployed) is fixed
    webs = ("shop-web-live.service", "shop-web-drained.service")
    assert deployed.systemd.told == ([("stop", *webs)] if fixed else [])


CLEAN, WHEN = "shop-clean.new.service", "shop-clean.new.timer"
JOBS = {"clean": {"command": "rm x", "calendar": ["*-*-* 03:00:00 UTC"]}}


@pytest.fixture
def on_disk(units, monkeypatch):
    """Whose units are on the host: files by release."""
    found = {}
    monkeypatch.setattr(units, "releases", lambda _application: found)
    return found


@pytest.mark.parametrize(
    ("state", "different", "told"),
    [
        ("inactive", {}, [("restart", WHEN)]),
        ("active", {}, []),
        ("active", {WHEN}, [("restart", WHEN)]),
    ],
)
def test_a_job_has_its_timer_run(module, units, on_disk, state, different, told):
    on_disk["new"] = [CLEAN, WHEN]
    deployed = release(units, {WHEN: (state, "waiting")}, jobs=JOBS)
    assert module.schedule(deployed, different) is bool(told)
    assert deployed.systemd.told == told
    assert deployed.services == ["shop-web-new.service", "shop-worker-new.service"]


def test_a_host_that_is_not_the_first_any_more_has_its_timers_stopped(
    module, units, on_disk, monkeypatch
):
    removed = []
    monkeypatch.setattr(module, "remove_units", lambda _systemd, names: removed.extend(names))
    on_disk["new"] = [CLEAN, WHEN, "shop-web-new.service", "shop-proxy.new.service"]
    deployed = release(units, {})
    assert module.schedule(deployed, {}) is True
    assert deployed.systemd.told == [("stop", WHEN)]
    assert removed == [WHEN, CLEAN]


def test_a_job_of_a_release_that_is_not_needed_ends_by_itself(units, tidying, there):
    job = ["shop-clean.drained.service", "shop-clean.drained.timer"]
    there["drained"] += job
    states = dict.fromkeys(there["drained"], ("active", "running"))
    deployed = release(units, states)
    assert tidying.tidy(deployed, "live") is True
    stopped = ["shop-web-drained.service", "shop-drained.target", job[1]]
    assert deployed.systemd.told[-1] == ("stop", *stopped)


@pytest.mark.parametrize(
    "job",
    [
        {"command": " ", "calendar": ["hourly UTC"]},
        {"command": "x", "calendar": []},
        {"command": "x", "calendar": ["hourly\nOnBootSec=1"]},
    ],
)
def test_a_job_without_command_or_calendar_is_refused(module, units, job):
    params = release(units, {}).params
    assert "the job clean has" in module.problem({**params, "jobs": {"clean": job}})
