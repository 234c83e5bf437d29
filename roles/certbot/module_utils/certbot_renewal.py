"""What keeps a certificate: the timer, the reload of nginx after it, the authorities trusted."""

from __future__ import annotations

import os

HOOK = "/etc/letsencrypt/renewal-hooks/deploy/autodeploy-nginx"
DROP_IN = "/etc/systemd/system/certbot.service.d/autodeploy.conf"
TIMER, SERVICE = "certbot.timer", "certbot.service"
HOOK_TEXT = """\
#!/bin/sh
# Written by autodeploy's role certbot: changes here are lost.
exec systemctl reload nginx
"""
DROP_IN_TEXT = """\
# Written by autodeploy's role certbot: changes here are lost.
[Service]
Environment=REQUESTS_CA_BUNDLE={bundle}
"""


def is_ours(hook=HOOK):
    """Whether this role has been at work here: without it certificates are somebody else's."""
    return os.path.exists(hook)


def files(ca_bundle):
    """Text and mode by path; no text for a file that is not to be there."""
    told = DROP_IN_TEXT.format(bundle=ca_bundle) if ca_bundle else None
    return {HOOK: (HOOK_TEXT, 0o755), DROP_IN: (told, 0o644)}


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


def different(wanted):
    """The paths of files that are not as they are wanted."""
    return [path for path, (text, mode) in wanted.items() if not is_so(path, text, mode)]


def is_so(path, text, mode):
    found = read(path)
    return found == text and (text is None or os.stat(path).st_mode & 0o777 == mode)


def write(path, text, mode):
    """Replace a file in one step, or remove it."""
    if text is None:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    partial = f"{os.path.dirname(path)}/.{os.path.basename(path)}.partial"
    with open(partial, "w") as file:
        file.write(text)
    os.chmod(partial, mode)
    os.replace(partial, path)


class Renewal:
    """The host's own: its files, its timer, and what came of the last run.

    Args:
        run: Runs a command and gives its exit code, stdout and stderr.
    """

    def __init__(self, run):
        self._run = run

    def asks(self, verb, unit):
        return self._run(["systemctl", verb, "--quiet", unit])[0] == 0

    def runs(self):
        """Whether renewals are tried, now and after a boot."""
        return self.asks("is-active", TIMER) and self.asks("is-enabled", TIMER)

    def failed(self):
        """Whether the last one did."""
        return self.asks("is-failed", SERVICE)

    def lacks(self, wanted):
        """What is not as it is wanted, for people."""
        return different(wanted) + ([] if self.runs() else [TIMER])

    def make(self, wanted):
        """Bring files and timer to what is wanted."""
        changed = different(wanted)
        for path in changed:
            write(path, *wanted[path])
        if DROP_IN in changed:
            self._run(["systemctl", "daemon-reload"])
        if not self.runs():
            self._run(["systemctl", "enable", "--now", "--quiet", TIMER])
