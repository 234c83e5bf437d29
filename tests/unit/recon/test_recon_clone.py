"""Clone: what arrives, what is kept between runs, what is left after a failure."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

import recon_git
from autodeploy import recon
from autodeploy.errors import (
    EmptyRepository,
    NetworkUnreachable,
    NotARepository,
    RefNotFound,
    SourceRefused,
)
from recon_git import Talk, commit, files_of, git, repository


@pytest.fixture
def talk():
    return Talk()


@pytest.fixture
def clone(tmp_path, talk):
    def clone(url, ref=None, **options):
        return recon.clone(str(url), ref=ref, folder=tmp_path / "cache", log=talk, **options)

    return clone


@pytest.fixture
def shop(tmp_path):
    return repository(tmp_path / "My Shop.git", {"app.py": "one", "pkg/x.py": "x"})


def test_the_default_branch(clone, shop):
    source = clone(f"file://{shop}".replace(" ", "%20"))
    assert files_of(source.checkout) == {"app.py": "one", "pkg/x.py": "x"}
    assert source.commit == git(shop, "rev-parse", "HEAD")
    assert source.name == "my-shop"


def test_a_second_run_transfers_nothing_and_gives_the_same_checkout(clone, shop, tmp_path):
    first = clone(shop)
    objects = sorted((tmp_path / "cache/mirror.git/objects").rglob("*"))
    inode = (first.checkout / "app.py").stat().st_ino
    second = clone(shop)
    assert second == first
    assert (second.checkout / "app.py").stat().st_ino == inode
    assert sorted((tmp_path / "cache/mirror.git/objects").rglob("*")) == objects


def test_a_new_commit_arrives_and_the_old_checkout_goes(clone, shop, tmp_path):
    first = clone(shop)
    git(shop, "rm", "--quiet", "app.py")
    newest = commit(shop, {"new.py": "two"})
    second = clone(shop)
    assert second.commit == newest
    assert files_of(second.checkout) == {"new.py": "two", "pkg/x.py": "x"}
    assert not first.checkout.exists()


def test_only_the_asked_commit_is_transferred(clone, daemon, tmp_path):
    shop = repository(tmp_path / "shop", {"app.py": "one"})
    commit(shop, {"app.py": "two"})
    clone(f"{daemon}/shop")
    mirror = tmp_path / "cache/mirror.git"
    assert git(mirror, "rev-list", "--count", "refs/autodeploy/fetched") == "1"


@pytest.mark.parametrize("name", ["feature/é", "v1", "v2-annotated", "refs/heads/feature/é"])
def test_branches_and_tags(clone, shop, name):
    old = git(shop, "rev-parse", "HEAD")
    git(shop, "branch", "feature/é")
    git(shop, "tag", "v1")
    git(shop, "tag", "--annotate", "--message=x", "v2-annotated")
    commit(shop, {"app.py": "later"})
    source = clone(shop, name)
    assert source.commit == old
    assert files_of(source.checkout)["app.py"] == "one"


def test_a_branch_goes_before_a_tag_of_its_name(clone, shop):
    git(shop, "tag", "twice")
    git(shop, "checkout", "--quiet", "-b", "twice")
    newest = commit(shop, {"app.py": "branch"})
    assert clone(shop, "twice").commit == newest


@pytest.mark.parametrize("length", [40, 10])
def test_a_commit_that_is_no_tip(clone, shop, length):
    old = git(shop, "rev-parse", "HEAD")
    commit(shop, {"app.py": "later"})
    clone(shop)
    assert clone(shop, old[:length]).commit == old


@pytest.mark.parametrize(
    "ref",
    ["nope", "0" * 40, "abcdef0", "-x", "--upload-pack=touch /tmp/x", "a..b", "x*", "", "a b"],
)
def test_no_such_ref(clone, shop, ref):
    with pytest.raises(RefNotFound):
        clone(shop, ref)


def test_a_tag_on_no_commit_is_no_ref(clone, shop):
    git(shop, "tag", "blob", git(shop, "rev-parse", "HEAD:app.py"))
    with pytest.raises(RefNotFound):
        clone(shop, "blob")


def test_a_commit_that_is_here_is_not_asked_for(clone, daemon, tmp_path):
    shop = repository(tmp_path / "shop", {"app.py": "one"})
    first = clone(f"{daemon}/shop")
    shutil.rmtree(shop)
    assert clone(f"{daemon}/shop", ref=first.commit) == first


def test_no_repository(clone, tmp_path):
    with pytest.raises(NotARepository):
        clone(f"file://{tmp_path}/nothing")


def test_no_commit(clone, tmp_path):
    with pytest.raises(EmptyRepository):
        clone(repository(tmp_path / "empty"))


def test_no_file(clone, tmp_path):
    with pytest.raises(EmptyRepository):
        clone(repository(tmp_path / "bare-commit", {}))


def test_no_default_branch_names_those_there_are(clone, shop):
    git(shop, "symbolic-ref", "HEAD", "refs/heads/gone")
    with pytest.raises(RefNotFound) as caught:
        clone(f"file://{shop}".replace(" ", "%20"))
    assert "main" in caught.value.remediation


def test_a_failure_leaves_nothing_half_made(clone, shop, tmp_path):
    with pytest.raises(RefNotFound):
        clone(shop, "nope")
    assert not list((tmp_path / "cache/checkouts").iterdir())
    assert not list((tmp_path / "cache").glob("begun-*"))


def test_what_an_interrupted_run_left_is_taken_away(clone, daemon, tmp_path):
    shop = repository(tmp_path / "shop", {"app.py": "one"})
    clone(f"{daemon}/shop")
    left = tmp_path / "cache/mirror.git/objects/pack/tmp_pack_x"
    left.touch()
    (tmp_path / "cache/mirror.git/same").touch()
    (tmp_path / "cache/begun-x/tree").mkdir(parents=True)
    (tmp_path / "cache/mirror.git/shallow.lock").touch()
    commit(shop, {"app.py": "two"})
    assert files_of(clone(f"{daemon}/shop").checkout)["app.py"] == "two"
    assert not (tmp_path / "cache/begun-x").exists()
    assert not left.exists()
    assert (tmp_path / "cache/mirror.git/same").exists(), "the mirror was made anew"


def test_a_spoiled_mirror_is_made_anew(clone, shop, tmp_path):
    clone(shop)
    newest = commit(shop, {"app.py": "two"})
    (tmp_path / "cache/mirror.git/HEAD").write_text("nonsense")
    assert clone(shop).commit == newest


def test_what_is_spoiled_inside_the_mirror_is_fetched_again(clone, daemon, tmp_path):
    """Half a pack, as after a power failure: names are read and contents are not."""
    repository(tmp_path / "shop", {"app.py": "one", "big.txt": "x" * 100})
    source = clone(f"{daemon}/shop")
    shutil.rmtree(source.checkout)
    (pack,) = (tmp_path / "cache/mirror.git/objects/pack").glob("*.pack")
    content = pack.read_bytes()
    pack.chmod(0o600)
    pack.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    assert files_of(clone(f"{daemon}/shop").checkout)["app.py"] == "one"


def test_a_repository_on_this_machine_lends_its_objects(clone, shop, tmp_path):
    """And is not missed when it is packed anew, or gone."""
    clone(shop)
    assert not [one for one in (tmp_path / "cache/mirror.git/objects").rglob("*") if one.is_file()]
    git(shop, "commit", "--quiet", "--amend", "--message=y")
    git(shop, "-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now")
    git(shop, "reflog", "expire", "--expire=now", "--all")
    git(shop, "gc", "--quiet", "--prune=now")
    source = clone(shop)
    assert source.commit == git(shop, "rev-parse", "HEAD")
    moved = shop.rename(tmp_path / "moved")
    with pytest.raises(NotARepository):
        clone(f"file://{shop}".replace(" ", "%20"))
    assert files_of(clone(moved).checkout)["app.py"] == "one"
    assert clone(moved, source.commit[:10]).commit == source.commit


def test_the_time_is_limited(clone, tmp_path):
    """A server that accepts and never answers."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(NetworkUnreachable, match="within 1 seconds"),
    ):
        clone(f"git://127.0.0.1:{server.getsockname()[1]}/x", timeout=1)


