"""Who changed what: AIDE's sums of files, and the kernel's audit where it has one."""

from __future__ import annotations

import glob
import os
import re
import socket
import struct

from ansible.module_utils.hardening_host import HEAD, read

AIDE = "/etc/aide/aide.conf"
DATABASE = "/var/lib/aide/aide.db"
UNIT = "autodeploy-aide"
UNITS = "/etc/systemd/system"
DEBSUMS = "/etc/default/debsums"
CONFIG = f"""{HEAD}database_in=file:{DATABASE}
database_out=file:{DATABASE}.new
gzip_dbout=no
Sums = p+u+g+s+m+c+sha512
/boot Sums
/etc Sums
/root Sums
/usr Sums
!/usr/share
"""
# What differs is in the journal, once; a unit that fails each day would say no more.
SERVICE = f"""{HEAD}[Unit]
Description=Compare files with their sums, or take the first ones

[Service]
Type=oneshot
Nice=19
IOSchedulingClass=idle
CPUWeight=10
SuccessExitStatus=1 2 3 4 5 6 7
ExecStart=/bin/sh -c 'if [ -e {DATABASE} ]; then aide --config={AIDE} --update; \\
  else aide --config={AIDE} --init; fi; code=$?; \\
  [ $code -gt 7 ] || mv {DATABASE}.new {DATABASE}; exit $code'
"""
# The first time is once the deployment is over.
TIMER = f"""{HEAD}[Unit]
Description=Compare files with their sums each day

[Timer]
OnActiveSec=10min
OnCalendar=daily
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
"""
RULES = "/etc/audit/rules.d/60-autodeploy.rules"
WATCHED = {
    "identity": ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers"),
    "sudoers": ("/etc/sudoers.d",),
    "sshd": ("/etc/ssh",),
    "time": ("/etc/localtime",),
    "logins": ("/var/log/wtmp", "/var/log/btmp"),
}
CALLS = {
    "time": "adjtimex,settimeofday,clock_settime",
    "modules": "init_module,finit_module,delete_module",
    "mounts": "mount",
    "names": "sethostname,setdomainname",
}
NETLINK_AUDIT, AUDIT_GET, REQUEST, ERROR = 9, 1000, 1, 2


def integrity(host, _options):
    """Have AIDE take sums of the host's files, and compare each day, unless it does already."""
    text = read(DEBSUMS)
    if text:
        host.write(DEBSUMS, text.replace("CRON_CHECK=never", "CRON_CHECK=weekly"))
    if not (read(AIDE) or HEAD).startswith(HEAD):
        return
    host.write(AIDE, CONFIG, 0o600)
    new = [
        host.write(f"{UNITS}/{UNIT}.service", SERVICE),
        host.write(f"{UNITS}/{UNIT}.timer", TIMER),
    ]
    if any(new):
        host.act("AIDE's timer enabled", lambda: start(host))


def start(host):
    os.makedirs(os.path.dirname(DATABASE), mode=0o700, exist_ok=True)
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "enable", "--now", f"{UNIT}.timer")


def integrity_read_back(host, _options, report):
    """Whether there are sums, and they are compared."""
    timers = [f"{UNIT}.timer", "dailyaidecheck.timer"]
    _code, out = host.run("systemctl", "is-active", *timers, check=False)
    runs = "active" in out.split()
    reason = "they are taken within twenty minutes of the deployment" if runs else "there are none"
    report.check(os.path.exists(DATABASE), "AIDE has sums of the host's files", reason)
    report.check(runs, "AIDE compares each day", "its timer is off")


def kernel_audits():
    """Whether the kernel answers its audit interface, which a container's does not."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as link:
            link.settimeout(2)
            link.sendto(struct.pack("=IHHII", 16, AUDIT_GET, REQUEST, 1, 0), (0, 0))
            (kind,) = struct.unpack_from("=H", link.recv(4096), 4)
            return kind != ERROR
    except OSError:
        return False


def rules(theirs):
    """Our rules, but for paths and calls that the host's own are about.

    A rule that is there twice ends the loading of all that follow.

    Args:
        theirs: The host's own.
    """
    words = set(re.split(r"[\s,=]+", re.sub(r"^\s*#.*$", "", theirs, flags=re.MULTILINE)))
    lines = [
        f"-w {path} -p wa -k autodeploy-{key}"
        for key, paths in WATCHED.items()
        for path in paths
        if not {path, f"{path}/"} & words
    ]
    for key, calls in CALLS.items():
        left = [one for one in calls.split(",") if one not in words]
        what = f"-a always,exit -F arch=b64 -S {','.join(left)} -k autodeploy-{key}"
        lines += [what] if left else []
    return HEAD + "".join(f"{line}\n" for line in lines)


def others():
    """The rules of the host's own."""
    paths = sorted(set(glob.glob("/etc/audit/rules.d/*.rules")) - {RULES})
    return "\n".join(read(path) or "" for path in paths)


def audit(host, _options):
    """Have changes of accounts, SSH, time and modules noted, where the kernel can."""
    if not kernel_audits() or not os.path.exists("/sbin/auditctl"):
        return
    if host.write(RULES, rules(others()), 0o640):
        # What it does not take, as where rules are locked until a boot, is told when read back.
        host.act("audit rules loaded", lambda: host.run("augenrules", "--load", check=False))


def audit_read_back(host, _options, report):
    if not kernel_audits():
        report.check(False, "the kernel notes changes of accounts and SSH", "it has no audit here")
        return
    code, out = host.run("auditctl", "-l", check=False)
    keys = sorted(set(re.findall(r"-k (\S+)", read(RULES) or "")))
    missing = [key for key in keys if f"-k {key}" not in out and f"key={key}" not in out]
    report.check(
        code == 0 and not missing, "the kernel notes changes", ", ".join(missing) or out.strip()
    )
