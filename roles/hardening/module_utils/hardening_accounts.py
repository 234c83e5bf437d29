"""Accounts: passwords, homes, sudo and umask. No password ages: that would end logins by key."""

from __future__ import annotations

import glob
import os
import pwd
import re

from ansible.module_utils.hardening_host import HEAD, ended, read
from ansible.module_utils.hardening_logins import login, people

LOGIN_DEFS = "/etc/login.defs"
SUDOERS = "/etc/sudoers.d/autodeploy"
PROFILE = "/etc/profile.d/autodeploy.sh"
HISTORY = "/usr/share/pam-configs/autodeploy-history"
GUARDED = ("sudoers", "sudoers.d", "pam.d", "login.defs")
UMASK, HOME_MODE = 0o027, 0o750
IDLE_SECONDS = 900
QUALITY = {
    "minlen": "18",
    "minclass": "4",
    "dcredit": "-1",
    "lcredit": "-1",
    "ocredit": "-1",
    "ucredit": "-1",
    "maxrepeat": "3",
    "retry": "3",
}
LIBRARY = "/etc/security/pwquality.conf"
SUDO = ("use_pty", "ignore_dot")
SUDO_MINUTES = {"passwd_timeout": 1, "timestamp_timeout": 5}
# What root installs is read by services: people's own umask does not go along.
SUDO_OTHERS = {
    "logfile": 'logfile="/var/log/sudo.log"',
    "umask": "umask=0022\nDefaults umask_override",
}
SHELL = f"""{HEAD}# Root's files are read by services.
[ "$(id -u)" -eq 0 ] || umask "$(printf %o "$((0$(umask) | 0{UMASK:o}))")"
[ -n "${{TMOUT:-}}" ] || TMOUT={IDLE_SECONDS}
readonly TMOUT
export TMOUT
"""
REMEMBER = """Name: Passwords are not used again (autodeploy)
Default: yes
Priority: 512
Password-Type: Primary
Password:
\trequisite\tpam_pwhistory.so remember=5 use_authtok enforce_for_root
"""

# Who has guessed three times waits. Keys, and root's `su`, ask for no password: they go on.
FAILLOCK = "/usr/share/pam-configs/autodeploy-faillock"
COUNT = """Name: Passwords that are guessed lock the account for a while (autodeploy)
Default: yes
Priority: 0
Auth-Type: Primary
Auth:
\t[default=die]\tpam_faillock.so authfail
"""
FORGET = """Name: A good password forgets the wrong ones before (autodeploy)
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
\trequisite\tpam_faillock.so preauth
Account-Type: Primary
Account:
\trequired\tpam_faillock.so
"""
FAILLOCK_CONF = "/etc/security/faillock.conf"
GUESSES, LOCKED_SECONDS = 3, 900


def stricter_defs(text):
    """login.defs with our values, or with those that are there where they are stricter."""
    now = dict(re.findall(r"^([A-Z_]+)[ \t]+(\S+)", text, re.MULTILINE))
    umask = int(now.get("UMASK", "0"), 8) | UMASK
    mode = int(now.get("HOME_MODE", "777"), 8) & HOME_MODE
    wanted = {
        "UMASK": f"{umask:03o}",
        "HOME_MODE": f"{mode:04o}",
        "PASS_MIN_DAYS": str(max(1, int(now.get("PASS_MIN_DAYS", 0)))),
        "ENCRYPT_METHOD": "YESCRYPT",
        "SHA_CRYPT_MIN_ROUNDS": str(max(65536, int(now.get("SHA_CRYPT_MIN_ROUNDS", 0)))),
        "SHA_CRYPT_MAX_ROUNDS": str(max(65536, int(now.get("SHA_CRYPT_MAX_ROUNDS", 0)))),
    }
    for name, value in wanted.items():
        if now.get(name) == value:
            continue
        line = f"{name}\t{value}"
        text, found = re.subn(rf"^{name}[ \t].*$", line, text, flags=re.MULTILINE)
        text = text if found else f"{ended(text)}{line}\n"
    return text


QUALITY_LINE = re.compile(r"^[ \t]*([a-z_]+)[ \t]*=[ \t]*(-?\d+)[ \t]*$", re.MULTILINE)


def quality(texts):
    """Our rules for passwords, or the host's own where they are stricter."""
    found = {name: [int(to)] for name, to in QUALITY.items()}
    for name, value in QUALITY_LINE.findall("\n".join(texts)):
        # No repetition at all is forbidden by none.
        if name in found and not (name == "maxrepeat" and int(value) == 0):
            found[name].append(int(value))
    return {name: (max if name.startswith("min") else min)(to) for name, to in found.items()}


def main_quality(text, chosen):
    """The library's main file, which is read last and has the last word, with our rules in it."""

    def line(found):
        name = found[1]
        return f"{name} = {chosen[name]}" if name in chosen else found[0]

    there = {name for name, _value in QUALITY_LINE.findall(text)}
    missing = [f"{name} = {to}\n" for name, to in chosen.items() if name not in there]
    return QUALITY_LINE.sub(line, ended(text) if missing else text) + "".join(missing)


