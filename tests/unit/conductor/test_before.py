"""Where is looked whether a release still serves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autodeploy.conductor import before
from autodeploy.contracts import Host
from statekit import running

HOSTS = tuple(
    Host(name=f"host-{n}", address=f"192.0.2.{n}", host_key="ssh-ed25519 AAAA") for n in (1, 2)
)


@pytest.mark.parametrize(
    ("target", "url", "expected"),
    [
        ("lab", "http://192.0.2.1/", {"http://192.0.2.1/"}),
        ("ssh", "http://192.0.2.1/", {"http://192.0.2.1/", "http://192.0.2.2/"}),
        ("ssh", "tcp://192.0.2.1:70", {"tcp://192.0.2.1:70/", "tcp://192.0.2.2:70/"}),
        ("ssh", "https://shop.example/", {"https://shop.example/"}),
        ("ssh", None, set()),
    ],
)
def test_each_host_that_exists_is_looked_at_but_a_domain_by_its_name(target, url, expected):
    config = running("r1").model_copy(update={"url": url})
    assert before._urls(SimpleNamespace(target=target, hosts=HOSTS), config) == expected
