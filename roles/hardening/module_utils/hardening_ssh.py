"""SSH: keys, algorithms and logins, and what sshd offers on the wire afterwards."""

from __future__ import annotations

import glob
import grp
import os
import pwd
import re
import socket
import struct
import tempfile
import time

from ansible.module_utils.hardening_host import HEAD, read
from ansible.module_utils.hardening_logins import (
    NSSWITCH,
    has_keys,
    knows_others,
    login,
    may_log_in,
)
from ansible.module_utils.hardening_sshd import (
    comes_first,
    flattened,
    parsed,
    same,
    settings,
    widening,
)

CONFIG = "/etc/ssh/sshd_config"
DROP_IN = "/etc/ssh/sshd_config.d/00-autodeploy.conf"
MODULI = "/etc/ssh/moduli"
STRONG_MODULI = "/etc/ssh/moduli.autodeploy"
MODULUS_BITS = 3071
GROUP = "ssh-users"
ED25519 = "/etc/ssh/ssh_host_ed25519_key"
RSA = "/etc/ssh/ssh_host_rsa_key"
RSA_BITS = 4096
WEAK_KEYS = ("/etc/ssh/ssh_host_ecdsa_key", "/etc/ssh/ssh_host_dsa_key")
SSHD = "/usr/sbin/sshd"
ANSWER_SECONDS = 5
KEXINIT_LISTS = ("kexalgorithms", "hostkeyalgorithms", "ciphers", "ciphers_out", "macs", "macs_out")


def said_by_sshd(host, lines):
    """What sshd makes of these lines, by `sshd -T`."""
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir="/run", prefix="autodeploy-sshd-") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        _code, out = host.run(SSHD, "-T", "-f", file.name)
    return parsed(out)


def wanted(host, options):
    """The text of our file, from what sshd does without it."""
    others = flattened(CONFIG, DROP_IN)
    theirs = said_by_sshd(host, others)
    _code, known = host.run("ssh", "-Q", "kex")
    free = not any(theirs.get(name) for name in ("allowusers", "allowgroups"))
    free = free and not knows_others(read(NSSWITCH) or "")
    chosen = settings(
        theirs,
        known.split(),
        login() == "root",
        options["post_quantum"],
        options["controllers"],
        GROUP if free else None,
    )
    lines = [f"HostKey {ED25519}", f"HostKey {RSA}"]
    if theirs.get("modulifile") == [MODULI]:
        lines.append(f"ModuliFile {STRONG_MODULI}")
    lines += [f"{name} {value}" for name, value in chosen]
    return lines, others


def strong(moduli):
    """Lines of a moduli file whose modulus is large enough."""
    rows = [line.split() for line in moduli.splitlines() if not line.startswith("#")]
    kept = [" ".join(row) for row in rows if len(row) > 4 and int(row[4]) >= MODULUS_BITS]
    return "".join(f"{row}\n" for row in kept)


def bits(host, key):
    """A key's size; 0 where there is none."""
    if not os.path.exists(key):
        return 0
    code, out = host.run("ssh-keygen", "-l", "-f", key, check=False)
    return 0 if code else int(out.split()[0])


def make_key(host, kind, path, *options):
    for one in (path, f"{path}.pub"):
        if os.path.exists(one):
            os.unlink(one)
    host.run("ssh-keygen", "-q", "-t", kind, *options, "-N", "", "-C", "", "-f", path)


def host_keys(host):
    if not os.path.exists(ED25519):
        host.act(f"{ED25519} made", lambda: make_key(host, "ed25519", ED25519))
    if bits(host, RSA) < RSA_BITS:
        host.act(
            f"{RSA} of {RSA_BITS} bits", lambda: make_key(host, "rsa", RSA, "-b", str(RSA_BITS))
        )
    for key in WEAK_KEYS:
        host.remove(key)
        host.remove(f"{key}.pub")


def group(host):
    """Everybody who could log in is in the group before only its members may."""
    try:
        entry = grp.getgrnam(GROUP)
        members, number = set(entry.gr_mem), entry.gr_gid
    except KeyError:
        members, number = set(), None
        host.act(f"group {GROUP}", lambda: host.run("groupadd", "--system", GROUP))
    for name in may_log_in(pwd.getpwall(), login(), has_keys):
        if name not in members and pwd.getpwnam(name).pw_gid != number:
            host.act(f"{name} in {GROUP}", lambda one=name: host.run("usermod", "-aG", GROUP, one))


def change(host, options):
    """Write SSH's settings, and have them hold for new connections."""
    unit = "ssh" if host.run("systemctl", "is-active", "ssh", check=False)[0] == 0 else None
    reload = [["systemctl", "restart", unit]] if unit else []
    # Who is in the group besides does no harm; others' groups that come meanwhile stay so.
    host.guarded(["/etc/ssh"], reload, "SSH's settings")
    lines, others = wanted(host, options)
    before = list(host.said)
    host_keys(host)
    if f"ModuliFile {STRONG_MODULI}" in lines:
        host.write(STRONG_MODULI, strong(read(MODULI) or ""))
    if f"AllowGroups {GROUP}" in lines:
        group(host)
    if not host.module.check_mode:
        said_by_sshd(host, lines + others)
    text = HEAD + "\n".join(lines) + "\n"
    host.write(DROP_IN, text, 0o600)
    main = read(CONFIG) or ""
    if not comes_first(main, DROP_IN):
        host.write(CONFIG, f"Include {DROP_IN}\n{main}")
    for path in (
        CONFIG,
        *glob.glob("/etc/ssh/sshd_config.d/*"),
        *glob.glob("/etc/ssh/ssh_host_*_key"),
    ):
        host.tighten(path, 0o600)
    host.tighten("/etc/ssh/sshd_config.d", 0o755)
    if unit and (host.said != before or is_older(host, unit)):
        host.act(f"{unit} restarted", lambda: host.run("systemctl", "restart", unit))


