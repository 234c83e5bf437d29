"""What a build can see, be and leave behind; most of it only where the controller is root."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from autodeploy import compiler
from autodeploy.compiler import sandbox
from autodeploy.compiler.tenant import UIDS
from autodeploy.errors import BuildFailed, Interrupted, ToolMissing
from autodeploy.settings import Settings

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="builds change user only under root")
isolated = pytest.mark.skipif(
    os.geteuid() != 0 or not sandbox.namespaces_permitted(), reason="needs namespaces"
)
CANARY = "canary-5f0c"
LONG = "600"
BOTH = 2


@pytest.fixture
def one(open_job):
    """A job of a folder with a page."""
    with open_job({"index.html": ""}, language="static") as opened:
        yield opened


@pytest.fixture
def said(one):
    """The output of a command that the job's shell runs."""

    def run(command):
        folder = one.copy()
        one.shell.run(f"({command}) > said 2>&1 || true", folder)
        return (folder / "said").read_text(errors="replace").strip()

    return run


def alive(word):
    """Processes whose command line has the word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(folder.name)
        except OSError:
            continue
    return found


def eventually(condition, seconds=20):
    """Whether a condition comes true within a bound."""
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        os.sched_yield()
    return condition()


@as_root
def test_a_build_is_a_user_of_its_own_with_a_name(said):
    assert int(said("id -u")) in UIDS
    assert said("id -u") == said("id -g") == said("id -G")
    assert said("whoami") == "build"
    assert not [entry for entry in pwd.getpwall() if entry.pw_uid in UIDS]


@as_root
def test_it_has_no_capability_and_gains_none(said):
    status = dict(line.split(":\t") for line in said("cat /proc/self/status").splitlines())
    assert {status[name] for name in ("CapPrm", "CapEff", "CapInh", "CapBnd", "CapAmb")} == {
        "0" * 16
    }
    assert status["NoNewPrivs"] == "1"
    assert said("ulimit -c") == "0"


@as_root
@pytest.mark.parametrize("name", [".aws/credentials", ".ssh/id_ed25519", ".netrc"])
def test_no_secret_of_the_home_or_of_autodeploy_home_is_read(
    said, one, monkeypatch, tmp_path, name
):
    home = Path.home() / f".autodeploy-test-{os.getpid()}"
    kept = one.cache.parent / "applications" / "shop" / name
    secrets = [home / name, kept, tmp_path / name]
    try:
        for secret in secrets:
            secret.parent.mkdir(parents=True, exist_ok=True)
            secret.write_text(CANARY)
            for folder in (secret, *secret.parents[:3]):
                if folder.is_relative_to(home) or folder.is_relative_to(one.cache.parent):
                    folder.chmod(0o777)
        for secret in secrets:
            assert CANARY not in said(f"cat {secret}; ls -la {secret.parent}/..")
        found = said(f"find / -xdev -name {Path(name).name} -readable 2>/dev/null")
        assert not found
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


# Where this test's own Python is: the checkout may lie anywhere.
SHOWN = (sys.prefix, sys.base_prefix)


@isolated
def test_the_machine_is_out_of_sight(said):
    assert set(said("ls /").split()) <= {
        *("bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "sys", "tmp"),
        *("usr", "var", "root", "home", "opt", "work", "run", "srv", "mnt"),
        *(Path(one).parts[1] for one in SHOWN),
    }
    assert not {".ssh", ".aws", ".config", ".local"} & set(said("ls -A /root").split())
    assert "Permission denied" in said("cat /etc/shadow")
    assert said("ls -A /dev/shm") == ""
    below = {Path(one).parts[2] for one in SHOWN if one.startswith("/tmp/")}
    there = set(said("ls -A /tmp /var/tmp/.").split())
    assert there <= {"/tmp:", "/var/tmp/.:", "pytest-of-root", *below}
    assert len(said("echo /proc/[0-9]*").split()) < 6


@isolated
def test_it_writes_to_its_own_folders_alone(said):
    written = said("find / -xdev -writable -not -path '/proc/*' 2>/dev/null; true")
    assert not [line for line in written.splitlines() if line.startswith(("/usr", "/etc"))]
    for path in ("/x", "/etc/x", "/usr/x", sys.prefix + "/x", "/var/x"):
        assert "touch" in said(f"touch {path}"), path


@as_root
def test_no_variable_of_the_controller_is_read_from_any_process(monkeypatch, open_job):
    for name in ("AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, CANARY)
    with open_job({"index.html": ""}, language="static") as one:
        folder = one.copy()
        one.shell.run("env > said; cat /proc/[0-9]*/environ >> said 2>/dev/null; true", folder)
        assert CANARY not in (folder / "said").read_text()


@as_root
def test_variables_of_the_repository_are_obeyed_by_its_own_commands_alone(one, tmp_path):
    """LD_PRELOAD and ENV would run the repository's code while there still are privileges."""
    folder = one.copy()
    (folder / "hook").write_text("echo $(id -u) >> /proc/self/fd/1\n")
    extra = {"ENV": str(folder / "hook"), "BASH_ENV": str(folder / "hook"), "IFS": "x", "A": "'$\n"}
    one.shell.run('test "$A" = "\'\\$\n" && id -u > said', folder, extra)
    assert int((folder / "said").read_text()) in UIDS


