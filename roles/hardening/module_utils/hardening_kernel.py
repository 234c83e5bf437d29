"""The kernel's settings and modules: written for each boot, set now where that can be."""

from __future__ import annotations

import os
import re

from ansible.module_utils.hardening_host import HEAD, read

SYSCTLS = "/etc/sysctl.d/99-zz-autodeploy.conf"
UFW = "/etc/ufw/sysctl.conf"
MODULES = "/etc/modprobe.d/autodeploy.conf"
AT_LEAST = {
    "fs.protected_fifos": 2,
    "fs.protected_hardlinks": 1,
    "fs.protected_regular": 2,
    "fs.protected_symlinks": 1,
    "kernel.core_uses_pid": 1,
    "kernel.dmesg_restrict": 1,
    "kernel.kptr_restrict": 2,
    "kernel.panic_on_oops": 1,
    "kernel.perf_event_paranoid": 3,
    "kernel.pid_max": 65536,
    "kernel.randomize_va_space": 2,
    "kernel.unprivileged_bpf_disabled": 1,
    "kernel.yama.ptrace_scope": 1,
    "net.core.bpf_jit_harden": 2,
    "net.ipv4.conf.all.arp_filter": 1,
    "net.ipv4.conf.all.arp_ignore": 1,
    "net.ipv4.conf.all.drop_gratuitous_arp": 1,
    "net.ipv4.conf.all.log_martians": 1,
    "net.ipv4.conf.default.log_martians": 1,
    "net.ipv4.icmp_echo_ignore_broadcasts": 1,
    "net.ipv4.icmp_ignore_bogus_error_responses": 1,
    "net.ipv4.tcp_rfc1337": 1,
    "net.ipv4.tcp_syncookies": 1,
    "vm.mmap_min_addr": 65536,
    "vm.mmap_rnd_bits": 32,
    "vm.mmap_rnd_compat_bits": 16,
}
AT_MOST = {
    "dev.tty.ldisc_autoload": 0,
    "fs.suid_dumpable": 0,
    "kernel.ctrl-alt-del": 0,
    "kernel.perf_cpu_time_max_percent": 1,
    "kernel.perf_event_max_sample_rate": 1,
    "kernel.sysrq": 0,
    "net.ipv4.conf.all.shared_media": 0,
    "net.ipv4.conf.default.shared_media": 0,
    **{
        f"net.{family}.conf.{which}.{name}": 0
        for family, names in (
            ("ipv4", ("accept_redirects", "secure_redirects", "send_redirects", "route_localnet")),
            ("ipv6", ("accept_redirects",)),
        )
        for name in (*names, "accept_source_route")
        for which in ("all", "default")
    },
}
# Which way packets may come in. Strict is 1, loose is 2.
WAYS = ("net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter")
# Where there are several ways in, these would shut some of them.
ONE_WAY = {"net.ipv4.conf.all.arp_filter", "net.ipv4.conf.all.arp_ignore"}
# A kernel that halts for ever is no better than one that goes on.
PANIC, PANIC_SECONDS = "kernel.panic", 10
NAMES = [*AT_LEAST, *AT_MOST, *WAYS, PANIC]
INNER = re.compile(r"(docker|br-|veth|virbr|podman|cni|lxcbr|lxdbr)")
UNUSED = (
    *("dccp", "sctp", "rds", "tipc", "n-hdlc", "ax25", "netrom", "x25", "rose", "decnet", "econet"),
    *("cramfs", "freevxfs", "jffs2", "hfs", "hfsplus", "befs", "usb-storage", "firewire-core"),
    *("firewire-ohci", "firewire-sbp2", "ohci1394", "sbp2", "thunderbolt"),
)
"""Protocols, file systems and buses that a web server's host has no use for; squashfs (snaps), udf
(some clouds' settings) and vfat (EFI) have one."""


def where(name):
    return "/proc/sys/" + name.replace(".", "/")


def number(text):
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


