"""Instance metadata: the tree, its listings, and who gets a token."""

from __future__ import annotations

import json
from http import HTTPStatus
from ipaddress import IPv4Address

import pytest

from autodeploy.lab.metadata import Facts, Tokens, look_up, ttl_of

FACTS = Facts(
    meta_data={
        "instance-id": "i-1",
        "placement": {"region": "us-east-1"},
        "public-keys": {"0": {"name": "me", "openssh-key": "ssh-ed25519 AAAA"}},
    },
    user_data=b"#!/bin/sh\n\xff",
    document={"instanceId": "i-1"},
    tokens_required=True,
    enabled=True,
    hop_limit=1,
)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", "2021-07-15/\nlatest/"),
        ("/latest", "dynamic/\nmeta-data/\nuser-data"),
        ("/latest/meta-data/", "instance-id\nplacement/\npublic-keys/"),
        ("/latest/meta-data", "instance-id\nplacement/\npublic-keys/"),
        ("/latest/meta-data/instance-id", "i-1"),
        ("/latest/meta-data/placement/region", "us-east-1"),
        ("/latest/meta-data/public-keys/", "0=me"),
        ("/latest/meta-data/public-keys/0/", "openssh-key"),
        ("/latest/meta-data/public-keys/0/openssh-key", "ssh-ed25519 AAAA"),
        ("/2021-07-15/meta-data/instance-id", "i-1"),
        ("/latest/dynamic/instance-identity/", "document"),
    ],
)
def test_paths(path, body):
    answer = look_up(FACTS, path)
    assert (answer.status, answer.body.decode()) == (HTTPStatus.OK, body)


@pytest.mark.parametrize(
    "path",
    [
        "/latest/meta-data/iam/security-credentials/",
        "/latest/meta-data/instance-id/more",
        "/latest/meta-data/public-keys/1/",
        "/latest/dynamic/instance-identity/signature",
        "/early/meta-data",
    ],
)
def test_what_is_not_there(path):
    assert look_up(FACTS, path).status == HTTPStatus.NOT_FOUND


def test_user_data_is_as_it_was_given():
    assert look_up(FACTS, "/latest/user-data").body == FACTS.user_data
    without = FACTS.model_copy(update={"user_data": None})
    assert look_up(without, "/latest/user-data").status == HTTPStatus.NOT_FOUND


def test_the_document_is_json():
    body = look_up(FACTS, "/latest/dynamic/instance-identity/document").body
    assert json.loads(body) == {"instanceId": "i-1"}


@pytest.mark.parametrize(
    ("text", "ttl"),
    [
        ("1", 1),
        ("21600", 21600),
        ("0", None),
        ("21601", None),
        ("", None),
        ("-5", None),
        ("x", None),
    ],
)
def test_a_tokens_lifetime(text, ttl):
    assert ttl_of(text) == ttl


def test_a_token_is_one_hosts_and_for_a_time():
    clock = [100.0]
    tokens = Tokens(now=lambda: clock[0])
    mine, other = IPv4Address("10.0.0.4"), IPv4Address("10.0.0.5")
    token = tokens.issue(mine, 60)
    assert tokens.seconds_left(token, mine) == 60
    assert tokens.seconds_left(token, other) is None
    assert tokens.seconds_left("made up", mine) is None
    clock[0] += 60
    assert tokens.seconds_left(token, mine) is None
