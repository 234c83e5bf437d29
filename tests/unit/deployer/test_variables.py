"""What the roles are told of each kind of application."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodeploy.contracts import BuildArtifact, Host, InfrastructureSpec, Served, TechStack
from autodeploy.deployer.variables import loopback_port, release_variables
from autodeploy.settings import Settings

OWN = loopback_port("r1")
WEB = {"web": "run"}
SITE = Served(root="dist", single_page=True)


def told(processes, settings, served=None):
    host = Host(name="host-1", address="192.0.2.1", host_key="ssh-ed25519 AAAA")
    where = {"application": "shop", "environment": "production", "target": "lab"}
    spec = InfrastructureSpec(**where, image="debian-12", hosts=(host,), ssh_key=None)
    made = {"digest": "0" * 64, "layers": (), "size": 0, "sbom": Path("sbom")}
    artifact = BuildArtifact(**made, processes=processes, served=served or Served())
    return release_variables(spec, artifact, TechStack(), settings, "r1")


@pytest.mark.parametrize(
    ("processes", "settings", "served", "expected"),
    [
        (WEB, {}, None, ("http", OWN, None, False, OWN, 60)),
        (WEB, {"port": 3000}, None, ("http", 3000, None, True, 3000, 60)),
        (WEB, {"port": 7007, "protocol": "tcp"}, None, ("tcp", OWN, 7007, False, OWN, 60)),
        (WEB, {"port": OWN, "protocol": "tcp"}, None, ("tcp", OWN + 1, OWN, False, OWN + 1, 60)),
        ({}, {}, SITE, ("http", None, None, False, None, 60)),
        ({"worker": "work"}, {}, SITE, ("http", None, None, False, None, 60)),
        ({"worker": "work"}, {}, None, ("none", None, None, False, None, 0)),
        ({"worker": "work"}, {"port": 3000}, None, ("none", None, None, False, None, 0)),
        (WEB, {"proxy": {"timeout": 300}}, None, ("http", OWN, None, False, OWN, 300)),
        (WEB, {"proxy": {"timeout": 5}}, None, ("http", OWN, None, False, OWN, 30)),
    ],
)
def test_each_kind(processes, settings, served, expected):
    given = told(processes, Settings(**settings), served)
    names = ("proxy_protocol", "proxy_port", "proxy_public_port", "service_port_fixed")
    assert tuple(given[name] for name in (*names, "service_port", "proxy_drain")) == expected
    assert given["proxy_root"] == (served.root if served else None)