def running(names):
    """Values that the kernel has, of those that are numbers."""
    # A container may see a setting and not read it.
    values = {name: number(read(where(name))) for name in names if os.access(where(name), os.R_OK)}
    return {name: value for name, value in values.items() if value is not None}


def has_one_way_in(addresses):
    """Whether packets from outside come in by one interface alone.

    Args:
        addresses: `ip -o address show scope global`; empty where it is not known.
    """
    names = {line.split()[1] for line in addresses.splitlines() if line.strip()}
    return len({name for name in names if not INNER.match(name)}) == 1


def decided(now, one_way):
    """The values to be set: ours, or the stricter ones that are there.

    Args:
        now: What the kernel has.
        one_way: Whether packets come in by one interface alone.
    """
    found = {name: now.get(name) or (1 if one_way else 2) for name in WAYS}
    found[PANIC] = now.get(PANIC) or PANIC_SECONDS
    found.update({name: max(ours, now.get(name, ours)) for name, ours in AT_LEAST.items()})
    found.update({name: min(ours, now.get(name, ours)) for name, ours in AT_MOST.items()})
    left = set() if one_way else ONE_WAY
    return {name: found[name] for name in sorted(found) if name in now and name not in left}


def wanted(host, now):
    """`decided`, for this host."""
    _code, out = host.run("ip", "-o", "address", "show", "scope", "global", check=False)
    return decided(now, has_one_way_in(out))


def put(name, value):
    """Set one value; says whether the kernel took it."""
    try:
        with open(where(name), "w") as file:
            file.write(str(value))
    except OSError:
        return False
    return True


def agreeing(text, chosen):
    """UFW's own settings, which it sets whenever it starts, with our values."""

    def line(found):
        name = found[1].replace("/", ".")
        return f"{found[1]}={chosen[name]}" if name in chosen else found[0]

    return re.sub(r"^(net/[\w/]+)=\d+$", line, text, flags=re.MULTILINE)


def sysctl(host, _options):
    """Write the settings, and set those that differ."""
    now = running(NAMES)
    chosen = wanted(host, now)
    host.write(SYSCTLS, HEAD + "".join(f"{name} = {value}\n" for name, value in chosen.items()))
    text = read(UFW)
    if text:
        host.write(UFW, agreeing(text, chosen))
    for name, value in chosen.items():
        writable = now[name] != value and os.access(where(name), os.W_OK)
        # What the kernel refuses is not changed, and told when it is read back.
        if writable and (host.module.check_mode or put(name, value)):
            host.said.append(f"{name} = {value}")


def sysctl_read_back(host, _options, report):
    """What the kernel has now."""
    now = running(NAMES)
    wrong = {name: value for name, value in wanted(host, now).items() if now[name] != value}
    report.check(True, f"{len(now) - len(wrong)} kernel settings", "")
    for name in wrong:
        # os.access knows of file systems that are mounted read-only, as a container's are.
        reason = "refused by the kernel" if os.access(where(name), os.W_OK) else "read-only here"
        report.check(False, f"{name} = {wrong[name]}", f"it is {now[name]}, {reason}")
    for name in NAMES:
        if name not in now and os.path.exists(where(name)):
            report.check(False, name, "it cannot be read here")


def modules(host, _options):
    """Have modules that are not needed never loaded."""
    lines = [f"install {name} /bin/false\nblacklist {name}\n" for name in UNUSED]
    host.write(MODULES, HEAD + "".join(lines))


def modules_read_back(_host, _options, report):
    """What of them is loaded."""
    loaded = {line.split()[0] for line in (read("/proc/modules") or "").splitlines()}
    still = [name for name in UNUSED if name.replace("-", "_") in loaded]
    report.check(
        not still, "no unused kernel module is loaded", f"{', '.join(still)} until a reboot"
    )
    if os.path.exists("/run/host/container-manager") or os.path.exists("/run/systemd/container"):
        report.check(
            False, "unused kernel modules cannot be loaded", "the kernel is another host's"
        )
