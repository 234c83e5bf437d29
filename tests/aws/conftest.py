"""An AWS account for tests: only when told to, within a ceiling, and swept before and after."""

from __future__ import annotations

import os
from functools import partial

import boto3
import pytest

import awskit
from roadkit import ROOT, autodeploy

TOLD = "AUTODEPLOY_TEST_AWS"
NAMED = ("AUTODEPLOY_PROFILE", "AUTODEPLOY_REGION")
CEILING = float(os.environ.get("AUTODEPLOY_TEST_AWS_USD", "2"))
WHERE = ("--target", "aws", "--environment", awskit.ENVIRONMENT)
EXAMPLES = ("express-links", "flask-guestbook", "go-shorten")


def pytest_collection_modifyitems(items):
    """Without a word nothing here runs."""
    if os.environ.get(TOLD) != "1":
        reason = f"makes things that cost money: set {TOLD}=1, {' and '.join(NAMED)}"
        for item in items:
            if item.path.is_relative_to(ROOT / "tests/aws"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    """boto3's clients of the account, in which nothing of these tests is, before and after."""
    missing = [name for name in NAMED if not os.environ.get(name)]
    assert not missing, f"no account is hit by chance: set {' and '.join(missing)}"
    profile, region = (os.environ[name] for name in NAMED)
    give = partial(boto3.Session(profile_name=profile, region_name=region).client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTODEPLOY_HOME", str(tmp_path_factory.mktemp("home")))
        awskit.sweep(give)
        affordable()
        yield give
    awskit.sweep(give)


def affordable():
    """Everything is planned first, and nothing made where that is too dear."""
    plans = [autodeploy("plan", ROOT / "examples" / one, *WHERE) for one in EXAMPLES]
    wanted = awskit.estimate([one for each in plans for one in each["resources"]])
    assert wanted <= CEILING, f"up to {wanted:.2f} USD: AUTODEPLOY_TEST_AWS_USD allows {CEILING:g}"
