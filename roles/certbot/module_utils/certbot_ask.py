"""certbot asked for a certificate, and the cause where it gets none."""

from __future__ import annotations

import re
import time

from ansible.module_utils.certbot_reach import WEBROOT

CERTBOT = "/usr/bin/certbot"
LOG = "/var/log/letsencrypt/letsencrypt.log"
TRIES, PAUSE_SECONDS = 6, 5
TRANSIENT = ("badNonce", "serverInternal", "unreachable", "locked")
DOMAIN = re.compile(r"Domain: (\S+)\n\s+Type:\s+(\S+)\n\s+Detail: (.+)")
THROWN = re.compile(
    r"^(?:acme\.messages\.Error: urn:ietf:params:acme:error:(\w+) :: [^:\n]* :: (.+)"
    r"|requests\.exceptions\.\w*(?:Error|Timeout): (.+))",
    re.MULTILINE,
)
"""What ended a run; an error that certbot has got over is in its log too, but not thrown."""
BEGINS = "certbot._internal.main:Arguments: "
LOCKED = "Another instance of Certbot is already running"


class NotIssued(Exception):
    """The authority gave no certificate.

    Attributes:
        kind: The cause in ACME's words (`rateLimited`, `dns`, `connection`), or `unreachable`,
            `locked`, `certbot`.
    """

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def command(application, names, server, email):
    """The command line that asks for a certificate, whatever is there."""
    account = ["--email", email] if email else ["--register-unsafely-without-email"]
    return [
        *(CERTBOT, "certonly", "--non-interactive", "--agree-tos", *account),
        *("--server", server, "--cert-name", application),
        *("--webroot", "--webroot-path", WEBROOT),
        *("--key-type", "ecdsa", "--elliptic-curve", "secp256r1"),
        *("--renew-with-new-domains", "--force-renewal", "--no-directory-hooks"),
        *(word for name in names for word in ("--domain", name)),
    ]


def cause(said, log):
    """Why there is no certificate, of what certbot said and of its log.

    What it says hides the authority's words where its own code fails with them, as 2.1.0's does.
    Debian has it append to one log.

    Args:
        said: What it printed.
        log: Its log; the last run counts.

    Returns:
        The kind, and the cause for people.
    """
    if LOCKED in said:
        return "locked", "another certbot runs on the host"
    last = log.rpartition(BEGINS)[2]
    domains = DOMAIN.findall(said) or DOMAIN.findall(last)
    if domains:
        told = [f"{name}: {detail.strip()} ({kind})" for name, kind, detail in domains]
        return domains[0][1], "; ".join(told)
    thrown = THROWN.findall(last)
    if thrown:
        kind, detail, unreached = thrown[-1]
        told = f"{detail.strip()} ({kind})" if kind else innermost(unreached)
        return kind or "unreachable", told
    lines = [line for line in said.splitlines() if line.strip()]
    return "certbot", lines[-1].strip() if lines else "certbot said nothing"


def innermost(said):
    """The cause at the end of what requests says: it wraps one error in another."""
    return said.rpartition(": ")[2].strip(" )'\"") if "Caused by" in said else said.strip()


def read_log(path=LOG):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def obtain(run, words, environment):
    """Have certbot get a certificate; what passes by itself is tried again.

    Args:
        run: Runs a command with more environment, and gives its exit code, stdout and stderr.
        words: The command.
        environment: What it is told beside the host's.

    Raises:
        NotIssued: There is no other certificate than before.
    """
    for again in range(TRIES):
        code, out, err = run(words, environment)
        if not code:
            return
        kind, why = cause(f"{out}\n{err}", read_log())
        if kind not in TRANSIENT or again == TRIES - 1:
            raise NotIssued(kind, why)
        if kind != "badNonce":
            time.sleep(PAUSE_SECONDS)
