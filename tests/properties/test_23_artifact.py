"""Property 23: what reaches a host is what was built; any changed byte is caught before the switch.

The archive is the Compiler's, what receives it is the role's; the oracle is the tree itself.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import rolekit
from autodeploy.compiler.archive import pack

pytestmark = pytest.mark.property
ROLE = rolekit.load("artifact/module_utils/artifact_delivery.py")
NAMES = st.text("abcäß .-$", min_size=1, max_size=8).filter(lambda name: name.strip(". "))
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=300), max_size=6
)


def write(folder: Path, tree: dict[str, bytes]) -> dict[str, bytes]:
    """Write what can be written of a tree: a file's path may not be another's folder."""
    written = {}
    for path, content in tree.items():
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
        written[path] = content
    return written


def packed(root: Path, tree: dict[str, bytes]) -> tuple[Path, str, dict[str, bytes]]:
    folder = root / "built"
    folder.mkdir()
    written = write(folder, tree)
    digest = pack(folder, root / "archive", root / "listing").digest
    return root / "archive", digest, written


def bring(root: Path, archive: Path, digest: str) -> Path:
    """What the host has of it afterwards."""
    store = root / "host"
    store.mkdir()
    ROLE.bring(archive.open("rb"), digest, str(store / "release"), os.getuid(), os.getgid())
    return store / "release"


@given(TREES)
def test_what_was_built_arrives(tree):
    with tempfile.TemporaryDirectory() as name:
        archive, digest, written = packed(Path(name), tree)
        release = bring(Path(name), archive, digest)
        found = {
            str(path.relative_to(release)): path.read_bytes()
            for path in release.rglob("*")
            if path.is_file()
        }
        assert found == written


@given(TREES, st.data())
def test_any_changed_byte_is_caught_and_nothing_is_left(tree, data):
    with tempfile.TemporaryDirectory() as name:
        archive, digest, _written = packed(Path(name), tree)
        content = bytearray(archive.read_bytes())
        how = data.draw(st.sampled_from(["flip", "cut", "more", "swap"]))
        place = data.draw(st.integers(0, len(content) - 1))
        if how == "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del content[place:]
        elif how == "more":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=9))
        else:
            content[place], content[-1] = content[-1], content[place]
        assume(bytes(content) != archive.read_bytes())
        archive.write_bytes(bytes(content))
        with pytest.raises(ROLE.Refused, match="SHA-256"):
            bring(Path(name), archive, digest)
        assert list((Path(name) / "host").iterdir()) == []
