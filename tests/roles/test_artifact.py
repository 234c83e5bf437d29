"""Archives are verified, distrusted, and unpacked whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from rolekit import together


@pytest.fixture(scope="module")
def module():
    folder = "artifact/module_utils"
    return together(f"{folder}/artifact_store.py", f"{folder}/artifact_delivery.py")


@pytest.fixture(scope="module")
def archives(module):
    from ansible.module_utils import artifact_archive

    return artifact_archive


def member(name, kind=tarfile.REGTYPE, linkname="", content=b"", mode=0o644):
    one = tarfile.TarInfo(name)
    one.type, one.linkname, one.size, one.mode, one.mtime = kind, linkname, len(content), mode, 7
    return one, io.BytesIO(content)


def archive(*members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for one, content in members:
            tar.addfile(one, content if one.isreg() else None)
    return buffer.getvalue()


def names(folder):
    return sorted(one.name for one in Path(folder).iterdir())


def unpack(archives, folder, data):
    folder.mkdir()
    archives.unpack(io.BytesIO(data), str(folder), os.getuid(), os.getgid())


GOOD = archive(
    member("bin", tarfile.DIRTYPE),
    member("bin/python", tarfile.SYMTYPE, "/usr/bin/python3"),
    member("bin/run", content=b"#!/bin/sh\n", mode=0o4755),
    member("lib/deep/a.py", content=b"a = 1\n", mode=0o666),
    member("lib/b.py", tarfile.SYMTYPE, "deep/a.py"),
    member("lib/c.py", tarfile.LNKTYPE, "lib/deep/a.py"),
)

HOSTILE = {
    "absolute": [member("/etc/x", content=b"x")],
    "parent": [member("../x", content=b"x")],
    "hidden parent": [member("a/../../x", content=b"x")],
    "parent inside": [member("a/../x", content=b"x")],
    "absolute link": [member("a", tarfile.SYMTYPE, "/etc/passwd")],
    "disguised link": [member("a", tarfile.SYMTYPE, "/usr/../etc/passwd")],
    "link out": [member("a/b", tarfile.SYMTYPE, "../../x")],
    "empty link": [member("a", tarfile.SYMTYPE, "")],
    "through a link": [member("a", tarfile.SYMTYPE, "/usr/lib"), member("a/x", content=b"x")],
    "over a link": [member("a", tarfile.SYMTYPE, "b"), member("a", content=b"x")],
    "folder through a link": [
        member("a", tarfile.SYMTYPE, "/usr/lib"),
        member("a/d", tarfile.DIRTYPE),
    ],
    "hard link out": [member("a", tarfile.LNKTYPE, "/etc/passwd")],
    "hard link up": [member("a", tarfile.LNKTYPE, "../x")],
    "hard link to a link": [
        member("a", tarfile.SYMTYPE, "/usr/bin/env"),
        member("b", tarfile.LNKTYPE, "a"),
    ],
    "hard link through a link": [
        member("a", tarfile.SYMTYPE, "/usr/bin"),
        member("b", tarfile.LNKTYPE, "a/env"),
    ],
    "hard link to nothing": [member("a", tarfile.LNKTYPE, "b")],
    "device": [member("a", tarfile.CHRTYPE)],
    "block device": [member("a", tarfile.BLKTYPE)],
    "pipe": [member("a", tarfile.FIFOTYPE)],
    "twice": [member("a", content=b"1"), member("a", content=b"2")],
    "below a file": [member("a", content=b"1"), member("a/b", content=b"2")],
}
HOSTILE = {name: archive(*members) for name, members in HOSTILE.items()}


def test_a_good_archive_is_unpacked_with_plain_modes(archives, tmp_path):
    unpack(archives, tmp_path / "layer", GOOD)
    layer = tmp_path / "layer"
    assert (layer / "bin/python").readlink().as_posix() == "/usr/bin/python3"
    assert (layer / "lib/b.py").read_text() == "a = 1\n"
    assert (layer / "lib/c.py").stat().st_ino == (layer / "lib/deep/a.py").stat().st_ino
    assert (layer / "bin/run").stat().st_mode & 0o7777 == 0o755
    assert (layer / "lib/deep/a.py").stat().st_mode & 0o7777 == 0o644
    assert (layer / "lib/deep/a.py").stat().st_mtime == 7


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_outside(archives, tmp_path, name):
    with pytest.raises(archives.Refused):
        unpack(archives, tmp_path / "layer", HOSTILE[name])
    assert [one.name for one in tmp_path.iterdir()] == ["layer"]


@pytest.fixture
def store(module, tmp_path):
    store = module.Store("shop")
    store.root = str(tmp_path)
    store.layers, store.releases = f"{tmp_path}/layers", f"{tmp_path}/releases"
    for folder in (store.layers, store.releases):
        Path(folder).mkdir()
    return store


def bring(module, store, tmp_path, data, digest=None):
    sent = tmp_path / "sent"
    sent.write_bytes(data)
    digest = digest or hashlib.sha256(data).hexdigest()
    module.bring(sent.open("rb"), digest, store.layer(digest), os.getuid(), os.getgid())


def test_any_flipped_byte_is_a_failure_and_nothing_stays(module, store, tmp_path):
    digest = hashlib.sha256(GOOD).hexdigest()
    for at in range(0, len(GOOD), 7):
        flipped = GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :]
        with pytest.raises(module.Refused, match="SHA-256"):
            bring(module, store, tmp_path, flipped, digest)
        assert names(store.layers) == []


def test_a_true_digest_of_a_hostile_archive_leaves_nothing_either(module, store, tmp_path):
    with pytest.raises(module.Refused):
        bring(module, store, tmp_path, HOSTILE["over a link"])
    assert names(store.layers) == []


@pytest.mark.parametrize(
    "data",
    [GOOD[:-60], GOOD[:60], b"", b"no archive"],
    ids=["cut short", "only its head", "empty", "text"],
)
def test_a_damaged_archive_is_refused(module, store, tmp_path, data):
    with pytest.raises(module.Refused):
        bring(module, store, tmp_path, data)
    assert names(store.layers) == []


def test_what_a_killed_run_left_is_cleared(module, store):
    for path in (f"{store.layers}/.abc.partial", f"{store.releases}/.r1.partial"):
        Path(path).mkdir()
    Path(store.release("r2")).mkdir()
    for name in ("r1", "r2"):
        module.write_manifest(store, name, [{"digest": "d"}])
    module.clear_partials(store)
    assert names(store.layers) == []
    assert names(store.releases) == [".r2.json", "r2"]


def test_links_of_a_layer_win_over_the_source(module, store, tmp_path):
    release = tmp_path / "releases/r1"
    (release / "node_modules/old").mkdir(parents=True)
    layer = {"digest": "d", "links": {"node_modules": "node_modules", "a/.venv": "."}}
    module.make_links(store, [layer], str(release), os.getuid(), os.getgid())
    assert str((release / "node_modules").readlink()) == f"{store.layers}/d/node_modules"
    assert str((release / "a/.venv").readlink()) == f"{store.layers}/d"


def test_a_link_is_never_made_through_a_link_of_the_sources(module, store, tmp_path):
    release = tmp_path / "releases/r1"
    release.mkdir()
    (release / "a").symlink_to("/usr/lib")
    layer = {"digest": "d", "links": {"a/evil": "."}}
    with pytest.raises(module.Refused):
        module.make_links(store, [layer], str(release), os.getuid(), os.getgid())


def test_a_release_of_which_something_runs_still_stays(monkeypatch, tmp_path, plugin):
    stored = plugin("artifact/module_utils/artifact_store.py")
    for unit in (
        "shop-clean.b.service",
        "shop-web-c.service",
        "shopping-x.a.service",
        "ssh.service",
    ):
        (tmp_path / unit).mkdir()
    monkeypatch.setattr(stored, "RUNNING", str(tmp_path))
    assert stored.Store("shop").at_work(["a", "b", "c", "d"]) == {"b", "c"}


@pytest.mark.parametrize(
    ("spared", "keep", "gone"),
    [
        (set(), 5, []),
        (set(), 3, ["r1", "r2"]),
        ({"r1"}, 3, ["r2", "r3"]),
        ({"r1", "r2"}, 1, ["r5", "r4", "r3"]),
        ({"r5", "r4"}, 2, ["r3", "r2", "r1"]),
        ({"elsewhere"}, 4, ["r1"]),
    ],
)
def test_the_newest_stay_and_so_do_the_spared(module, spared, keep, gone):
    by_age = ["r5", "r4", "r3", "r2", "r1"]
    assert sorted(module.prunable(by_age, spared, keep)) == sorted(gone)


def good_parameters():
    source = {"kind": "source", "digest": "0" * 64, "links": {}}
    return {"application": "shop", "release": "r1", "layers": [source], "keep": 5}


def changed(**what):
    return {**good_parameters(), **what}


def layered(**what):
    return changed(layers=[{**good_parameters()["layers"][0], **what}])


@pytest.mark.parametrize(
    "params",
    [
        changed(application="../etc"),
        changed(application="Shop"),
        changed(application="a" * 29),
        changed(release="../r1"),
        changed(release=".hidden"),
        changed(release=""),
        changed(layers=[]),
        changed(layers=good_parameters()["layers"] * 2),
        layered(kind="dependencies"),
        layered(digest="0" * 63),
        layered(digest="../" + "0" * 61),
        layered(links={"../x": "."}),
        layered(links={"x": "/etc"}),
        layered(links={"a/..": "."}),
    ],
)
def test_bad_parameters_are_refused(module, params):
    assert module.problem(good_parameters()) is None
    assert module.problem(params)
