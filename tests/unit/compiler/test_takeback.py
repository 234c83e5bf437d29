"""What a hostile build leaves must neither trick the controller nor get into the artifact."""

from __future__ import annotations

import os
import socket
import tarfile

import pytest

from autodeploy.compiler.archive import pack
from autodeploy.compiler.takeback import DEEPEST, remove, take_back
from autodeploy.errors import BuildError

SECRET = "canary-77aa"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "home" / "credentials"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.fixture
def left(tmp_path):
    folder = tmp_path / "left"
    folder.mkdir()
    return folder


def packed(folder, tmp_path):
    """Names and contents of the archive of what is taken back, and the warnings."""
    warned = []
    take_back(folder, warned.append)
    pack(folder, tmp_path / "archive", tmp_path / "list", warn=warned.append)
    with tarfile.open(tmp_path / "archive") as archive:
        members = {one.name: one for one in archive.getmembers()}
        contents = b"".join(
            archive.extractfile(one).read() for one in members.values() if one.isreg()
        )
    assert SECRET.encode() not in contents
    return members, warned


def test_links_that_lead_out_are_gone(left, secret, tmp_path):
    (left / "absolute").symlink_to(secret)
    (left / "relative").symlink_to("../home/credentials")
    (left / "folder").symlink_to("../home")
    (left / "itself").symlink_to("itself")
    (left / "inside").symlink_to("a/b")
    members, warned = packed(left, tmp_path)
    assert set(members) == {"inside", "itself"}
    assert len(warned) == 3


def test_links_that_lead_out_by_way_of_others_are_gone(left, secret, tmp_path):
    """Each stays inside by its text alone."""
    deep = left / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "top").symlink_to("../../..")
    (deep / "out").symlink_to("top/../home/credentials")
    assert (deep / "out").read_text() == SECRET
    members, _ = packed(left, tmp_path)
    assert "a/b/c/out" not in members


def test_only_files_folders_and_links_are_left(left, tmp_path):
    os.mkfifo(left / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(left / "socket"))
    (left / "file").write_text("content")
    (left / "file").chmod(0o4777)
    (left / "shut").mkdir()
    (left / "shut" / "file").touch(0o000)
    (left / "shut").chmod(0)
    members, warned = packed(left, tmp_path)
    assert {name: one.mode for name, one in members.items()} == {
        "file": 0o755,
        "shut": 0o755,
        "shut/file": 0o644,
    }
    assert len(warned) == 2


def test_names_are_only_names(left, tmp_path):
    names = {"two\nlines", "-rf", "$(reboot)", "\udcff", " ", "x" * 255}
    for name in names:
        (left / name).touch()
    members, _ = packed(left, tmp_path)
    assert set(members) == names


def test_folders_nested_without_end_are_an_error_and_can_be_removed(left):
    descriptor = os.open(left, os.O_RDONLY)
    for _ in range(DEEPEST * 12):
        os.mkdir("folder-with-a-name", dir_fd=descriptor)
        below = os.open("folder-with-a-name", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    with pytest.raises(BuildError) as caught:
        take_back(left, lambda _message: None)
    assert "nested" in caught.value.message
    remove(left)
    assert not left.exists()


@pytest.mark.slow
def test_a_hundred_thousand_files(left, tmp_path):
    for number in range(100):
        folder = left / str(number)
        folder.mkdir()
        for other in range(1000):
            os.close(os.open(folder / str(other), os.O_CREAT))
    members, warned = packed(left, tmp_path)
    assert len(members) == 100_100
    assert not warned


HOSTILE = """
mkdir -p static deep/deep && cd static
ln -s {secret} stolen; ln -s ../../.. up; ln {secret} hard || ln -s {secret} hard2
ln -s /etc/shadow shadow; mkfifo fifo; mknod null c 1 3
cp /bin/true setuid && chmod 6755 setuid && chmod 000 ../deep/deep
cd ..; rm -rf deep/../index.html && ln -s {secret} index.html
true
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has what others cannot read")
def test_the_layer_of_a_hostile_build_has_nothing_of_the_machine(build, source, secret, tmp_path):
    shell_script = HOSTILE.format(secret=secret)
    files = {"requirements.txt": "", "app.py": "", "build.sh": shell_script, "index.html": ""}
    artifact = build(
        source(files),
        language="python",
        build_command="sh build.sh",
        processes={"web": "python3 app.py"},
    )
    with tarfile.open(artifact.layers[-1].archive) as archive:
        names = set(archive.getnames())
        contents = [archive.extractfile(one).read() for one in archive if one.isreg()]
    assert SECRET not in b"".join(contents).decode(errors="replace")
    kept = {"app.py", "build.sh", "requirements.txt", "static", "static/setuid"}
    assert names == kept | {"deep", "deep/deep"}
