"""Property 13: every file of the build is in it, checksum and size true, same source same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import buildkit
from autodeploy.contracts import Source, TechStack
from autodeploy.settings import Settings

# Any name that a file system takes, but for those that are never shipped by their name.
NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(
    lambda name: (
        name not in {".", "..", ".git", ".gitignore", ".autodeployignore", ".venv"}
        and name not in {"node_modules", "__pycache__", "pyvenv.cfg"}
        and not name.endswith(".pyc")
    )
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
FILES = st.tuples(st.binary(max_size=300), st.booleans())
TREES = st.dictionaries(PATHS, FILES, min_size=1, max_size=6)


def write(folder, tree, time):
    """Write what can be written of a tree: a file's path may not be another's folder."""
    written = {}
    for path, (content, executable) in tree.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
        target.chmod(0o700 if executable else 0o640)
        os.utime(target, (time, time))
        written[path] = (content, executable)
    return written


def build(log, root, tree, time, name, cache=None):
    """Build a tree in a folder of its own; the artifact and what was written."""
    folder = root / name
    folder.mkdir()
    written = write(folder, tree, time)
    source = Source(url="x", checkout=folder, commit="0" * 40, name="site")
    stack = TechStack(language="static")
    cache = root / (cache or f"{name}-cache")
    return buildkit.build(source, stack, Settings(), cache, log), written


def unpacked(layer):
    with tarfile.open(layer.archive) as archive:
        members = archive.getmembers()
        return members, {
            member.name: (archive.extractfile(member).read(), bool(member.mode & 0o100))
            for member in members
            if member.isreg()
        }


def listed(layer):
    """The list of files, checked to be what its own digest is of."""
    text = layer.listing.read_bytes()
    assert layer.content == hashlib.sha256(text).hexdigest()
    lines = map(json.loads, text.splitlines())
    return {
        line["path"]: (line["sha256"], line["size"], line["mode"])
        for line in lines
        if "sha256" in line
    }


@pytest.mark.property
@given(TREES)
def test_every_file_is_in_it_and_its_checksum_and_size_are_true(journal, tree):
    log = journal.agent("compiler")
    with tempfile.TemporaryDirectory() as root:
        artifact, written = build(log, Path(root), tree, 1e9, "one")
        (layer,) = artifact.layers
        members, files = unpacked(layer)
        assert files == written
        names = [member.name.split("/") for member in members]
        assert names == sorted(names)
        assert layer.files == len(written)
        assert listed(layer) == {
            path: (hashlib.sha256(content).hexdigest(), len(content), "0755" if bit else "0644")
            for path, (content, bit) in written.items()
        }
        assert layer.unpacked == sum(len(content) for content, _bit in written.values())
        assert artifact.size == layer.size
        content = layer.archive.read_bytes()
        assert (layer.digest, layer.size) == (hashlib.sha256(content).hexdigest(), len(content))
        assert {member.mode for member in members} <= {0o644, 0o755}
        assert {(member.uid, member.gid, member.uname) for member in members} <= {(0, 0, "")}


@pytest.mark.property
@given(TREES, st.randoms())
def test_the_same_source_gives_the_same_bytes_elsewhere_and_another_day(journal, tree, random):
    items = list(tree.items())
    log = journal.agent("compiler")
    with tempfile.TemporaryDirectory() as root:
        one, written = build(log, Path(root), tree, 1e9, "one")
        random.shuffle(items)
        two, other = build(log, Path(root), dict(items), 1.6e9, "elsewhere")
        if written == other:  # Else the order decided which of two clashing paths was written.
            assert one.layers[0].archive.read_bytes() == two.layers[0].archive.read_bytes()
            assert one.digest == two.digest


@pytest.mark.property
@given(TREES, st.data())
def test_another_byte_bit_or_name_gives_another_digest(journal, tree, data):
    log = journal.agent("compiler")
    with tempfile.TemporaryDirectory() as root:
        one, written = build(log, Path(root), tree, 1e9, "one", "cache")
        path = data.draw(st.sampled_from(sorted(written)))
        content, executable = written[path]
        renamed = str(PurePosixPath(path).with_name("renamed by the test"))
        kind = data.draw(st.sampled_from(["content", "bit", "name"]))
        changed = dict(written)
        if kind == "name":
            changed[renamed] = changed.pop(path)
        else:
            changed[path] = {
                "content": (content + b"!", executable),
                "bit": (content, not executable),
            }[kind]
        two, _written = build(log, Path(root), changed, 1e9, "two", "cache")
        assert one.digest != two.digest


@pytest.mark.property
@given(TREES, st.sampled_from([".git", "node_modules", "__pycache__", ".venv", "made/venv"]))
def test_what_is_never_shipped_is_not_in_it(journal, tree, name):
    log = journal.agent("compiler")
    with tempfile.TemporaryDirectory() as root:
        clean, written = build(log, Path(root), tree, 1e9, "one")
        if any(path.split("/")[0] == name.split("/")[0] for path in written):
            return
        hidden = {f"{name}/deep/secret": (b"x", False)}
        if name.endswith("/venv"):
            hidden[f"{name}/pyvenv.cfg"] = (b"", False)
        two, _written = build(log, Path(root), {**written, **hidden}, 1e9, "two")
        assert two.layers[0].digest == clean.layers[0].digest


PROGRAM = """
import os, sys
from pathlib import Path
from autodeploy import compiler
from autodeploy.contracts import Source, TechStack
from autodeploy.journal import DirectoryStore
from autodeploy.settings import Settings

os.umask(int(sys.argv[2], 8))
root = Path(sys.argv[1])
folder = root / "source"
names = ["a.py", "B.py", "é.txt", "z/ä", "z/b"]
for name in names if sys.argv[3] == "forth" else reversed(names):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(name.encode() * 1000)
said = {"operation": "deploy", "application": "a", "environment": "e", "target": "lab"}
rest = {"region": None, "repository": None, "tool_version": "0"}
log = DirectoryStore(root / "store").create(**said, **rest).agent("compiler")
source = Source(url="x", checkout=folder, commit=None, name="site")
stack = TechStack(language="python", processes={"web": "python a.py"})
cache, settings = root / "cache", Settings()
runtime = compiler.runtime(stack, settings, cache, log)
order = compiler.Order("site", source, stack, settings, runtime, cache)
artifact = compiler.build(order, log)
print(artifact.digest, *(layer.digest for layer in artifact.layers), artifact.sbom.read_bytes())
"""
HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
THERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "2", "PYTHONUTF8": "1"}


@pytest.mark.property
def test_time_zone_locale_umask_and_order_of_writing_do_not_matter(tmp_path):
    def said(name, environment, *more):
        folder = tmp_path / name
        folder.mkdir()
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
        command = [sys.executable, "-c", PROGRAM, str(folder), *more]
        return subprocess.check_output(command, env=environment, text=True)

    assert said("one", HERE, "022", "forth") == said("other place", THERE, "077", "back")
