"""Topics that are a file or two: what they say, who must load it, and how it is read back."""

from __future__ import annotations

import glob
import ipaddress
import os
import re

from ansible.module_utils.hardening_host import HEAD, ended, read
from ansible.module_utils.hardening_sshd import parsed, ports

BANNER = """This system is private. Access is restricted to authorized users; unauthorized access is
prohibited. Activity is monitored, and recorded as the owner's policy and legal terms allow.
"""
BANNERS = ("/etc/issue", "/etc/issue.net")
DISTRIBUTIONS = r"\s*|(Debian GNU/Linux|Ubuntu) [^\n]*\n\s*"
JOURNAL = f"{HEAD}[Journal]\nStorage=persistent\nCompress=yes\nSeal=yes\n"
JOURNAL_FILE = "/etc/systemd/journald.conf.d/90-autodeploy.conf"
LIMITS = "/etc/security/limits.d/90-autodeploy.conf"
SYSTEM = "/etc/systemd/system.conf.d/90-autodeploy.conf"
COREDUMP = "/etc/systemd/coredump.conf.d/90-autodeploy.conf"
CORE_PROFILE = "/etc/profile.d/autodeploy-coredumps.sh"
UPDATES = "/etc/apt/apt.conf.d/52autodeploy"
PERIODIC = {
    "APT::Periodic::Update-Package-Lists": "1",
    "APT::Periodic::Unattended-Upgrade": "1",
    "APT::Periodic::AutocleanInterval": "7",
}
# A jail.local of the host's own has the last word: what is read before it stands beside it then.
JAIL_LOCAL = "/etc/fail2ban/jail.local"
JAIL_BEFORE = "/etc/fail2ban/jail.d/00-autodeploy.conf"
BEFORE = f"""{HEAD}[DEFAULT]
ignoreip = 127.0.0.1/8 ::1
[sshd]
enabled = true
backend = systemd
banaction = nftables
bantime.increment = true
"""
JAIL = "/etc/fail2ban/jail.d/zz-autodeploy.local"
CRONTABS = "/var/spool/cron/crontabs"
CRON = ("/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly")
CRON += ("/etc/cron.monthly", "/etc/cron.yearly")
SHM = "tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0\n"


def banners(host, _options):
    """Tell who comes that the system is private, where nobody else has said something."""
    for path in BANNERS:
        if re.fullmatch(DISTRIBUTIONS, read(path) or ""):
            host.write(path, BANNER)


def banners_read_back(_host, _options, report):
    bare = [path for path in BANNERS if re.fullmatch(DISTRIBUTIONS, read(path) or "")]
    report.check(not bare, "a banner tells who may log in", ", ".join(bare))


def journal(host, _options):
    """Keep the journal over a reboot."""
    if host.write(JOURNAL_FILE, JOURNAL):
        host.act(
            "journald restarted",
            lambda: (
                host.run("systemctl", "restart", "systemd-journald"),
                host.run("journalctl", "--flush"),
            ),
        )


def journal_read_back(_host, _options, report):
    kept = glob.glob("/var/log/journal/*/system.journal")
    report.check(kept, "the journal outlives a reboot", "there is none in /var/log/journal")


def coredumps(host, _options):
    """Write no memory of a process to the disk."""
    host.write(LIMITS, f"{HEAD}* hard core 0\n* soft core 0\nroot hard core 0\n")
    host.write(COREDUMP, f"{HEAD}[Coredump]\nStorage=none\nProcessSizeMax=0\n")
    host.write(CORE_PROFILE, f"{HEAD}ulimit -c 0\n")
    if host.write(SYSTEM, f"{HEAD}[Manager]\nDefaultLimitCORE=0\n"):
        host.act("systemd loaded anew", lambda: host.run("systemctl", "daemon-reexec"))


def coredumps_read_back(host, _options, report):
    _code, out = host.run("systemctl", "show", "--property=DefaultLimitCORE", "--value")
    what = "services that start from now on dump no core"
    report.check(out.strip() == "0", what, f"their limit is {out.strip()}")
    login = ("su", "--shell=/bin/sh", "--command=ulimit -Hc", "nobody")
    out = host.run(*login, check=False)[1].strip()
    report.check(out == "0", "logins dump no core", f"their limit is {out or 'not known'}")


def updates(host, _options):
    """Have security updates installed each day."""
    lines = [f'{name} "{value}";\n' for name, value in PERIODIC.items()]
    host.write(UPDATES, HEAD.replace("#", "//", 1) + "".join(lines))
    for unit in ("apt-daily.timer", "apt-daily-upgrade.timer"):
        if host.run("systemctl", "is-enabled", unit, check=False)[0]:
            host.act(
                f"{unit} enabled", lambda one=unit: host.run("systemctl", "enable", "--now", one)
            )


