from __future__ import annotations

import hashlib
import json
import os
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.compiler.archive import pack
from autodeploy.compiler.members import CHUNK
from autodeploy.compiler.tarheader import encoded


def names(path):
    with tarfile.open(path) as archive:
        return {member.name: member for member in archive.getmembers()}


def test_links_stay_inside_or_are_left_out_with_a_word(tmp_path):
    folder, warned = tmp_path / "tree", []
    (folder / "bin").mkdir(parents=True)
    (folder / "inside").symlink_to("bin")
    (folder / "outside").symlink_to("/etc/passwd")
    (folder / "bin" / "python").symlink_to("/usr/bin/python3")
    os.mkfifo(folder / "pipe")
    packed = pack(
        folder, tmp_path / "x", tmp_path / "list", outside={"bin/python"}, warn=warned.append
    )
    assert set(names(tmp_path / "x")) == {"bin", "bin/python", "inside"}
    assert packed.files == 2
    assert len(warned) == 2


def test_byte_code_and_what_is_skipped_at_the_top(tmp_path):
    folder = tmp_path / "tree"
    for path in ("node_modules/x", "sub/node_modules/x", "sub/__pycache__/a", "b.pyc", "b.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    pack(folder, tmp_path / "x", tmp_path / "list", skip={"node_modules"})
    assert set(names(tmp_path / "x")) == {"b.py", "sub", "sub/node_modules", "sub/node_modules/x"}


def test_hard_links_are_files_of_their_own(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a").write_text("same")
    os.link(folder / "a", folder / "b")
    pack(folder, tmp_path / "x", tmp_path / "list")
    assert all(member.isreg() and member.size == 4 for member in names(tmp_path / "x").values())


def test_another_content_has_another_time_so_that_browsers_ask_again(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    times = []
    for text in ("body { color: red }", "body { color: tan }", "body { color: red }"):
        (folder / "style.css").write_text(text)
        pack(folder, tmp_path / "x", tmp_path / "list")
        times.append(names(tmp_path / "x")["style.css"].mtime)
    assert times[0] != times[1]
    assert times[0] == times[2]


BYTES = st.binary(min_size=1, max_size=120).filter(lambda said: not set(said) & set(b"\0/"))
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=120)


@given(
    NAMES | BYTES.map(os.fsdecode),
    st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE]),
    st.integers(0, 0o7777),
    st.integers(0, 2**40),
    st.integers(0, 2**32),
)
def test_headers_are_tarfiles_own(name, kind, mode, size, time):
    own = tarfile.TarInfo(name)
    own.type, own.mode, own.size, own.mtime = kind, mode, size, time
    expected = own.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    assert encoded(name, kind, mode, size, time) == expected


def test_a_file_larger_than_what_is_read_at_once(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    content = os.urandom(CHUNK) * 2 + b"end"
    (folder / "large").write_bytes(content)
    packed = pack(folder, tmp_path / "x", tmp_path / "list")
    with tarfile.open(tmp_path / "x") as archive:
        assert archive.extractfile("large").read() == content
    assert packed.unpacked == len(content)


def test_the_list_tells_the_truth_of_each_file(tmp_path):
    folder = tmp_path / "tree"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "run").write_text("#!/bin/sh\n")
    (folder / "bin" / "run").chmod(0o700)
    (folder / "link").symlink_to("bin/run")
    packed = pack(folder, tmp_path / "x", tmp_path / "list")
    text = (tmp_path / "list").read_bytes()
    assert packed.content == hashlib.sha256(text).hexdigest()
    assert [json.loads(line) for line in text.splitlines()] == [
        {"path": "bin/"},
        {
            "path": "bin/run",
            "size": 10,
            "mode": "0755",
            "sha256": hashlib.sha256(b"#!/bin/sh\n").hexdigest(),
        },
        {"path": "link", "link": "bin/run"},
    ]
