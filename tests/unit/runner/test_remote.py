"""What a host sends back is an archive like any other: it cannot write outside its folder."""

from __future__ import annotations

import io
import tarfile

import pytest

from autodeploy.contracts import Host
from autodeploy.errors import HostUnreachable
from autodeploy.runner.remote import Place, unpack


def archive(*members):
    """Names with a content, or with what they link to."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, said in members:
            one = tarfile.TarInfo(name)
            one.type = kind
            if kind == tarfile.REGTYPE:
                one.size = len(said)
            else:
                one.linkname = said
            tar.addfile(one, io.BytesIO(said) if kind == tarfile.REGTYPE else None)
    buffer.seek(0)
    return buffer


FILE, LINK, HARD, PIPE = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE


def test_files_links_and_the_systems_programs_arrive(tmp_path):
    sent = archive(("a/b", FILE, b"x"), ("l", LINK, "a/b"), ("python", LINK, "/usr/bin/python3"))
    warned = []
    unpack(sent, tmp_path, warned.append)
    assert (tmp_path / "l").read_bytes() == b"x"
    assert str((tmp_path / "python").readlink()) == "/usr/bin/python3"
    assert warned == []


@pytest.mark.parametrize(
    "members",
    [
        [("../out", FILE, b"x")],
        [("l", LINK, "../../out")],
        [("l", LINK, "/etc/passwd")],
        [("l", LINK, "/usr/../etc/passwd")],
        [("l", HARD, "../out")],
        [("p", PIPE, "")],
        [("d", LINK, "/usr/local/lib"), ("d/autodeploy-test", FILE, b"x")],
    ],
)
def test_what_leaves_the_folder_is_left_out_and_told(tmp_path, members):
    folder, warned = tmp_path / "here", []
    folder.mkdir()
    unpack(archive(*members), folder, warned.append)
    assert len(warned) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert not any(path.name == members[-1][0] for path in folder.iterdir())


def test_what_is_no_archive_is_the_hosts_error(tmp_path):
    with pytest.raises(HostUnreachable, match="no archive"):
        unpack(io.BytesIO(b"no archive at all" * 100), tmp_path, print)


def test_a_connection_that_ends_while_files_are_sent_is_the_hosts_error(tmp_path):
    """Nothing listens there: ssh ends long before the files do."""
    host = Host(name="host-1", address="127.0.0.1", port=1, host_key="ssh-ed25519 AAAA")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "large").write_bytes(bytes(5_000_000))
    with pytest.raises(HostUnreachable, match="work could not be sent"):
        Place(host, None, tmp_path / "known_hosts", "shop").send(tmp_path / "work", "build")
