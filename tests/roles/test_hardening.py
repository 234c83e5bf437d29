"""What hardening decides: the stricter of two values, and nothing that was shut is opened."""

from __future__ import annotations

import os
import subprocess
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rolekit

SSHD = rolekit.load("hardening/module_utils/hardening_sshd.py")
SSH = rolekit.load("hardening/module_utils/hardening_ssh.py")
NEEDS = rolekit.load("hardening/library/hardening_needs.py")
BACK = rolekit.load("hardening/module_utils/hardening_back.py")
LOGINS = rolekit.load("hardening/module_utils/hardening_logins.py")
HOST = rolekit.load("hardening/module_utils/hardening_host.py")
KERNEL = rolekit.load("hardening/module_utils/hardening_kernel.py")
ACCOUNTS = rolekit.load("hardening/module_utils/hardening_accounts.py")
SERVICES = rolekit.load("hardening/module_utils/hardening_services.py")
INTEGRITY = rolekit.load("hardening/module_utils/hardening_integrity.py")
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
    assert LOGINS.people(accounts, 1000, "admin") == ["admin"]
    assert LOGINS.people(accounts, 1000, "root") == ["admin", "root"]


def test_accounts_with_keys_may_log_in_whatever_their_number():
    accounts = [
        SimpleNamespace(pw_name=name, pw_uid=uid, pw_shell=shell)
        for name, uid, shell in [
            ("git", 998, "/bin/bash"),
            ("postgres", 110, "/bin/bash"),
            ("backup", 34, "/usr/sbin/nologin"),
            ("dana", 1234567, "/bin/bash"),
            ("admin", 1000, "/bin/bash"),
        ]
    ]
    keys = {"git", "dana", "backup"}
    found = LOGINS.may_log_in(accounts, "admin", lambda one: one.pw_name in keys)
    assert found == ["admin", "dana", "git"]


@pytest.mark.parametrize(
    ("nsswitch", "others"),
    [
        ("passwd: files systemd\ngroup: files sss\n", False),
        ("passwd:         files systemd sss\n", True),
        ("# passwd: ldap\npasswd: files winbind\n", True),
        ("", False),
    ],
)
def test_where_accounts_come_from_a_directory_nobody_is_shut_out_by_a_list(nsswitch, others):
    assert LOGINS.knows_others(nsswitch) is others


def test_what_sshd_says_of_a_root_login_is_what_we_wrote():
    assert SSHD.same("PermitRootLogin", "prohibit-password", "without-password")
    assert SSHD.same("Ciphers", "aes256-ctr", "aes256-ctr")
    assert not SSHD.same("PermitRootLogin", "prohibit-password", "yes")


def test_sshd_listens_where_its_addresses_say():
    said = SSHD.parsed("port 22\nlistenaddress 0.0.0.0:2222\nlistenaddress [::]:2222\n")
    assert SSHD.ports(said) == [2222]
    assert SSHD.ports({"port": ["22"]}) == [22]


def test_an_sshd_that_began_before_its_settings_is_older(tmp_path, monkeypatch):
    config = tmp_path / "sshd_config"
    config.write_text("")
    monkeypatch.setattr(SSH, "CONFIG", str(config))
    monkeypatch.setattr(SSH, "began", lambda *_: config.stat().st_mtime + 1)
    assert not SSH.is_older(None, "ssh")
    monkeypatch.setattr(SSH, "began", lambda *_: config.stat().st_mtime - 1)
    assert SSH.is_older(None, "ssh")
    monkeypatch.setattr(SSH, "began", lambda *_: None)
    assert not SSH.is_older(None, "ssh")


def test_a_process_began_before_now():
    host = SimpleNamespace(run=lambda *_, **__: (0, f"{os.getpid()}\n"))
    assert 0 <= time.time() - SSH.began(host, "ssh") < 86400
    assert SSH.began(SimpleNamespace(run=lambda *_, **__: (0, "0\n")), "ssh") is None


@given(st.integers(0, 10), st.integers(0, 10), st.booleans())
def test_a_kernel_setting_is_never_loosened(low, high, one_way):
    now = {"kernel.kptr_restrict": low, "kernel.sysrq": high, "net.ipv4.conf.all.rp_filter": 2}
    chosen = KERNEL.decided(now, one_way)
    assert chosen["kernel.kptr_restrict"] == max(low, 2)
    assert chosen["kernel.sysrq"] == 0
    assert chosen["net.ipv4.conf.all.rp_filter"] == 2
    assert set(chosen) == set(now)
    assert KERNEL.decided(chosen, one_way) == chosen


