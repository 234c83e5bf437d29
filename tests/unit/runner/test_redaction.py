"""Secrets are taken out of whatever a host says."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.runner.redaction import HIDDEN, Redactor

SECRETS = st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=9), one, max_size=3),
    max_leaves=8,
)


def redactor_of(secrets):
    redactor = Redactor()
    redactor.hide(secrets)
    return redactor


def strings(value):
    """Every text in a JSON value, names too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return strings([*value, *value.values()])
    return [one for part in value for one in strings(part)] if isinstance(value, list) else []


@given(st.lists(SECRETS, min_size=1, max_size=3), st.lists(st.text(max_size=9), max_size=5), JSON)
def test_no_secret_is_left_and_nothing_else_is_lost(secrets, around, value):
    said = [around, {"deep": [secret.join(["<", ">"]) for secret in secrets]}, value]
    redacted = redactor_of({"role_secrets": dict(enumerate(secrets))})(said)
    text = json.dumps(redacted, ensure_ascii=False)
    assert not any(secret in str(one) for one in redacted[1]["deep"] for secret in secrets), text
    if not any(secret in one for one in strings([around, value]) for secret in secrets):
        assert (redacted[0], redacted[2]) == (around, value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://shop:{}@db.example.org:5432/shop?sslmode=verify-full",
        "mysql://:{}@db.example.org/shop",
        "shop:{}@tcp(db.example.org:3306)/shop?tls=true",
    ],
)
@pytest.mark.parametrize("password", ["long-enough", "a/b@c:d#e?f g%h"])
def test_the_password_in_an_address_is_a_secret_of_its_own(address, password):
    written = password if "tcp(" in address else quote(password, safe="")
    redact = redactor_of({"environment_secrets": {"DATABASE_URL": address.format(written)}})
    assert redact(f"no login with {password}, {written}") == f"no login with {HIDDEN}, {HIDDEN}"
    assert redact("no answer from db.example.org") == "no answer from db.example.org"


def test_each_line_of_a_secret_is_one():
    redact = redactor_of({"KEY": "-----BEGIN-----\nMIIEvQ\n-----END-----\n"})
    assert redact("the process said: MIIEvQ") == f"the process said: {HIDDEN}"


@pytest.mark.parametrize("secret", ["1", "a", "yes", "changed", "healthy"])
def test_what_a_task_reports_can_be_read_whatever_is_a_secret(secret):
    said = {"changed": True, "autodeploy": {"healthy": False, "port": "8001"}}
    assert redactor_of({"A": secret})(said) == said


def test_without_secrets_nothing_is_hidden():
    assert redactor_of({})(["a", {"b": ""}]) == ["a", {"b": ""}]
    assert redactor_of({"a": ""})("text") == "text"