def test_uncommitted_changes_are_told_and_left_out(clone, shop, talk):
    assert clone(shop).commit
    assert talk.warned == []
    (shop / "app.py").write_text("changed")
    index = (shop / ".git/index").read_bytes()
    assert files_of(clone(shop).checkout)["app.py"] == "one"
    assert "not committed" in talk.warned[0]
    assert (shop / ".git/index").read_bytes() == index


def test_a_plain_folder_is_taken_as_it_is(clone, tmp_path, talk):
    plain = tmp_path / "plain"
    for name in ("app.py", ".env.example", "logs/x.log", "node_modules/m/x.js", "keep/a.log"):
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).write_text(name)
    (plain / ".gitignore").write_text("*.log\n!keep/*.log\n")
    (plain / "link").symlink_to("/etc/passwd")
    source = clone(plain)
    assert source.commit is None
    assert sorted(path.name for path in source.checkout.iterdir()) == [
        *(".env.example", ".gitignore", "app.py", "keep", "link")
    ]
    assert (source.checkout / "link").is_symlink()
    (plain / "app.py").unlink()
    assert not (clone(plain).checkout / "app.py").exists()


def test_a_plain_folder_below_a_repository(clone, shop):
    """A folder of a checkout is not its repository, and that one's ignore rules are not its own."""
    (shop / ".gitignore").write_text("*.py\n")
    assert files_of(clone(shop / "pkg").checkout) == {"x.py": "x"}


