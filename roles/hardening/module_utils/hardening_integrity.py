"""Who changed what: AIDE's sums of files, and the kernel's audit where it has one."""

from __future__ import annotations

import os
import socket
import struct

from ansible.module_utils.hardening_host import HEAD, read

AIDE = "/etc/aide/aide.conf.d/99_autodeploy"
DATABASE = "/var/lib/aide/aide.db"
UNIT = "autodeploy-aide"
LATER = "10min"
DEBSUMS = "/etc/default/debsums"
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
IGNORED = ("/srv", "/run", "/tmp", "/var/lib/autodeploy", "/var/lib/docker", "/var/log/journal")
NETLINK_AUDIT, AUDIT_GET, REQUEST, ERROR = 9, 1000, 1, 2


def integrity(host, _options):
    """Say what AIDE leaves out, and have it take its first sums once the deployment is over."""
    host.write(AIDE, HEAD + "".join(f"!{path}\n" for path in IGNORED))
    text = read(DEBSUMS)
    if text:
        host.write(DEBSUMS, text.replace("CRON_CHECK=never", "CRON_CHECK=weekly"))
    if not os.path.exists(DATABASE) and not begun(host):
        quiet = (
            "--property=Nice=19",
            "--property=IOSchedulingClass=idle",
            "--property=CPUWeight=10",
        )
        command = ("systemd-run", "--quiet", f"--on-active={LATER}", f"--unit={UNIT}", *quiet)
        host.act(
            "AIDE's first sums ordered",
            lambda: host.run(*command, "/usr/sbin/aideinit", "-y", "-f"),
        )


def begun(host):
    """Whether the first sums are being taken, or will be."""
    _code, out = host.run("systemctl", "is-active", f"{UNIT}.timer", f"{UNIT}.service", check=False)
    return bool({"active", "activating"} & set(out.split()))


def integrity_read_back(host, _options, report):
    reason = "they are taken in the background" if begun(host) else "there are none"
    report.check(os.path.exists(DATABASE), "AIDE has sums of the host's files", reason)
    code = host.run("systemctl", "is-enabled", "dailyaidecheck.timer", check=False)[0]
    report.check(code == 0, "AIDE compares each day", "its timer is off")


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


def rules():
    lines = [f"-w {path} -p wa -k {key}" for key, paths in WATCHED.items() for path in paths]
    lines += [f"-a always,exit -F arch=b64 -S {calls} -k {key}" for key, calls in CALLS.items()]
    return HEAD + "".join(f"{line}\n" for line in lines)


def audit(host, _options):
    """Have changes of accounts, SSH, time and modules noted, where the kernel can."""
    if not kernel_audits() or not os.path.exists("/sbin/auditctl"):
        return
    if host.write(RULES, rules(), 0o640):
        host.act("audit rules loaded", lambda: host.run("augenrules", "--load"))


def audit_read_back(host, _options, report):
    if not kernel_audits():
        report.check(False, "the kernel notes changes of accounts and SSH", "it has no audit here")
        return
    code, out = host.run("auditctl", "-l", check=False)
    missing = [
        key for key in (*WATCHED, *CALLS) if f"-k {key}" not in out and f"key={key}" not in out
    ]
    report.check(
        code == 0 and not missing, "the kernel notes changes", ", ".join(missing) or out.strip()
    )
