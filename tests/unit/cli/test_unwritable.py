"""A state that cannot be written: who would write it is told before AWS is asked, others go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autodeploy.contracts import DeploymentStatus, ErrorReport, TechStack
from autodeploy.contracts.state import CommandLine
from autodeploy.errors import CloudError
from autodeploy.journal import DirectoryStore
from autodeploy.journal.events import CommandGiven, Failed, SourceRead, StatusChanged
from statekit import REST, SAID

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
EXAMPLE = str(Path(__file__).parents[3] / "examples/go-hello")
READ_ONLY = 'mount --bind "$H" "$H" && mount -o remount,ro,bind "$H"'
FULL = 'mount -t tmpfs -o size=64k none "$H" && { cat /dev/zero > "$H/fill" 2>/dev/null; true; }'
NOBODY = "http://127.0.0.1:9"
WHERE = {"target": "aws", "region": "eu-west-1", "repository": EXAMPLE}
WRITERS = {
    "deploy": ("deploy", EXAMPLE, "--target", "aws"),
    "destroy": ("destroy", "shop", "--yes"),
    "retry": ("retry", "shop"),
    "rollback": ("rollback", "shop", "--yes"),
    "adopt": ("adopt", "blog", "--target", "aws"),
}


@pytest.fixture
def failed(home):
    """An application whose first deployment to AWS has failed."""
    home.mkdir()
    journal = DirectoryStore(home).create(**SAID, **{**REST, **WHERE})
    error = ErrorReport.of(CloudError("no"), "provisioner")
    for event in (
        CommandGiven(command=CommandLine(flags={"target": "aws"})),
        StatusChanged(status=DeploymentStatus.RUNNING),
        SourceRead(commit=None, stack=TechStack(language="go")),
        Failed(error=error),
        StatusChanged(status=DeploymentStatus.FAILED),
    ):
        journal.write(event)
    return home


def run(home, how, *words, **environ):
    """The command line, in a mount namespace of its own."""
    inside = [sys.executable, "-m", "autodeploy", *words]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", f'{how} && exec "$@"', "sh", *inside],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env={
            **os.environ,
            "H": str(home),
            "AWS_ENDPOINT_URL": NOBODY,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "eu-west-1",
            **environ,
        },
    )


@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_who_would_write_is_told_before_aws_is_asked(failed, words):
    done = run(failed, READ_ONLY, *words)
    assert done.returncode == 1
    assert f"the folder {failed} cannot be written: nothing was begun" in done.stderr
    assert "Read-only file system" in done.stderr
    assert "mount it so that it can be written, or set AUTODEPLOY_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_told_at_the_first_write(home):
    home.mkdir()
    done = run(home, FULL, *WRITERS["deploy"])
    assert done.returncode == 1
    assert "cannot be written: nothing was begun" in done.stderr
    assert "No space left on device" in done.stderr
    assert "Make room on its file system" in done.stderr


@pytest.mark.parametrize(
    "words", [("status", "--json"), ("analyze", EXAMPLE, "--json"), ("deploy", "/x", "--events")]
)
def test_a_document_that_cannot_be_printed_is_told_on_stderr(failed, words):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "autodeploy", *words],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode in {1, 2}
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("status",), ("status", "shop"), ("status", "--json")])
def test_who_reads_the_state_is_not_disturbed(failed, words):
    done = run(failed, READ_ONLY, *words)
    assert done.returncode == 0
    assert "shop" in done.stdout
    assert "written" not in done.stderr


def test_who_reads_a_repository_is_not_disturbed(failed):
    assert "main.go" in run(failed, READ_ONLY, "analyze", EXAMPLE).stdout
    assert '"Make"' in run(failed, READ_ONLY, "iam-policy", EXAMPLE).stdout
    # It comes as far as AWS, which is not there.
    done = run(failed, READ_ONLY, "plan", EXAMPLE, "--target", "aws")
    assert "did not answer" in done.stderr, done.stderr
    assert not (failed / "cache").exists()


def test_a_state_in_a_bucket_can_be_read(failed, s3, tmp_path):
    s3.store(tmp_path / "other").create(**{**SAID, "application": "blog"}, **REST)
    done = run(failed, READ_ONLY, "status", **s3.environ())
    assert "blog " in done.stdout, done.stderr
