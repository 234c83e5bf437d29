"""`autodeploy lab ca`."""

from __future__ import annotations

import json

from click.testing import CliRunner

from autodeploy.cli.lab import lab
from autodeploy.errors import LabError
from autodeploy.lab.authority import Authority
from autodeploy.lab.site import Site


def test_it_prints_the_authoritys_certificate(home):
    assert home
    pem = Authority.of(Site.here()).root.read_text()
    assert CliRunner().invoke(lab, ["ca"]).output == pem
    assert json.loads(CliRunner().invoke(lab, ["ca", "--json"]).output) == {"certificate": pem}


def test_it_says_where_there_is_none_yet(home):
    assert home
    result = CliRunner().invoke(lab, ["ca"])
    assert isinstance(result.exception, LabError)
    assert "lab up" in result.exception.remediation