def test_several_ways_in_stay_open():
    names = ("net.ipv4.conf.all.rp_filter", "net.ipv4.conf.all.arp_ignore")
    now = dict.fromkeys(names, 0)
    assert list(KERNEL.decided(now, one_way=True).values()) == [1, 1]
    assert KERNEL.decided(now, one_way=False) == {names[1 - 1]: 2}


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (["eth0", "eth0", "docker0", "br-1a2b"], True),
        (["eth0", "eth1"], False),
        (["eth0", "wg0"], False),
        (["eth0", "lo"], False),
        ([], False),
    ],
)
def test_ways_in_are_interfaces_with_addresses_of_the_world(names, one):
    lines = [f"{number}: {name} inet 192.0.2.{number}/24" for number, name in enumerate(names)]
    assert KERNEL.has_one_way_in("\n".join(lines)) is one


def test_a_kernel_that_fails_starts_again():
    assert KERNEL.decided({"kernel.panic": 0}, one_way=True) == {"kernel.panic": 10}
    assert KERNEL.decided({"kernel.panic": -1}, one_way=True) == {"kernel.panic": -1}


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


@given(
    st.dictionaries(
        st.sampled_from(["minlen", "minclass", "dcredit", "maxrepeat", "retry"]),
        st.integers(-4, 40),
    )
)
def test_of_rules_for_passwords_the_stricter_ones_hold_in_all_files(theirs):
    text = "# minlen = 99\n" + "".join(f"{name} = {value}\n" for name, value in theirs.items())
    chosen = ACCOUNTS.quality([text])
    main = ACCOUNTS.main_quality(text, chosen)
    for name, ours in ACCOUNTS.QUALITY.items():
        value = theirs.get(name, int(ours))
        if name == "maxrepeat" and value == 0:
            value = int(ours)
        strictest = max if name.startswith("min") else min
        assert chosen[name] == strictest(int(ours), value)
        assert f"{name} = {value}\n" not in main or chosen[name] == value or name not in theirs
    assert ACCOUNTS.quality([main]) == chosen
    assert ACCOUNTS.main_quality(main, chosen) == main


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("# deny = 1\n", {"deny": 3, "fail_interval": 900, "unlock_time": 900}),
        ("deny = 0\nunlock_time = 60\n", {"deny": 3, "fail_interval": 900, "unlock_time": 900}),
        (
            "deny = 2\nfail_interval = 1000\n",
            {"deny": 2, "fail_interval": 1000, "unlock_time": 900},
        ),
        ("deny = 5\nunlock_time = never\n", {"deny": 3, "fail_interval": 900}),
        ("unlock_time = 0\n", {"deny": 3, "fail_interval": 900}),
    ],
)
def test_who_guesses_passwords_is_locked_out_as_strictly_as_before(theirs, ours):
    assert ACCOUNTS.lock(theirs) == ours
    text = ACCOUNTS.main_quality(theirs, ours)
    assert ACCOUNTS.main_quality(text, ACCOUNTS.lock(text)) == text


def test_sudos_stricter_defaults_and_its_log_stay():
    ours = ACCOUNTS.sudo(["Defaults env_reset\n# Defaults logfile=/no\n"])
    assert {"Defaults timestamp_timeout=5", "Defaults umask=0022"} <= set(ours.splitlines())
    assert 'Defaults logfile="/var/log/sudo.log"' in ours
    said = ["Defaults timestamp_timeout=0, umask=0077\n", 'Defaults logfile="/var/log/audited"\n']
    ours = ACCOUNTS.sudo(said)
    assert "use_pty" in ours
    for name in ("timestamp_timeout", "umask", "logfile"):
        assert name not in ours
    assert "timestamp_timeout=5" in ACCOUNTS.sudo(["Defaults timestamp_timeout=-1\n"])
    assert "timestamp_timeout=5" in ACCOUNTS.sudo(["Defaults timestamp_timeout=60\n"])


@pytest.mark.parametrize(("before", "after"), [("0022", "0027"), ("0077", "0077")])
def test_a_logins_umask_is_never_loosened(before, after):
    line = next(line for line in ACCOUNTS.SHELL.splitlines() if "umask" in line)
    script = f"umask {before}; {line.replace('id -u', 'echo 1000')}; umask"
    assert subprocess.check_output(["sh", "-c", script], text=True).strip() == after


