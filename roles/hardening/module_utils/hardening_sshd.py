"""What sshd's settings become: of two values the stricter one, so nothing shut is opened."""

from __future__ import annotations

import fnmatch
import glob
import os

WEAKER = {
    "permitrootlogin": (
        "no",
        "forced-commands-only",
        "prohibit-password",
        "without-password",
        "yes",
    ),
    "allowtcpforwarding": ("no", "local", "all", "yes"),
    "loglevel": (
        "VERBOSE",
        "DEBUG",
        "DEBUG1",
        "DEBUG2",
        "DEBUG3",
        "INFO",
        "ERROR",
        "FATAL",
        "QUIET",
    ),
}
"""Values from the strictest to the weakest, of settings that are more than yes or no."""
WORDS = {
    "PermitRootLogin": "no",
    "PasswordAuthentication": "no",
    "KbdInteractiveAuthentication": "no",
    "PermitEmptyPasswords": "no",
    "HostbasedAuthentication": "no",
    "IgnoreRhosts": "yes",
    "StrictModes": "yes",
    "UsePAM": "yes",
    "GSSAPIAuthentication": "no",
    "KerberosAuthentication": "no",
    "PermitUserEnvironment": "no",
    "X11Forwarding": "no",
    "AllowAgentForwarding": "no",
    "AllowTcpForwarding": "local",
    "GatewayPorts": "no",
    "PermitTunnel": "no",
    "Compression": "no",
    "TCPKeepAlive": "no",
    "UseDNS": "no",
    "LogLevel": "VERBOSE",
}
NUMBERS = {
    "MaxAuthTries": 3,
    "MaxSessions": 2,
    "LoginGraceTime": 30,
    "ClientAliveInterval": 300,
    "ClientAliveCountMax": 2,
}
"""Upper bounds; 0 means none with all of them."""
KEX = [
    "sntrup761x25519-sha512",
    "sntrup761x25519-sha512@openssh.com",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group-exchange-sha256",
]
POST_QUANTUM = ["mlkem768x25519-sha256", *KEX[:2]]
HOST_KEYS = [
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "ssh-ed25519",
    "rsa-sha2-512",
    "rsa-sha2-256",
]
CIPHERS = [
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-gcm@openssh.com",
    "aes128-ctr",
]
MACS = [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "umac-128-etm@openssh.com",
]
INTERACTIVE = {"PasswordAuthentication", "KbdInteractiveAuthentication", "UsePAM"}
RSA_BITS = 2048


def key_exchanges(supported, post_quantum):
    """The policy's key exchanges for this OpenSSH, or those safe from quantum computers."""
    if post_quantum or POST_QUANTUM[0] in supported:
        return POST_QUANTUM
    return KEX


def stricter_word(name, ours, theirs):
    """The stricter of two words."""
    order = WEAKER.get(name.lower(), (ours, "no" if ours == "yes" else "yes"))
    if theirs not in order:
        return ours
    return min(ours, theirs, key=order.index)


def stricter_number(ours, theirs):
    """The lower bound of two; 0 is none."""
    return min(ours, theirs or ours)


def stricter_startups(ours, theirs):
    """MaxStartups: fewer, and refused sooner."""
    mine, other = ([int(part) for part in text.split(":")] for text in (ours, theirs))
    return f"{min(mine[0], other[0])}:{max(mine[1], other[1])}:{min(mine[2], other[2])}"


def narrowed(ours, theirs, supported):
    """Of our algorithms those that were allowed; all that sshd knows where none was."""
    allowed = [one for one in ours if one in theirs]
    return allowed or [one for one in ours if one in supported]


def parsed(text):
    """The output of `sshd -T`: lists of values by setting, in small letters."""
    found = {}
    for line in text.splitlines():
        name, _space, value = line.partition(" ")
        found.setdefault(name, []).append(value)
    return found