def began(host, unit):
    """When a unit's main process began, by the clock; None where it has none."""
    out = host.run("systemctl", "show", "--property=MainPID", "--value", unit, check=False)[1]
    stat = read(f"/proc/{out.strip()}/stat") if out.strip().isdigit() else None
    if stat is None:
        return None
    ticks = int(stat.rsplit(")", 1)[1].split()[19])
    boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def is_older(host, unit):
    """Whether sshd began before its settings were written: `sshd -T` reads them, not it."""
    paths = [CONFIG, *glob.glob("/etc/ssh/sshd_config.d/*.conf"), ED25519, RSA]
    written = [os.stat(path).st_mtime for path in paths if os.path.exists(path)]
    at = began(host, unit)
    return at is not None and max(written, default=0) > at


def offered(address, port):
    """The lists of algorithms that an SSH server offers, read from its first packet."""
    with socket.create_connection((address, port), timeout=ANSWER_SECONDS) as connection:
        stream = connection.makefile("rb")
        while not stream.readline().startswith(b"SSH-"):
            pass
        connection.sendall(b"SSH-2.0-autodeploy_look\r\n")
        (length, _padding) = struct.unpack(">IB", stream.read(5))
        payload = stream.read(length - 1)
    found, position = [], 17
    for _one in KEXINIT_LISTS:
        (size,) = struct.unpack_from(">I", payload, position)
        found.append(payload[position + 4 : position + 4 + size].decode("ascii").split(","))
        position += 4 + size
    return dict(zip(KEXINIT_LISTS, found, strict=True))


def said_in(name):
    """The file that has a say in one of sshd's settings: of several the first."""
    for path in (*sorted(glob.glob("/etc/ssh/sshd_config.d/*.conf")), CONFIG):
        if re.search(rf"^\s*{name}[\s=]", read(path) or "", re.IGNORECASE | re.MULTILINE):
            return path
    return CONFIG


def read_back(host, options, report):
    """What sshd says of itself, and what it offers to a client."""
    code, out = host.run("/bin/sh", "-c", f"{SSHD} -T 2>&1", check=False)
    if code:
        message = f"sshd refuses its settings, and its next restart shuts out: {out.strip()}"
        report.find("ssh-broken", "high", CONFIG, message)
        return
    now = parsed(out)
    lines, _others = wanted(host, options)
    pairs = [
        line.split(" ", 1) for line in lines if not line.startswith(("HostKey ", "AllowGroups"))
    ]
    wrong = [name for name, value in pairs if not same(name, value, now.get(name.lower(), [""])[0])]
    stale = is_older(host, "ssh")
    for name in wrong:
        message = f"{name} is {now.get(name.lower(), ['not set'])[0]}"
        report.find("ssh-setting", "high", said_in(name), message)
    what = f"sshd: {len(pairs)} settings hold"
    if not wrong:
        report.check(not stale, what, "it began before they were written")
    limited = [name for name in ("allowgroups", "allowusers") if now.get(name)]
    report.check(
        limited, "sshd: logins are limited to a list", "everybody with an account may log in"
    )
    try:
        wire = offered("127.0.0.1", int(now["port"][0]))
    except (OSError, struct.error, ValueError) as error:
        report.check(False, "SSH's algorithms on the wire", f"no answer on 127.0.0.1: {error}")
    else:
        bad = [
            one
            for name in ("kexalgorithms", "ciphers", "macs")
            for one in wire[name]
            if one not in now[name][0].split(",") and not one.startswith(("kex-strict", "ext-info"))
        ]
        bad += [one for one in wire["hostkeyalgorithms"] if "ecdsa" in one or one == "ssh-rsa"]
        report.demand(not bad, "SSH's algorithms on the wire", "high", f"offers {', '.join(bad)}")
    size = bits(host, RSA)
    report.check(size >= RSA_BITS, f"SSH's RSA key has {RSA_BITS} bits", f"it has {size}")
    for path in (CONFIG, *glob.glob("/etc/ssh/sshd_config.d/*.conf")):
        for line in widening(read(path) or ""):
            report.find("ssh-match", "medium", path, f"a Match block opens what is shut: {line}")
    if knows_others(read(NSSWITCH) or "") and not limited:
        message = "accounts come from a directory: list in sshd's settings who may log in"
        report.find("ssh-directory", "medium", NSSWITCH, message)
    if login() == "root":
        report.find(
            "ssh-root", "medium", "sshd", "the deployment logs in as root: give it a user with sudo"
        )
