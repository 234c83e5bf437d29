"""A failed task of a release's as what it means."""

from __future__ import annotations

import pytest

from autodeploy.deployer.failure import unhealthy
from autodeploy.errors import TaskFailed


@pytest.mark.parametrize(
    ("reported", "message", "advice"),
    [
        ({"switched": False}, "the new release is healthy, but nginx does not", "error.log"),
        ({"switched": True}, "the release is live, but nginx does not", "error.log"),
        (
            {"switched": True, "reason": "no-nginx"},
            "nginx is not running there, and does not start",
            "systemctl status nginx",
        ),
    ],
)
def test_what_is_the_matter_with_the_proxy_is_named(reported, message, advice):
    task = TaskFailed("the task failed", cause="why", step="x", host="host-1", reported=reported)
    found = unhealthy(task)
    assert found.message.startswith(message)
    assert found.host == "host-1"
    assert advice in found.remediation


def test_another_task_is_none_of_it():
    task = TaskFailed("the task failed", cause="why", step="x", host="host-1", reported={})
    assert unhealthy(task) is None