def ports(said):
    """The ports on which sshd listens: those of its addresses, which `Port` is only a default of.

    Args:
        said: What `sshd -T` says, `parsed`.
    """
    addresses = [one.rpartition(":")[2] for one in said.get("listenaddress", [])]
    return sorted({int(one) for one in addresses or said.get("port", [])})


def same(name, ours, said):
    """Whether what `sshd -T` says of a setting is what we wrote."""
    old = {"prohibit-password": "without-password"} if name == "PermitRootLogin" else {}
    return said.lower() == old.get(ours.lower(), ours.lower())


def settings(theirs, supported, root_logs_in, post_quantum, controllers, group):
    """Our settings, as (name, value) in order.

    Args:
        theirs: What `sshd -T` says without our file.
        supported: Key exchanges that sshd knows.
        root_logs_in: Whether the login that does this is root's.
        post_quantum: Whether only key exchanges safe from quantum computers are left.
        controllers: Addresses that are never punished.
        group: The group whose members may log in; None where the host has a rule of its own.
    """
    one = {name: values[0] for name, values in theirs.items()}
    words = dict(WORDS)
    if root_logs_in:
        words["PermitRootLogin"] = "prohibit-password"
    if one.get("authenticationmethods", "any") != "any":
        words = {name: value for name, value in words.items() if name not in INTERACTIVE}
    found = [
        (name, stricter_word(name, ours, one[name.lower()]))
        for name, ours in words.items()
        if name.lower() in one
    ]
    found += [
        (name, stricter_number(ours, int(one.get(name.lower(), 0))))
        for name, ours in NUMBERS.items()
    ]
    found.append(("MaxStartups", stricter_startups("10:30:60", one["maxstartups"])))
    found.append(("RequiredRSASize", max(RSA_BITS, int(one.get("requiredrsasize", 0)))))
    exchanges = key_exchanges(supported, post_quantum)
    for name, ours in (
        ("KexAlgorithms", exchanges),
        ("Ciphers", CIPHERS),
        ("MACs", [*MACS[1::-1], MACS[2]] if exchanges is POST_QUANTUM else MACS),
        ("HostKeyAlgorithms", HOST_KEYS),
    ):
        known = supported if name == "KexAlgorithms" else ours
        found.append((name, ",".join(narrowed(ours, one[name.lower()].split(","), known))))
    if controllers and "persourcepenaltyexemptlist" in one:
        given = one["persourcepenaltyexemptlist"].split(",")
        exempt = sorted({*controllers, *given} - {"none"})
        found.append(("PerSourcePenaltyExemptList", ",".join(exempt)))
    if group:
        found.append(("AllowGroups", group))
    return found


def flattened(path, without, seen=()):
    """Lines of a configuration and what it includes, but Match blocks and `without`."""
    lines = []
    if path == without or path in seen or not os.path.isfile(path):
        return lines
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    for line in text.splitlines():
        words = line.split()
        keyword = words[0].lower() if words else ""
        if keyword == "match":
            break
        if keyword == "include":
            for pattern in words[1:]:
                for one in sorted(glob.glob(os.path.join("/etc/ssh", pattern.strip('"')))):
                    lines += flattened(one, without, (*seen, path))
        else:
            lines.append(line)
    return lines


def comes_first(text, path):
    """Whether a configuration includes a file before it says anything itself."""
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            patterns = [os.path.join("/etc/ssh", one.strip('"')) for one in words[1:]]
            return words[0].lower() == "include" and any(
                fnmatch.fnmatchcase(path, one) for one in patterns
            )
    return False


def widening(text):
    """Lines of Match blocks that open what is shut for everybody else."""
    wide = {"permitrootlogin", "passwordauthentication", "permitemptypasswords"}
    inside, found = "", []
    for line in text.splitlines():
        words = line.split()
        if words and words[0].lower() == "match":
            inside = " ".join(words)
        elif inside and len(words) > 1 and words[0].lower() in wide and words[1].lower() != "no":
            found.append(f"{inside}: {' '.join(words)}")
    return found
