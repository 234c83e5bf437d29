"""The table of what AWS documents, call by call."""

from __future__ import annotations

from pathlib import Path

import jmespath
import pytest
import yaml
from botocore.exceptions import ClientError

import strictkit

pytestmark = pytest.mark.slow

TABLE = yaml.safe_load((Path(__file__).parent / "aws_behaviour.yml").read_text())
CASES = TABLE["cases"]


def filled(value, kept):
    """A value with $NAME replaced by what was kept."""
    if isinstance(value, dict):
        return {key: filled(one, kept) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, kept) for one in value]
    return kept[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def make(api, step, kept):
    """Make a call; what it answers, and AWS's error code."""
    where, method = step["call"].split(".")
    service, _, region = where.partition("@")
    client = api.client(service, region_name=region or strictkit.REGION)
    try:
        return getattr(client, method)(**filled(step.get("with", {}), kept)), None
    except ClientError as error:
        return {}, error.response["Error"]["Code"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_the_api_does_as_aws_documents(api, case):
    kept = {}
    for step in [one for name in case.get("given", ()) for one in TABLE["setups"][name]]:
        answer, code = make(api, step, kept)
        assert code is None, step
        kept |= {name: jmespath.search(path, answer) for name, path in step.get("keep", {}).items()}
    for step in case["calls"]:
        answer, code = make(api, step, kept)
        assert code == step.get("error"), step
        kept |= {name: jmespath.search(path, answer) for name, path in step.get("keep", {}).items()}
        said = {path: jmespath.search(path, answer) for path in step.get("is", {})}
        assert said == filled(step.get("is", {}), kept), step


def test_the_table_is_long_enough_and_names_its_pages():
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(case["page"][0] in TABLE["pages"] for case in CASES)
