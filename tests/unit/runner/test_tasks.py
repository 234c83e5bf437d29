"""ansible-runner's raw events → typed ones."""

from __future__ import annotations

import pytest

from autodeploy.journal.events import StepEnded, StepStarted
from autodeploy.runner.redaction import Redactor
from autodeploy.runner.tasks import TaskListener

CANARY = "canary-1f0c"


@pytest.fixture
def listener(journal):
    secrets = {"environment_secrets": {"KEY": CANARY}}
    redactor = Redactor()
    redactor.hide(secrets)
    return TaskListener(journal.agent("deployer"), "deployer", redactor)


def raw(kind, task="Start it", **data):
    event_data = {"host": "shop-host-1", "task": task, "role": "service", "duration": 1.23456}
    return {"event": kind, "event_data": {**event_data, **data}}


def steps(journal):
    return [event for event in journal._events if isinstance(event, StepEnded)]


def test_no_event_is_written_by_ansible_runner(listener):
    assert listener({"event": "playbook_on_start"}) is False
    assert listener(raw("runner_on_ok", res={})) is False


@pytest.mark.parametrize(("counts", "changed"), [({}, False), ({"a": 0}, False), ({"a": 1}, True)])
def test_ansibles_own_count_says_whether_anything_changed(listener, counts, changed):
    hidden = {"censored": "the output has been hidden"}
    listener(raw("runner_on_ok", res=hidden))
    listener({"event": "playbook_on_stats", "event_data": {"changed": counts, "ok": {"a": 1}}})
    assert listener.changed is changed


@pytest.mark.parametrize(
    ("kind", "result", "outcome"),
    [
        ("runner_on_ok", {"changed": False}, "ok"),
        ("runner_on_ok", {"changed": True}, "changed"),
        ("runner_on_skipped", {}, "skipped"),
        ("runner_on_failed", {"msg": "no"}, "failed"),
        ("runner_on_unreachable", {"msg": "gone"}, "unreachable"),
    ],
)
def test_outcomes(listener, journal, kind, result, outcome):
    listener(raw(kind, res=result))
    (step,) = steps(journal)
    assert (step.outcome, step.step, step.host) == (outcome, "service : Start it", "shop-host-1")
    assert step.seconds == 1.235


def test_a_step_that_begins_is_its_roles_agents(journal):
    journal._listener = (heard := []).append
    agents = {"service": "sheriff"}
    TaskListener(journal.agent("deployer"), "deployer", str, agents=agents)(raw("runner_on_start"))
    begun = StepStarted(agent="sheriff", step="service : Start it", host="shop-host-1")
    assert (heard, steps(journal)) == ([begun], [])


def test_what_fails_in_a_play_that_was_left_was_not_needed(listener, journal):
    listener.is_left = True
    listener(raw("runner_on_failed", res={"msg": "nobody answers any more"}))
    (step,) = steps(journal)
    assert (step.outcome, listener.failure) == ("skipped", None)


def test_a_failure_says_what_the_module_said(listener):
    result = {"msg": "it exited", "stderr": "Traceback", "autodeploy": {"healthy": False}}
    listener(raw("runner_on_failed", res=result))
    assert listener.failure.cause == "it exited\nTraceback"
    assert listener.failure.reported == {"healthy": False}


def test_an_ignored_failure_is_none(listener):
    listener(raw("runner_on_failed", res={"msg": "no"}, ignore_errors=True))
    assert listener.failure is None


def test_a_host_that_answers_again_is_not_lost(listener):
    listener(raw("runner_on_unreachable", res={"msg": "shut"}))
    listener(raw("runner_on_unreachable", res={"msg": "gone"}, host="shop-host-2"))
    for outcome in ("skipped", "failed"):
        listener(raw(f"runner_on_{outcome}", res={}))
    assert listener.unreachable == ("shop-host-1", "shut")
    listener(raw("runner_on_ok", res={}))
    assert listener.unreachable == ("shop-host-2", "gone")
    listener(raw("runner_on_ok", res={"changed": True}, host="shop-host-2"))
    assert listener.unreachable is None


def test_a_failed_item_of_a_loop_is_the_one_that_speaks(listener):
    items = [{"msg": "fine"}, {"failed": True, "msg": "the second is broken"}]
    listener(raw("runner_on_failed", res={"msg": "One or more items failed", "results": items}))
    assert listener.failure.cause == "the second is broken"


def test_facts_of_our_modules_are_gathered_by_host(listener):
    listener(raw("runner_on_ok", res={"autodeploy": {"active": True}}))
    listener(raw("runner_on_ok", res={"results": [{"autodeploy": {"open_ports": [80]}}]}))
    assert listener.facts == {"shop-host-1": {"active": True, "open_ports": [80]}}


def test_a_hidden_failure_says_that_it_is_hidden(listener):
    listener(raw("runner_on_failed", res={"censored": "the output has been hidden"}))
    assert listener.failure.cause == "the output has been hidden"


def test_a_secret_that_a_task_shows_goes_no_further(listener, journal):
    said = {"msg": f"refused: {CANARY}", "autodeploy": {"journal": [f"url is {CANARY}!"]}}
    listener(raw("runner_on_failed", res=said))
    listener(raw("runner_on_ok", res={"autodeploy": {"seen": CANARY}}))
    listener({"event": "verbose", "stdout": f"fatal: {CANARY}"})
    assert listener.failure.cause == "refused: ***"
    assert listener.failure.reported == {"journal": ["url is ***!"]}
    assert listener.facts["shop-host-1"]["seen"] == "***"
    assert listener.last_output() == "fatal: ***"
    assert CANARY not in journal.path.read_text()


def test_the_names_that_we_go_by_stay_whole_whatever_a_secret_is(journal):
    """Else a release to go back to is one that no host has."""
    redactor = Redactor()
    redactor.hide({"secrets": {"A": "beef", "B": "command"}})
    listener = TaskListener(journal.agent("deployer"), "deployer", redactor)
    facts = {"before": "4fbeef001122", "release": "99beef001122", "reason": "command"}
    listener(raw("runner_on_ok", res={"results": [{"autodeploy": facts}]}))
    listener(raw("runner_on_failed", res={"autodeploy": {**facts, "journal": ["beef"]}}))
    assert listener.facts["shop-host-1"] == listener.failure.reported
    assert listener.failure.reported == {**facts, "journal": ["***"]}