def lock(text):
    """Our values for faillock, or the host's own where they are stricter."""
    found = {name: int(to) for name, to in QUALITY_LINE.findall(text)}
    deny, forever = found.get("deny", 0), r"^[ \t]*unlock_time[ \t]*=[ \t]*(0|never)\b"
    chosen = {
        "deny": min(deny, GUESSES) if deny > 0 else GUESSES,
        "fail_interval": max(found.get("fail_interval", 0), LOCKED_SECONDS),
    }
    if not re.search(forever, text, re.MULTILINE):
        chosen["unlock_time"] = max(found.get("unlock_time", 0), LOCKED_SECONDS)
    return chosen


def sudo(texts):
    """Our defaults for sudo, but for those that the host's own files have as strict.

    Args:
        texts: Those files.
    """
    said = ",".join(re.findall(r"^[ \t]*Defaults[ \t]+(.*)$", "\n".join(texts), re.MULTILINE))
    theirs = dict(re.findall(r"\b(\w+)[ \t]*=[ \t]*\"?([^\s,\"]*)", said))
    lines = list(SUDO)
    for name, most in SUDO_MINUTES.items():
        value = theirs.get(name, "")
        least = 0 if name == "timestamp_timeout" else 0.01
        strict = re.fullmatch(r"\d+(\.\d+)?", value) and least <= float(value) <= most
        lines += [] if strict else [f"{name}={most}"]
    lines += [line for name, line in SUDO_OTHERS.items() if name not in theirs]
    return HEAD + "".join(f"Defaults {line}\n" for line in lines)


def texts_of(pattern, without):
    """The texts of files, but ours."""
    found = sorted(set(glob.glob(pattern)) - {without})
    return [read(path) or "" for path in found]


def rules_of_sudo():
    """Our file for sudo on this host."""
    return sudo([read("/etc/sudoers") or "", *texts_of("/etc/sudoers.d/*", SUDOERS)])


def passwords(host):
    """Write what new passwords must be."""
    main = read(LIBRARY) or ""
    others = [read(path) or "" for path in sorted(glob.glob(f"{LIBRARY}.d/*.conf"))]
    host.write(LIBRARY, main_quality(main, quality([main, *others])))


def stack(host):
    """Have PAM know old passwords, and count wrong ones unless it does so already."""
    files = {HISTORY: REMEMBER}
    if os.path.exists(FAILLOCK) or "pam_faillock" not in (read("/etc/pam.d/common-auth") or ""):
        files |= {FAILLOCK: COUNT, f"{FAILLOCK}-forget": FORGET}
        text = read(FAILLOCK_CONF) or ""
        host.write(FAILLOCK_CONF, main_quality(text, lock(text)))
    written = [host.write(path, text) for path, text in files.items()]
    if any(written):
        host.act("PAM's stack", lambda: host.run("pam-auth-update", "--package"))


def homes():
    """Homes of people, that are theirs."""
    for name in people(pwd.getpwall(), 1000, login()):
        entry = pwd.getpwnam(name)
        home = entry.pw_dir
        if (
            os.path.isdir(home)
            and not os.path.islink(home)
            and os.stat(home).st_uid == entry.pw_uid
        ):
            yield home


def change(host, _options):
    """Write what passwords, homes and sudo are."""
    paths = [f"/etc/{name}" for name in GUARDED]
    host.guarded(paths, [], "accounts and sudo")
    host.write(LOGIN_DEFS, stricter_defs(read(LOGIN_DEFS) or ""))
    passwords(host)
    host.write(PROFILE, SHELL)
    stack(host)
    host.write(SUDOERS, rules_of_sudo(), 0o440)
    if host.said and not host.module.check_mode:
        host.run("visudo", "-c")
    host.tighten("/etc/sudoers.d", 0o750)
    for home in homes():
        host.tighten(home, HOME_MODE)
        for name in (".profile", ".bashrc", ".bash_logout"):
            host.tighten(os.path.join(home, name), 0o640)


def read_back(host, _options, report):
    """What holds now."""
    text = read(LOGIN_DEFS) or ""
    report.check(
        stricter_defs(text) == text, "new files and homes are private", "login.defs differs"
    )
    _code, out = host.run("sudo", "-l", "-U", "root", check=False)
    holds = re.search(r"\buse_pty\b", out) and re.search(r"\blogfile=|\bsyslog\b", out)
    report.demand(holds, "sudo keeps a log and uses a pty", "low", "sudo itself says otherwise")
    for module, kind, what in (
        ("pam_pwquality", "password", "weak passwords are refused"),
        ("pam_pwhistory", "password", "passwords are not used again"),
        ("pam_faillock", "auth", "who guesses passwords is locked out for a while"),
    ):
        holds = module in (read(f"/etc/pam.d/common-{kind}") or "")
        report.demand(holds, what, "medium", f"{module} is not in PAM's stack")
    wide = [home for home in homes() if os.stat(home).st_mode & ~HOME_MODE & 0o777]
    report.demand(not wide, "homes are private", "low", ", ".join(wide))
    shadow = [line.split(":") for line in (read("/etc/shadow") or "").splitlines()]
    empty = [line[0] for line in shadow if len(line) > 1 and not line[1]]
    report.demand(not empty, "no account has an empty password", "high", ", ".join(empty))
    others = [one.pw_name for one in pwd.getpwall() if one.pw_uid == 0 and one.pw_name != "root"]
    for name in others:
        report.find("root-twin", "critical", name, f"the account {name} is root by its number")