def updates_read_back(host, _options, report):
    _code, out = host.run("apt-config", "dump", "APT::Periodic::Unattended-Upgrade")
    code, _out = host.run("systemctl", "is-active", "apt-daily-upgrade.timer", check=False)
    there = os.path.exists("/usr/bin/unattended-upgrade")
    holds = '"1"' in out and code == 0 and there
    what = "security updates are installed each day"
    report.demand(holds, what, "medium", "the timer or the package is off")


def jail(controllers, ssh_ports):
    """What holds for SSH's jail whatever the host's own files say; nothing of other jails."""
    ignored = " ".join(["%(known/ignoreip)s", *controllers])
    return f"""{HEAD}[sshd]
enabled = true
port = {",".join(map(str, ssh_ports))}
ignoreip = {ignored}
"""


def bans(host, options):
    """Shut out for a while who tries logins, but no controller."""
    ours = (read(JAIL_LOCAL) or HEAD).startswith(HEAD)
    texts = {
        JAIL_LOCAL if ours else JAIL_BEFORE: BEFORE,
        JAIL: jail(options["controllers"], listening(host)),
    }
    written = [host.write(path, text) for path, text in texts.items()]
    if any(written):
        host.act("fail2ban restarted", lambda: host.run("systemctl", "restart", "fail2ban"))
    if host.run("systemctl", "is-enabled", "fail2ban", check=False)[0]:
        host.act("fail2ban enabled", lambda: host.run("systemctl", "enable", "--now", "fail2ban"))


def listening(host):
    """The ports on which sshd says that it listens."""
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    return ports(parsed(host.run("/usr/sbin/sshd", "-T")[1]))


def network(word):
    """An address or network as one that can be compared; other words as they are."""
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError:
        return word


def bans_read_back(host, options, report):
    """What the running server watches, where it shuts out, and what it ignores."""

    def ask(*words):
        # A server that was started a moment ago has no socket yet; the client waits for it.
        return host.run("fail2ban-client", "--timeout", "10", "get", "sshd", *words, check=False)

    code, out = ask("ignoreip")
    report.demand(code == 0, "fail2ban watches SSH", "medium", out.strip() or "it does not answer")
    if code:
        return
    ignored = set(map(network, out.split()))
    banned = [one for one in options["controllers"] if network(one) not in ignored]
    if options["controllers"]:
        report.check(not banned, "fail2ban never bans a controller", ", ".join(banned))
    actions = ask("actions")[1].splitlines()[-1:]
    shut = ask("action", *actions, "port")[1].strip()
    missing = {str(one) for one in listening(host)} - set(shut.split(","))
    what = "fail2ban shuts out from the ports that SSH has"
    report.check(not missing or shut == "0:65535", what, f"it does so from {shut or 'none'}")


def cron(host, _options):
    """Let only those make jobs who have some, and nobody read others'."""
    users = sorted({"root", *(os.listdir(CRONTABS) if os.path.isdir(CRONTABS) else [])})
    for allow, deny in (("/etc/cron.allow", "/etc/cron.deny"), ("/etc/at.allow", "/etc/at.deny")):
        if not os.path.exists(allow) and not os.path.exists(deny):
            host.write(allow, "".join(f"{name}\n" for name in users), 0o600)
    for path in CRON:
        host.tighten(path, 0o700 if os.path.isdir(path) else 0o600)


def cron_read_back(_host, _options, report):
    wide = [path for path in CRON if os.path.exists(path) and os.stat(path).st_mode & 0o077]
    report.demand(not wide, "cron's tables are root's alone", "low", ", ".join(wide))
    ruled = os.path.exists("/etc/cron.allow") or os.path.exists("/etc/cron.deny")
    report.check(ruled, "who may have cron jobs is listed", "there is no /etc/cron.allow")


def options_of(mounts, point):
    """The options of a mount point in the text of /proc/mounts; empty where it is none."""
    rows = [line.split() for line in mounts.splitlines()]
    found = [row[3].split(",") for row in rows if len(row) > 3 and row[1] == point]
    return found[-1] if found else []


def mounts(host, _options):
    """Run nothing from shared memory; /tmp must run what pip and npm build there."""
    table = read("/etc/fstab") or ""
    if not re.search(r"^[^#\s]+\s+/dev/shm\s", table, re.MULTILINE):
        host.write("/etc/fstab", f"{ended(table)}{SHM}")
    if "noexec" not in options_of(read("/proc/mounts") or "", "/dev/shm"):
        remount = ("mount", "-o", "remount,nosuid,nodev,noexec", "/dev/shm")
        # What a container does not allow is not changed, and told when it is read back.
        if host.module.check_mode or host.run(*remount, check=False)[0] == 0:
            host.said.append("/dev/shm: noexec")


def mounts_read_back(_host, _options, report):
    table = read("/proc/mounts") or ""
    shm = options_of(table, "/dev/shm")
    report.check("noexec" in shm, "nothing is run from /dev/shm", "it is mounted without noexec")
    temporary = options_of(table, "/tmp") or ["it is no file system of its own"]
    safe = {"nosuid", "nodev"} <= set(temporary)
    report.check(safe, "/tmp has no setuid programs and devices", ", ".join(temporary))