ESCAPES = {
    "background": "sleep {0} & sleep {0} &",
    "session": "setsid sleep {0} & setsid -f sleep {0}",
    "daemon": "(setsid sh -c '(sleep {0} &) ; exit' &)",
    "scrubbed": "setsid env -i /bin/sleep {0} & (env -i setsid -f /bin/sleep {0})",
    "deaf": "(trap '' TERM INT HUP; sleep {0}) &",
}


@isolated
@pytest.mark.parametrize("how", ESCAPES)
@pytest.mark.parametrize("end", ["ends", "fails", "stopped", "late"])
def test_nothing_outlives_its_command(open_job, how, end):
    seconds = f"{LONG}.{os.getpid()}{abs(hash((how, end))) % 10000}"
    limit = Settings(build_timeout=1 if end == "late" else 60)
    with open_job({"index.html": ""}, limit, language="static") as one:
        folder = one.copy()
        last = {"ends": "true", "fails": "exit 3"}.get(end, f"echo > begun; sleep {seconds}")
        begun = folder / "begun"
        os.mkfifo(begun)
        command = ESCAPES[how].format(seconds) + f"\n{last}"
        if end == "ends":
            one.shell.run(command, folder)
        elif end == "stopped":
            stopper = threading.Thread(target=lambda: (begun.read_text(), compiler.stop()))
            stopper.start()
            with pytest.raises(Interrupted):
                one.shell.run(command, folder)
            stopper.join()
        else:
            reader = threading.Thread(target=begun.read_text, daemon=True)
            if end == "late":
                reader.start()
            with pytest.raises(BuildFailed):
                one.shell.run(command, folder)
        assert not alive(seconds)


def test_a_missing_program_is_told_as_such(one):
    with pytest.raises(ToolMissing):
        one.shell.run(["no-such-program"], one.copy())


@as_root
def test_each_application_has_its_own_user_and_downloads(build, source, cache):
    seen = {}
    for name in ("shop", "blog", "shop"):
        build(source({"index.html": ""}), Settings(name=name), language="static")
        seen[name] = (cache / "downloads" / name).stat()
    assert seen["shop"].st_uid != seen["blog"].st_uid
    assert {one.st_uid in UIDS for one in seen.values()} == {True}
    assert {one.st_mode & 0o777 for one in seen.values()} == {0o700}


@as_root
def test_a_folder_of_downloads_that_is_nobodys_is_not_trusted(build, source, cache):
    poisoned = cache / "downloads" / "shop" / "uv"
    poisoned.mkdir(parents=True)
    build(source({"index.html": ""}), language="static")
    assert not poisoned.exists()