def test_a_line_is_added_on_a_line_of_its_own():
    assert HOST.ended("a\nb") == "a\nb\n"
    assert HOST.ended("a\n") == "a\n"
    assert HOST.ended("") == ""
    assert "\nENCRYPT_METHOD\tYESCRYPT\n" in ACCOUNTS.stricter_defs("UMASK 077")


def test_fail2bans_other_jails_are_let_be():
    text = SERVICES.jail(["192.0.2.4"], [22, 2222])
    assert "[DEFAULT]" not in text
    assert "port = 22,2222\n" in text
    assert "ignoreip = %(known/ignoreip)s 192.0.2.4\n" in text


def test_an_address_is_not_one_that_begins_like_it():
    ask = {"ignoreip": "- 192.0.2.40\n", "actions": "has\nnftables", "action": "22"}
    host = SimpleNamespace(run=lambda *words, **_: (0, ask.get(words[5], "port 22\n")))
    host.run = lambda *words, **_: (0, ask[words[5]] if len(words) > 5 else "port 22\n")
    report = HOST.Findings()
    SERVICES.bans_read_back(host, {"controllers": ["192.0.2.4"]}, report)
    assert report.not_verified == ["fail2ban never bans a controller: 192.0.2.4"]
    ask.update(ignoreip="- 192.0.2.4\n", action="2222")
    report = HOST.Findings()
    SERVICES.bans_read_back(host, {"controllers": ["192.0.2.4/32"]}, report)
    (wrong,) = report.not_verified
    assert wrong.endswith("it does so from 2222")


def test_the_hosts_own_audit_rules_are_not_loaded_twice():
    theirs = "-w /etc/passwd -p wa -k identity\n-a always,exit -F arch=b64 -S mount,umount2 -k m\n"
    ours = INTEGRITY.rules(f"# -w /etc/shadow\n{theirs}")
    assert "-w /etc/passwd " not in ours
    assert "-S mount" not in ours
    assert "-w /etc/shadow -p wa -k autodeploy-identity" in ours
    lines = [line for line in INTEGRITY.rules("").splitlines() if not line.startswith("#")]
    assert not any(line in INTEGRITY.rules("\n".join(lines)) for line in lines)


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
    assert sorted(BACK.put_back(host.module, str(tmp_path / "kept"))) == [str(new), str(old)]
    assert old.read_text() == "before"
    assert not new.exists()


def test_what_others_have_written_since_stays(tmp_path, monkeypatch):
    kept = str(tmp_path / "kept")
    monkeypatch.setattr(HOST, "KEPT", kept)
    table = tmp_path / "fstab"
    table.write_text("/ ext4 0 1")
    host = fake()
    host.write(str(table), "/ ext4 0 1\nshm noexec\n")
    with table.open("a") as file:
        file.write("/data ext4 0 2\n")
    BACK.put_back(host.module, kept)
    assert table.read_text() == "/ ext4 0 1\n/data ext4 0 2\n"
    assert BACK.put_back(host.module, kept) == []


LINES = st.lists(st.sampled_from("abcdef"), max_size=5)


@given(LINES, LINES, st.sampled_from(["w", "x", "y"]))
def test_a_line_of_others_outlives_the_way_back(before, ours, theirs):
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (before, ours))
    assert BACK.undone(new, old, new) == old
    assert f"{theirs}\n" in BACK.undone(f"{new}{theirs}\n", old, new)


def test_a_link_stays_one(tmp_path, monkeypatch):
    monkeypatch.setattr(HOST, "KEPT", str(tmp_path / "kept"))
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    assert fake().write(str(tmp_path / "link"), "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"


def test_modes_come_back(tmp_path, monkeypatch):
    kept = str(tmp_path / "kept")
    monkeypatch.setattr(HOST, "KEPT", kept)
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    host = fake()
    host.tighten(str(home), 0o750)
    host.tighten(str(home), 0o700)
    assert BACK.put_back(host.module, kept) == [str(home)]
    assert home.stat().st_mode & 0o777 == 0o755
    home.chmod(0o711)  # Somebody else's stays.
    assert BACK.put_back(host.module, kept) == []


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


def test_permissions_are_only_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(HOST, "KEPT", str(tmp_path / "kept"))
    path = tmp_path / "file"
    path.write_text("")
    path.chmod(0o604)
    host = fake()
    assert host.tighten(str(path), 0o640)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not host.tighten(str(path), 0o640)
