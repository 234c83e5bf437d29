"""The one way in which a topic changes the host: said, shown, kept, and not in check mode."""

from __future__ import annotations

import os
import shutil
import stat

from ansible.module_utils import guard

KEPT = "/var/lib/autodeploy/hardening"
ABSENT, WRITTEN, MODE = ".absent", ".written", ".mode"  # What is kept beside copies.
HEAD = (
    "# Written by autodeploy's role hardening: changes here are lost, its variables have a say.\n"
)


def read(path):
    """A file's text; None where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def ended(text):
    """A text whose last line ends, so that another can follow."""
    return text if text.endswith("\n") or not text else f"{text}\n"


def replace(path, text, mode):
    """Write a file so that a reader has the old text or the new one; owner and group stay."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o755, exist_ok=True)
    partial = os.path.join(folder, f".{os.path.basename(path)}.autodeploy")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        if os.path.exists(path):
            os.fchown(file.fileno(), os.stat(path).st_uid, os.stat(path).st_gid)
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    os.replace(partial, path)


class Host:
    """What a topic changes the host with.

    Attributes:
        said: What was, or in check mode would be, changed.
        diff: The texts before and after, for Ansible.
    """

    def __init__(self, module):
        self.module = module
        self.said = []
        self.diff = []
        self._guarded = None

    def guarded(self, paths, reload, why):
        """Have the guard take back all changes from here on, unless a new login proves them."""
        self._guarded = (paths, reload, why)

    def run(self, *words, check=True):
        """A command's exit code and output; it must succeed unless `check` is false."""
        try:
            code, out, err = self.module.run_command(
                list(words), environ_update={"LC_ALL": "C"}, handle_exceptions=False
            )
        except OSError as error:
            code, out, err = 127, "", str(error)
        if check and code:
            self.module.fail_json(
                msg=f"`{' '.join(words)}` failed: {(err or out).strip()}",
                guard=guard.state(self.module),
            )
        return code, out

    def act(self, said, action):
        """Do what changes the host, but in check mode, and say so."""
        self.said.append(said)
        if self.module.check_mode:
            return
        if self._guarded:
            paths, reload, why = self._guarded
            guard.arm(
                self.module,
                paths=paths,
                reload=reload,
                why=why,
                seconds=self.module.params["revert_after"],
            )
            self._guarded = None
        action()

    def write(self, path, text, mode=0o644):
        """Give a file this text and at most this mode; says whether that changed it.

        Where it is a link, the file that it leads to has the text.
        """
        path = os.path.realpath(path)
        before = read(path)
        if before == text:
            return self.tighten(path, mode)
        self.diff.append(
            {"before_header": path, "after_header": path, "before": before or "", "after": text}
        )
        strict = mode if before is None else stat.S_IMODE(os.stat(path).st_mode) & mode
        self.act(path, lambda: self._put(path, text, strict))
        return True

    def _put(self, path, text, mode):
        self.keep(path)
        replace(f"{KEPT}{path}{WRITTEN}", text, 0o600)
        replace(path, text, mode)

    def keep(self, path):
        """Copy a file as it was before our first change, for `tasks_from: remove`."""
        copy = KEPT + path
        if os.path.lexists(copy) or os.path.lexists(f"{copy}{ABSENT}"):
            return
        os.makedirs(KEPT, mode=0o700, exist_ok=True)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        if os.path.exists(path):
            shutil.copy2(path, copy)
            owner = os.stat(path)
            os.chown(copy, owner.st_uid, owner.st_gid)
        else:
            open(f"{copy}{ABSENT}", "w").close()

    def remove(self, path):
        """Remove a file."""
        if os.path.lexists(path):
            self.act(f"{path} removed", lambda: (self.keep(path), os.unlink(path)))

    def tighten(self, path, mode):
        """Take permissions away that are not in `mode`; none is given."""
        try:
            now = stat.S_IMODE(os.lstat(path).st_mode)
        except FileNotFoundError:
            return False
        if os.path.islink(path) or now & mode == now:
            return False
        self.act(f"{path}: mode {now & mode:04o}", lambda: self._narrow(path, now, now & mode))
        return True

    def _narrow(self, path, before, mode):
        """Give a file this mode; its owner may have put a link in its place meanwhile."""
        kept = f"{KEPT}{path}{MODE}"
        first = (read(kept) or f"{before:o}").split()[0]
        os.makedirs(KEPT, mode=0o700, exist_ok=True)
        replace(kept, f"{first} {mode:o}", 0o600)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


class Findings:
    """What was read back from the running host, in the shape of `hardening_report`."""

    def __init__(self):
        self.verified = []
        self.not_verified = []
        self.findings = []

    def check(self, holds, what, otherwise):
        """One statement, that is so or is not."""
        if holds:
            self.verified.append(what)
        else:
            self.not_verified.append(f"{what}: {otherwise}")

    def demand(self, holds, what, severity, otherwise):
        """The same of what any host can have: that it is not so is a finding."""
        if holds:
            self.verified.append(what)
        else:
            self.find("hardening-differs", severity, what, otherwise)

    def find(self, identity, severity, resource, message):
        """Something that a person should look at."""
        self.findings.append(
            {"id": identity, "severity": severity, "resource": resource, "message": message}
        )