@as_root
def test_another_applications_packages_are_out_of_reach(build, source, cache, said):
    build(source({"index.html": ""}), Settings(name="blog"), language="static")
    for folder in ("downloads", "downloads/blog", "layers", "index", "builds", "fetched", "clones"):
        assert "Permission denied" in said(f"ls {cache}/{folder}")
    assert "said" not in said(f"touch {cache}/downloads/x {cache}/x && echo said")


@isolated
def test_an_interpreter_of_a_home_is_shown(one):
    """This test's own may lie below a home of mode 0700, as pyenv's do."""
    folder = one.copy()
    one.shell.run([sys.executable, "-c", "open('said', 'w').write('runs')"], folder)
    assert (folder / "said").read_text() == "runs"


LOOK = "id -u; cat /proc/self/status; ls -la /root"
ALONE = """
import sys
from pathlib import Path
from autodeploy.compiler import Order
from autodeploy.compiler.job import job
from autodeploy.contracts import Runtime, Source, TechStack
from autodeploy.errors import AutodeployError
from autodeploy.settings import Settings

class Log:
    info = step = write = print
    def warning(self, message): print("warning:", message)

checkout, cache = map(Path, sys.argv[1:3])
command = sys.argv[3]
source = Source(url="x", checkout=checkout, commit="0" * 40, name="shop")
try:
    stack, runtime = TechStack(language="static"), Runtime(language="static")
    with job(Order("shop", source, stack, Settings(), runtime, cache), Log()) as one:
        one.shell.run(command, one.copy())
except AutodeployError as error:
    print(error, error.remediation)
"""


def without_namespaces(checkout, cache):
    capability = ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    return subprocess.run(
        ["setpriv", *capability, sys.executable, "-c", ALONE, str(checkout), str(cache), LOOK],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture
def reachable():
    """A folder of a test that every user can reach: pytest's own are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="autodeploy-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@as_root
def test_without_namespaces_it_is_still_a_user_of_its_own_and_says_so(reachable):
    (reachable / "checkout").mkdir()
    output = without_namespaces(reachable / "checkout", reachable / "home" / "cache")
    assert output.count("warning:") == 1
    assert any(int(line) in UIDS for line in output.splitlines() if line.isdigit())
    assert "NoNewPrivs:\t1" in output
    assert "Permission denied" in output


@as_root
def test_another_user_than_root_builds_as_itself_and_gains_nothing(reachable):
    """By the system's Python: this test's own may lie where no other user gets."""
    python = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if not Path(python).exists():
        pytest.skip(f"there is no {python}")
    (reachable / "checkout").mkdir()
    subprocess.run(["chown", "-R", "60001:60001", str(reachable)], check=True)
    output = subprocess.run(
        [
            *("setpriv", "--reuid", "60001", "--regid", "60001", "--clear-groups", python),
            *("-c", ALONE, f"{reachable}/checkout", f"{reachable}/home/cache", LOOK),
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": ":".join(sys.path[1:])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "60001" in output.splitlines()
    assert "NoNewPrivs:\t1" in output
    assert "warning" not in output


@isolated
def test_nothing_outlives_a_controller_that_is_killed(reachable):
    (reachable / "checkout").mkdir()
    seconds = f"{LONG}.{os.getpid()}77"
    command = f"setsid env -i sleep {seconds} & sleep {seconds}"
    arguments = [str(reachable / "checkout"), str(reachable / "home" / "cache"), command]
    controller = subprocess.Popen(
        [sys.executable, "-u", "-c", ALONE, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert eventually(lambda: len(alive(seconds)) == BOTH)
    finally:
        controller.kill()
        controller.communicate()
    assert eventually(lambda: not alive(seconds))


@as_root
def test_without_namespaces_a_home_that_is_shut_is_told(reachable):
    (reachable / "checkout").mkdir()
    shut = reachable / "shut"
    shut.mkdir(0o700)
    output = without_namespaces(reachable / "checkout", shut / "home" / "cache")
    assert f"{shut} lets none pass" in output
    assert "AUTODEPLOY_HOME" in output
