"""Secrets for hosts that exist: one file that is good for nothing without its key."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from autodeploy.errors import SecretsLost, StateError
from autodeploy.runner import VaultFile

AWKWARD = {"A": "canary '\"$%`\\\n\u2028\r\t☃🦆", "B": ""}


def files(folder):
    return sorted(path for path in folder.iterdir())


def test_what_is_put_there_is_read_by_its_version(tmp_path):
    one = VaultFile(tmp_path)
    assert one.find() is None
    one.put("v1", 1, AWKWARD)
    one.put("v2", 2, {"A": "other"})
    assert VaultFile(tmp_path).get("v1") == AWKWARD
    assert VaultFile(tmp_path).get("v2") == {"A": "other"}
    assert one.find() == str(tmp_path / "variables.vault")


def test_both_files_are_their_owners_alone_and_no_value_is_in_them(tmp_path):
    VaultFile(tmp_path).put("v1", 1, AWKWARD)
    assert [path.name for path in files(tmp_path)] == ["variables.vault", "vault.key"]
    for path in files(tmp_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"canary" not in path.read_bytes()


def test_the_ten_newest_are_kept(tmp_path):
    one = VaultFile(tmp_path)
    for number in range(12):
        one.put(f"v{number}", number, {"A": str(number)})
    assert [one.get(f"v{number}")["A"] for number in range(2, 12)] == list(map(str, range(2, 12)))
    for gone in ("v0", "v1"):
        with pytest.raises(SecretsLost, match=gone):
            one.get(gone)


@pytest.mark.parametrize("harm", ["another", "gone"])
def test_without_its_key_it_is_lost_and_begins_anew(tmp_path, harm):
    one, key = VaultFile(tmp_path), tmp_path / "vault.key"
    one.put("v1", 1, AWKWARD)
    key.write_text("another") if harm == "another" else key.unlink()
    with pytest.raises(SecretsLost) as told:
        one.get("v1")
    assert "vault.key" in told.value.cause
    assert "canary" not in str(told.value)
    if harm == "gone":
        one.put("v2", 2, {"A": "1"})
        assert one.get("v2") == {"A": "1"}


def test_nothing_of_it_is_left(tmp_path):
    one = VaultFile(tmp_path)
    one.delete()
    one.put("v1", 1, AWKWARD)
    one.delete()
    assert files(tmp_path) == []


def test_ansible_vault_opens_it(tmp_path):
    VaultFile(tmp_path).put("v1", 1, {"A": "seen"})
    vault = Path(sys.executable).parent / "ansible-vault"
    words = [vault, "view", "--vault-password-file", "vault.key", "variables.vault"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '{"v1": {"A": "seen"}}'


def test_what_a_killed_run_has_left_is_found_and_goes(tmp_path):
    one = VaultFile(tmp_path)
    (tmp_path / ".vault.key.x1.partial").write_text("half a key")
    assert one.find()
    one.put("v1", 1, AWKWARD)
    (tmp_path / ".variables.vault.x2.partial").write_text("half")
    one.delete()
    assert (one.find(), files(tmp_path)) == (None, [])


def test_what_could_not_be_written_is_not_left(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StateError, match="cannot write"):
        VaultFile(tmp_path).put("v1", 1, AWKWARD)
    assert files(tmp_path) == []
