"""What hardening decides: the stricter of two values, and nothing that was shut is opened."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rolekit

SSHD = rolekit.load("hardening/module_utils/hardening_sshd.py")
SSH = rolekit.load("hardening/module_utils/hardening_ssh.py")
NEEDS = rolekit.load("hardening/library/hardening_needs.py")
HOST = rolekit.load("hardening/module_utils/hardening_host.py")
KERNEL = rolekit.load("hardening/module_utils/hardening_kernel.py")
ACCOUNTS = rolekit.load("hardening/module_utils/hardening_accounts.py")
SERVICES = rolekit.load("hardening/module_utils/hardening_services.py")
UNTOUCHED = {
    **{name.lower(): ["yes"] for name in SSHD.WORDS},
    "permitrootlogin": ["without-password"],
    "loglevel": ["INFO"],
    "maxauthtries": ["6"],
    "maxsessions": ["10"],
    "logingracetime": ["120"],
    "clientaliveinterval": ["0"],
    "clientalivecountmax": ["3"],
    "maxstartups": ["10:30:100"],
    "requiredrsasize": ["1024"],
    "kexalgorithms": ["curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group16-sha512"],
    "ciphers": ["aes128-cbc,aes256-ctr,aes128-ctr"],
    "macs": ["hmac-sha1,hmac-sha2-256-etm@openssh.com"],
    "hostkeyalgorithms": ["ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-512"],
}


def decide(root=False, controllers=(), group="ssh-users", post_quantum=False, **theirs):
    given_ = {**UNTOUCHED, **{name: [value] for name, value in theirs.items()}}
    supported = UNTOUCHED["kexalgorithms"][0].split(",")
    return dict(SSHD.settings(given_, supported, root, post_quantum, controllers, group))


def test_an_untouched_host_gets_ours():
    said = decide()
    assert (said["PasswordAuthentication"], said["PermitRootLogin"]) == ("no", "no")
    assert (said["MaxAuthTries"], said["ClientAliveInterval"]) == (3, 300)
    assert said["KexAlgorithms"] == "curve25519-sha256,diffie-hellman-group16-sha512"
    assert said["HostKeyAlgorithms"] == "ssh-ed25519,rsa-sha2-512"
    assert said["AllowGroups"] == "ssh-users"
    assert "Port" not in said


@pytest.mark.parametrize(
    ("name", "theirs", "kept"),
    [
        ("MaxAuthTries", "2", 2),
        ("LoginGraceTime", "0", 30),
        ("AllowTcpForwarding", "no", "no"),
        ("RequiredRSASize", "3072", 3072),
        ("MaxStartups", "4:50:10", "4:50:10"),
        ("Ciphers", "aes256-ctr", "aes256-ctr"),
        ("Ciphers", "aes128-cbc", ",".join(SSHD.CIPHERS)),
    ],
)
def test_of_two_values_the_stricter_one_holds(name, theirs, kept):
    assert decide(**{name.lower(): theirs})[name] == kept


@given(st.integers(0, 100), st.integers(1, 100), st.integers(1, 100))
def test_a_bound_is_never_raised(theirs, start, full):
    for name, ours in SSHD.NUMBERS.items():
        now = decide(**{name.lower(): str(theirs)})[name]
        assert 0 < now <= min(ours, theirs or ours)
    said = decide(maxstartups=f"{start}:{theirs}:{full}")["MaxStartups"].split(":")
    assert int(said[0]) <= start
    assert int(said[1]) >= theirs
    assert int(said[2]) <= full


@given(
    st.lists(st.sampled_from([*SSHD.CIPHERS, "aes128-cbc", "3des-cbc"]), min_size=1, unique=True)
)
def test_no_algorithm_is_allowed_that_was_not(theirs):
    now = set(decide(ciphers=",".join(theirs))["Ciphers"].split(","))
    assert now <= set(SSHD.CIPHERS)
    assert now <= set(theirs) or not set(theirs) & set(SSHD.CIPHERS)


def test_a_login_as_root_stays_in_by_its_key():
    assert decide(root=True)["PermitRootLogin"] == "prohibit-password"
    assert decide(root=True, permitrootlogin="yes")["PermitRootLogin"] == "prohibit-password"


def test_a_second_factor_is_let_be():
    said = decide(authenticationmethods="publickey,keyboard-interactive")
    assert not SSHD.INTERACTIVE & set(said)


def test_controllers_are_added_to_those_that_are_not_punished():
    key = "PerSourcePenaltyExemptList"
    assert key not in decide(controllers=["192.0.2.4"])
    said = decide(controllers=["192.0.2.4"], persourcepenaltyexemptlist="none")
    assert said[key] == "192.0.2.4"


def test_match_blocks_are_told_and_not_taken_for_everybodys(tmp_path):
    text = "MaxAuthTries 4\nMatch User backup\n  PasswordAuthentication yes\n"
    (tmp_path / "sshd_config").write_text(text)
    assert SSHD.flattened(str(tmp_path / "sshd_config"), None) == ["MaxAuthTries 4"]
    assert SSHD.widening(text) == ["Match User backup: PasswordAuthentication yes"]


def test_a_configuration_without_debians_include_gets_one():
    include = "# said\nInclude /etc/ssh/sshd_config.d/*.conf\n"
    assert SSHD.comes_first(include, SSH.DROP_IN)
    assert not SSHD.comes_first(f"MaxAuthTries 6\n{include}", SSH.DROP_IN)
    assert not SSHD.comes_first("", SSH.DROP_IN)


def test_people_and_the_login_may_log_in():
    accounts = [
        SimpleNamespace(pw_name=name, pw_uid=uid, pw_shell=shell)
        for name, uid, shell in [
            ("root", 0, "/bin/bash"),
            ("admin", 1000, "/bin/bash"),
            ("app-shop", 1001, "/usr/sbin/nologin"),
            ("nobody", 65534, "/bin/sh"),
        ]
    ]
    assert SSH.people(accounts, 1000, "admin") == ["admin"]
    assert SSH.people(accounts, 1000, "root") == ["admin", "root"]


@given(st.integers(0, 10), st.integers(0, 10))
def test_a_kernel_setting_is_never_loosened(low, high):
    now = {"kernel.kptr_restrict": low, "kernel.sysrq": high, "net.ipv4.conf.all.rp_filter": 2}
    chosen = KERNEL.decided(now)
    assert chosen["kernel.kptr_restrict"] == max(low, 2)
    assert chosen["kernel.sysrq"] == 0
    assert set(chosen) == set(now)
    assert KERNEL.decided(chosen) == chosen


def test_ufw_sets_what_we_set():
    text = "# said\nnet/ipv4/conf/all/log_martians=0\nnet/ipv4/tcp_sack=1\n"
    ours = KERNEL.agreeing(text, {"net.ipv4.conf.all.log_martians": 1})
    assert ours == "# said\nnet/ipv4/conf/all/log_martians=1\nnet/ipv4/tcp_sack=1\n"


def test_only_what_is_missing_is_installed():
    packages = {"bans": ["fail2ban", "nftables"], "audit": ["auditd"]}
    assert NEEDS.missing(packages, ["bans"], {"nftables"}) == ["fail2ban"]


@given(st.integers(0, 0o777), st.integers(0, 0o777))
def test_login_defs_keep_what_is_stricter_and_settle(umask, mode):
    text = f"UMASK\t\t{umask:03o}\nHOME_MODE {mode:04o}\nPASS_MAX_DAYS 99999\n"
    once = ACCOUNTS.stricter_defs(text)
    assert f"UMASK\t{umask | 0o027:03o}\n" in once or umask & 0o027 == 0o027
    assert int(once.split("HOME_MODE")[1].split()[0], 8) & ~mode == 0
    assert "PASS_MAX_DAYS 99999" in once
    assert ACCOUNTS.stricter_defs(once) == once


def test_a_password_rule_of_the_hosts_own_stays():
    assert "minlen" not in ACCOUNTS.quality("minlen = 20\n# retry = 3\n")
    assert "retry = 3" in ACCOUNTS.quality("# retry = 3\n")


def test_the_last_mount_of_a_point_counts():
    table = "tmpfs /dev/shm tmpfs rw 0 0\ntmpfs /dev/shm tmpfs rw,noexec 0 0\n"
    assert SERVICES.options_of(table, "/dev/shm") == ["rw", "noexec"]
    assert SERVICES.options_of(table, "/tmp") == []


def fake(check=False):
    return HOST.Host(SimpleNamespace(check_mode=check, params={"revert_after": 9}))


def test_a_file_is_written_once_kept_and_put_back(tmp_path, monkeypatch):
    monkeypatch.setattr(HOST, "KEPT", str(tmp_path / "kept"))
    old, new = tmp_path / "etc/old", tmp_path / "etc/new"
    old.parent.mkdir()
    old.write_text("before")
    old.chmod(0o640)
    host = fake()
    for path in (old, new):
        assert host.write(str(path), "after", 0o644)
        assert not host.write(str(path), "after", 0o644)
    assert host.said == [str(old), str(new)]
    assert old.stat().st_mode & 0o777 == 0o640
    assert sorted(HOST.put_back(host.module, str(tmp_path / "kept"))) == [str(new), str(old)]
    assert old.read_text() == "before"
    assert not new.exists()


def test_check_mode_says_and_does_nothing(tmp_path):
    path = tmp_path / "file"
    host = fake(check=True)
    assert host.write(str(path), "text")
    assert host.said == [str(path)]
    assert not path.exists()


def test_the_guard_is_armed_once_before_the_first_change(tmp_path, monkeypatch):
    armed = []
    monkeypatch.setattr(HOST, "KEPT", str(tmp_path / "kept"))
    monkeypatch.setattr(HOST.guard, "arm", lambda *_, **said: armed.append(said["why"]))
    host = fake()
    host.guarded(["/etc/ssh"], [], "SSH's settings")
    assert armed == []
    for name in ("one", "two"):
        host.act(name, lambda: armed.append("acted"))
    assert armed == ["SSH's settings", "acted", "acted"]


def test_permissions_are_only_taken_away(tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    path.chmod(0o604)
    host = fake()
    assert host.tighten(str(path), 0o640)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not host.tighten(str(path), 0o640)
