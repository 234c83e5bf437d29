"""Git LFS: real git-lfs, a real host; pointers arrive as files, from that host only."""

from __future__ import annotations

import base64
import shutil

import pytest

from autodeploy import recon
from autodeploy.errors import LargeFilesMissing
from autodeploy.recon.git import lfs
from git_https import certificate, host, pointer
from recon_git import Talk, commit, files_of, git, repository

ATTRIBUTES = {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"}
needs_lfs = pytest.mark.skipif(not shutil.which("git-lfs"), reason="git-lfs is not installed")


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A certificate that git and git-lfs take."""
    files = certificate(tmp_path)
    monkeypatch.setenv("GIT_SSL_CAINFO", str(files[0]))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("HOME", str(tmp_path))
    return files


@pytest.fixture
def hub(tmp_path, trusted):
    with host(tmp_path / "hub", trusted, user="me:s3cret") as server:
        yield server


def clone(url, tmp_path, name="cache"):
    return recon.clone(str(url), ref=None, folder=tmp_path / name, log=Talk())


def address(hub):
    return hub.address.replace("://", "://me:s3cret@") + "/shop"


@needs_lfs
def test_pointers_arrive_as_files(hub, tmp_path):
    first, second = hub.add_large(b"first" * 9), hub.add_large(b"second")
    files = {"a.bin": first, "d/ä b.bin": second, "no.txt": first, "own.bin": "no pointer"}
    shop = repository(tmp_path / "hub/shop", {**ATTRIBUTES, **files})
    (shop / "a.bin").chmod(0o755)
    (shop / "link.bin").symlink_to("a.bin")
    commit(shop, {})
    checkout = clone(address(hub), tmp_path).checkout
    found = files_of(checkout)
    assert found["a.bin"] == found["link.bin"] == "first" * 9
    assert found["d/ä b.bin"] == "second"
    assert found["no.txt"] == first
    assert found["own.bin"] == "no pointer"
    assert (checkout / "a.bin").stat().st_mode & 0o100
    assert (checkout / "link.bin").is_symlink()


@needs_lfs
def test_only_what_is_new_is_downloaded_and_what_is_old_goes(hub, tmp_path):
    kept, old = hub.add_large(b"kept"), hub.add_large(b"old")
    shop = repository(tmp_path / "hub/shop", {**ATTRIBUTES, "a.bin": kept, "b.bin": old})
    clone(address(hub), tmp_path)
    commit(shop, {"b.bin": hub.add_large(b"new")})
    hub.seen.clear()
    assert files_of(clone(address(hub), tmp_path).checkout)["b.bin"] == "new"
    assert len([path for _, path, _ in hub.seen if path.startswith("/large/")]) == 1
    contents = [one.read_bytes() for one in (tmp_path / "cache").rglob("lfs/objects/*/*/*")]
    assert sorted(contents) == [b"kept", b"new"]


@needs_lfs
def test_no_other_host_is_asked_and_none_but_its_own_gets_the_credentials(hub, tmp_path, trusted):
    """Not even where the repository's .lfsconfig was the mirror's HEAD once."""
    with host(tmp_path / "evil", trusted) as evil:
        config = (
            f"[lfs]\n\turl = {evil.address}/shop\n\tfetchexclude = *\n"
            f'[remote "origin"]\n\tlfsurl = {evil.address}/shop\n'
        )
        files = {".lfsconfig": config, "a.bin": hub.add_large(b"true")}
        shop = repository(tmp_path / "hub/shop", {**ATTRIBUTES, **files})
        clone(address(hub), tmp_path)
        mirror = tmp_path / "cache/mirror.git"
        git(mirror, "update-ref", "--no-deref", "HEAD", "refs/autodeploy/fetched")
        commit(shop, {"b.bin": hub.add_large(b"more")})
        found = files_of(clone(address(hub), tmp_path).checkout)
        assert evil.seen == []
    assert (found["a.bin"], found["b.bin"]) == ("true", "more")
    basic = f"Basic {base64.b64encode(b'me:s3cret').decode()}"
    batches = [who for _, path, who in hub.seen if path.endswith("/batch")]
    assert basic in batches
    kept = [one.read_bytes() for one in (tmp_path / "cache").rglob("*") if one.is_file()]
    assert not [content for content in kept if b"s3cret" in content]


@needs_lfs
def test_nothing_is_written_through_a_link(hub, tmp_path):
    inside = hub.add_large(b"large")
    (tmp_path / "outside.bin").write_text(inside)
    shop = repository(tmp_path / "hub/shop", {**ATTRIBUTES, "a.bin": inside})
    (shop / "b.bin").symlink_to(tmp_path / "outside.bin")
    commit(shop, {})
    clone(address(hub), tmp_path)
    assert (tmp_path / "outside.bin").read_text() == inside


@needs_lfs
def test_a_file_that_the_host_has_not(hub, tmp_path):
    files = {"a.bin": pointer("0" * 64, 9), "b.bin": hub.add_large(b"here")}
    repository(tmp_path / "hub/shop", {**ATTRIBUTES, **files})
    with pytest.raises(LargeFilesMissing) as caught:
        clone(address(hub), tmp_path)
    assert "a.bin" in caught.value.message
    assert "b.bin" not in caught.value.message
    assert "0" * 64 in caught.value.cause
    assert "s3cret" not in str(caught.value)
    assert not list((tmp_path / "cache/checkouts").iterdir())


@needs_lfs
@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_a_repository_on_this_machine(tmp_path, form):
    shop = repository(tmp_path / "shop", ATTRIBUTES)
    git(shop, "lfs", "install", "--local")
    commit(shop, {"a.bin": "large"})
    shutil.rmtree(tmp_path / "shop/.git/hooks")
    assert git(shop, "show", "HEAD:a.bin").startswith("version")
    assert files_of(clone(form.format(shop), tmp_path).checkout)["a.bin"] == "large"


def test_without_git_lfs_pointers_are_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(lfs.shutil, "which", lambda _name: None)
    shop = repository(tmp_path / "shop", {**ATTRIBUTES, "a.bin": "no pointer"})
    assert files_of(clone(shop, tmp_path).checkout)["a.bin"] == "no pointer"
    commit(shop, {"a.bin": pointer("0" * 64, 9)})
    with pytest.raises(LargeFilesMissing) as caught:
        clone(shop, tmp_path)
    assert "git-lfs" in caught.value.remediation
