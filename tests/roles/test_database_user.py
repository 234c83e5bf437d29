"""What the module refuses before it asks any server."""

from __future__ import annotations

import pytest

PARAMS = {
    "name": "shop",
    "user": "shop_app",
    "password": "canary",
    "master": "boss",
    "master_password": "canary",
    "ca_file": __file__,
}


@pytest.fixture(scope="module")
def module(plugin):
    return plugin("database/library/database_user.py")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"master": "", "master_password": ""}, None),
        ({"user": "shop'; DROP"}, "is no name"),
        ({"user": ""}, "is no name"),
        ({"user": "x" * 33}, "at most 32"),
        ({"name": 'shop" --'}, "is no name"),
        ({"name": "sh%op"}, "is no name"),
        ({"name": "1shop"}, "is no name"),
        ({"name": "x" * 64}, "at most 63"),
        ({"name": "shop\n"}, "is no name"),
        ({"master": "boss`"}, "is no name"),
        ({"user": "boss"}, "another than the master"),
        ({"password": "canary\0"}, "holds a NUL"),
        ({"master_password": "canary\0"}, "holds a NUL"),
        ({"password": ""}, "is empty"),
    ],
)
def test_what_cannot_be_is_refused_without_a_password(module, change, said):
    refused = module.refusal({**PARAMS, **change}, 32)
    assert (refused is None) if said is None else (said in refused)
    assert "canary" not in (refused or "")


def test_what_a_host_lacks_is_named(module):
    engine = type("Engine", (), {"MISSING": False, "LIBRARY": "psycopg2"})
    assert module.missing(engine, PARAMS) is None
    assert "/no/such.pem" in module.missing(engine, {**PARAMS, "ca_file": "/no/such.pem"})
    engine.MISSING = True
    assert "psycopg2" in module.missing(engine, PARAMS)
