"""A runtime is on the host as a whole, as its digest says, or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args

NAME = "node-22.1.0-0123456789ab"


@pytest.fixture(scope="module")
def release(plugin):
    return plugin("runtime/library/runtime_release.py")


@pytest.fixture(scope="module")
def facts(plugin):
    return plugin("runtime/library/runtime_facts.py")


@pytest.fixture
def run(capsys):
    """Run a module as Ansible does; gives its result."""

    def one(module, check=False, **arguments):
        said = {**arguments, "_ansible_check_mode": check}
        with patch_module_args(said), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return one


@pytest.fixture
def archive(tmp_path):
    """An archive with `bin/node`, which says that it is 22.1.0."""
    path, script = tmp_path / "sent.tar.gz", b"#!/bin/sh\necho v22.1.0\n"
    member = tarfile.TarInfo("bin/node")
    member.size, member.mode = len(script), 0o755
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(member, io.BytesIO(script))
    return path


@pytest.fixture
def arguments(archive, tmp_path):
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    root = tmp_path / "runtimes"
    return {
        "folder": str(root / NAME),
        "root": str(root),
        "digest": digest,
        "archive": str(archive),
    }


def there(arguments):
    root = Path(arguments["root"])
    return sorted(one.name for one in root.iterdir()) if root.exists() else []


def test_it_is_unpacked_once_and_runs(run, release, facts, arguments):
    first = run(release, **arguments)
    assert first["changed"] is True
    assert first["autodeploy"] == {"added": arguments["folder"]}
    assert there(arguments) == [NAME]
    again = run(release, **{**arguments, "archive": None})
    assert (again["changed"], again["autodeploy"]) == (False, {"added": None})
    found = run(facts, language="node", version="22.1.0", folder=arguments["folder"])
    assert found["autodeploy"] == {"runtime_version": "22.1.0"}


def test_every_user_can_run_it_whatever_the_hosts_umask(run, release, arguments):
    before = os.umask(0o077)
    try:
        run(release, **arguments)
    finally:
        os.umask(before)
    folder = Path(arguments["folder"])
    for one in (folder.parent, folder, folder / "bin", folder / "bin/node"):
        assert one.stat().st_mode & 0o777 == 0o755, one


def test_check_mode_says_what_would_be_done_and_does_nothing(run, release, arguments):
    found = run(release, check=True, **{**arguments, "archive": None})
    assert found["changed"] is True
    assert found["diff"]["after"] == f"{arguments['folder']}\n"
    assert there(arguments) == []


def test_any_flipped_byte_is_a_failure_and_nothing_stays(run, release, arguments, archive):
    data = archive.read_bytes()
    archive.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    found = run(release, **arguments)
    assert found["failed"] is True
    assert "SHA-256" in found["msg"]
    assert there(arguments) == []


def test_what_cannot_be_unpacked_leaves_nothing(run, release, arguments, archive):
    archive.write_bytes(b"no archive")
    digest = hashlib.sha256(b"no archive").hexdigest()
    found = run(release, **{**arguments, "digest": digest})
    assert "cannot be unpacked" in found["msg"]
    assert there(arguments) == []


def test_others_stay_and_what_a_killed_run_left_goes(run, release, arguments):
    root = Path(arguments["root"])
    (root / "node-20.0.0-ffffffffffff").mkdir(parents=True)
    (root / f".{NAME}.partial").mkdir()
    run(release, **arguments)
    assert there(arguments) == ["node-20.0.0-ffffffffffff", NAME]


def test_what_is_missing_and_was_not_sent_is_named(run, release, arguments):
    found = run(release, **{**arguments, "archive": None})
    assert "there is no archive of it" in found["msg"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"folder": "/usr"},
        {"folder": "{root}/../x"},
        {"folder": "{root}/a/b"},
        {"folder": "{root}/.hidden"},
        {"digest": "0" * 63},
    ],
)
def test_a_folder_elsewhere_or_a_digest_that_is_none_is_refused(run, release, arguments, wrong):
    said = {key: value.format(root=arguments["root"]) for key, value in wrong.items()}
    assert run(release, **{**arguments, **said})["failed"] is True
    assert there(arguments) == []


@pytest.mark.parametrize("wanted", ["22.1.1", "22.10", "20", "2"])
def test_another_version_on_the_host_is_a_failure(run, release, facts, arguments, wanted):
    run(release, **arguments)
    found = run(facts, language="node", version=wanted, folder=arguments["folder"])
    assert found["failed"] is True
    assert (
        f"has node 22.1.0 in {arguments['folder']}, the application needs {wanted}" in found["msg"]
    )


def test_none_at_all_is_a_failure_too(run, facts, tmp_path):
    found = run(facts, language="node", version="22", folder=str(tmp_path))
    assert "has no node" in found["msg"]