def test_a_plain_folder_has_no_refs(clone, tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/x").touch()
    with pytest.raises(RefNotFound):
        clone(tmp_path / "plain", "main")


def test_an_empty_folder(clone, tmp_path):
    (tmp_path / "plain").mkdir()
    with pytest.raises(EmptyRepository):
        clone(tmp_path / "plain")


def test_a_folder_of_the_repository(clone, shop):
    assert files_of(clone(shop, path="pkg").checkout) == {"x.py": "x"}


@pytest.mark.parametrize("path", ["..", "nothing", "app.py", "/etc", "out"])
def test_a_folder_outside_the_repository(clone, shop, path):
    (shop / "out").symlink_to("/etc")
    commit(shop, {})
    with pytest.raises(SourceRefused):
        clone(shop, path=path)


@pytest.fixture
def daemon(tmp_path):
    with recon_git.daemon(tmp_path) as address:
        yield address


def test_submodules_relative_to_their_repository(clone, tmp_path, daemon):
    repository(tmp_path / "lib", {"lib.py": "lib"})
    shop = repository(tmp_path / "shop", {"app.py": "one"})
    add = (
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "../lib",
        "vendored/lib",
    )
    git(shop, *add)
    commit(shop, {})
    source = clone(f"{daemon}/shop")
    assert files_of(source.checkout)["vendored/lib/lib.py"] == "lib"
    assert not list(source.checkout.rglob(".git"))
    commit(shop, {"app.py": "two"})
    assert files_of(clone(f"{daemon}/shop").checkout)["vendored/lib/lib.py"] == "lib"


def test_git_daemon_knows_no_such_repository(clone, daemon):
    with pytest.raises(NotARepository):
        clone(f"{daemon}/nothing")


def test_nobody_listens(clone):
    port = recon_git.free_port()
    for scheme in ("git", "https", "ssh"):
        with pytest.raises(NetworkUnreachable):
            clone(f"{scheme}://127.0.0.1:{port}/x")


def test_the_shells_git_variables_change_nothing(clone, shop, tmp_path, monkeypatch):
    other = repository(tmp_path / "other", {"other.py": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_NAMESPACE", "x")
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert "app.py" in files_of(clone(shop).checkout)
    assert not (tmp_path / "trace").exists()
    assert os.environ["GIT_NAMESPACE"] == "x"
