import subprocess

from autodeploy.provisioner.keys import Keys, same_key


def test_keys_are_made_once_and_are_private(tmp_path):
    keys = Keys(tmp_path / "app")
    assert keys.public_login_key() is None
    public = keys.make_login_key()
    assert keys.make_login_key() == public == keys.public_login_key()
    private, host = keys.make_host_key("host-1")
    assert keys.make_host_key("host-1") == (private, host)
    assert host != public
    files = [path for path in (tmp_path / "app").rglob("*") if path.is_file()]
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_halves_belong_together(tmp_path):
    keys = Keys(tmp_path)
    public = keys.make_login_key()
    command = ["ssh-keygen", "-y", "-f", str(keys.login_key)]
    derived = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert same_key(derived, public)


def test_a_crash_between_the_two_files_leaves_no_half(tmp_path):
    keys = Keys(tmp_path)
    keys.make_login_key()
    keys.login_key.unlink()
    assert keys.public_login_key() is None
    keys.make_login_key()
    command = ["ssh-keygen", "-y", "-f", str(keys.login_key)]
    derived = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert same_key(derived, keys.public_login_key() or "")


def test_forgotten_keys_are_gone(tmp_path):
    keys = Keys(tmp_path)
    keys.make_login_key()
    keys.make_host_key("host-1")
    keys.forget()
    assert list(tmp_path.iterdir()) == []
    keys.forget()


def test_only_the_keys_of_hosts_that_stay_are_kept(tmp_path):
    keys = Keys(tmp_path)
    public = keys.make_login_key()
    kept = keys.make_host_key("host-1")
    keys.make_host_key("host-10")
    keys.keep_host_keys(["host-1"])
    names = {path.name for path in (tmp_path / "hosts").iterdir()}
    assert names == {"host-1.key", "host-1.key.pub"}
    assert (keys.make_host_key("host-1"), keys.public_login_key()) == (kept, public)
