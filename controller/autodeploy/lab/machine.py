"""What hosts take from this machine: mirrors, proxies, certificates, resolvers.

It is read when a host boots, not when its image is built: it may change between the two.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from autodeploy.errors import LabBroken
from autodeploy.lab.run import run

SUITES = ("bookworm", "trixie", "bullseye", "forky", "sid", "stable", "oldstable", "testing")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
APT = Path("/etc/apt")
BUNDLE = Path("etc/ssl/certs/ca-certificates.crt")
CONFIGURATION = ("etc/pip.conf", "etc/npmrc", "etc/gemrc")
APT_OPTION = re.compile(
    r"Acquire::(?:(?:http|https)(?:::[\w.-]+)?::Proxy(?:::[\w.-]+)?|ForceIPv4|Retries) .*;"
)
CERTIFICATES = frozenset(
    {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"}
)
VARIABLES = (
    *sorted(CERTIFICATES),
    *("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "NPM_CONFIG_REGISTRY", "GOPROXY"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "GOSUMDB"),
)


def apt_sources(suite: str) -> str:
    """sources.list for a suite, from this machine's mirrors.

    Raises:
        LabBroken: This machine has no mirror of Debian.
    """
    with _ASKING:
        return sources(suite, _mirrors(_apt_configuration()))


def sources(suite: str, mirrors: Mapping[str, str]) -> str:
    """sources.list for a suite; a mirror that has another suite of Debian has this one too.

    Raises:
        LabBroken: No mirror of Debian is known.
    """
    lines = []
    for suffix in ("", "-updates", "-security"):
        known = [mirrors.get(f"{one}{suffix}") for one in (suite, *SUITES)]
        mirror = next((one for one in known if one), None)
        if mirror:
            lines.append(f"deb [signed-by={KEYRING}] {mirror} {suite}{suffix} main\n")
        elif not suffix:
            raise LabBroken(
                "this machine's apt knows no mirror of Debian",
                remediation="Add one to its sources (`apt-get indextargets` lists them).",
            )
    return "".join(lines)


_ASKING = threading.Lock()


def _apt_configuration() -> frozenset[tuple[str, int]]:
    """What tells one state of apt's configuration from the next: every file's time of change."""
    return frozenset((str(one), one.lstat().st_mtime_ns) for one in APT.rglob("*"))


@functools.lru_cache(maxsize=1)
def _mirrors(_state: frozenset[tuple[str, int]]) -> dict[str, str]:
    """This machine's mirrors by suite, as apt itself reads them; that takes it half a second."""
    listed = run(
        "apt-get",
        "indextargets",
        "--format",
        "$(RELEASE) $(COMPONENT) $(REPO_URI)",
        "Created-By: Packages",
    )
    rows = (line.split() for line in listed.splitlines())
    return {row[0]: row[2] for row in rows if len(row) == 3 and row[1] == "main"}


def apt_options() -> list[str]:
    """This machine's proxies for apt."""
    return for_hosts(run("apt-config", "dump").splitlines())


def for_hosts(dumped: list[str]) -> list[str]:
    """The lines of apt's configuration that hosts can use: no file or proxy of this machine's."""
    return [line for line in dumped if APT_OPTION.fullmatch(line) and not _local(line)]


def _local(text: str) -> bool:
    return bool(re.search(r"//(?:localhost|127\.|\[::1\])", text))


def resolv_conf() -> str:
    """A resolv.conf without resolvers that only this machine can reach."""
    found = Path("/etc/resolv.conf").read_text()
    behind_stub = Path("/run/systemd/resolve/resolv.conf")
    if not _reachable(found) and behind_stub.exists():
        found = behind_stub.read_text()
    return "".join(f"{line}\n" for line in found.splitlines() if not loopback_resolver(line))


def _reachable(text: str) -> bool:
    return any(
        line.startswith("nameserver") and not loopback_resolver(line) for line in text.splitlines()
    )


def loopback_resolver(line: str) -> bool:
    """Whether a line of resolv.conf names a resolver that only this machine reaches."""
    words = line.split()
    if len(words) < 2 or words[0] != "nameserver":
        return False
    try:
        return ipaddress.ip_address(words[1].partition("%")[0]).is_loopback
    except ValueError:
        return True


def environment(environ: Mapping[str, str] = os.environ) -> str:
    """/etc/environment: certificates, proxies and indexes, never one that carries a password."""
    return "".join(
        f'{name}="{environ[name]}"\n'
        for name in VARIABLES
        if environ.get(name) and _meant_for_hosts(name, environ[name])
    )


def _meant_for_hosts(name: str, value: str) -> bool:
    if name in CERTIFICATES:
        return value == f"/{BUNDLE}"
    return (
        not re.search(r'["\\\s$]', value)
        and "@" not in urlsplit(value).netloc
        and not _local(value)
    )


def copy_into(root: Path, suite: str) -> None:
    """Write all of this into a host's root file system, before its first boot only."""
    for name in (*CONFIGURATION, str(BUNDLE)):
        if Path("/", name).is_file():
            shutil.copyfile(Path("/", name), root / name)
    shutil.copytree(
        "/usr/local/share/ca-certificates",
        root / "usr/local/share/ca-certificates",
        dirs_exist_ok=True,
    )
    for link, target in _certificate_links():
        if not os.path.lexists(root / "etc/ssl/certs" / link):
            (root / "etc/ssl/certs" / link).symlink_to(target)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(resolv_conf())
    (root / "etc/environment").write_text(environment())
    (root / "etc/apt/sources.list").write_text(apt_sources(suite))
    (root / "etc/apt/apt.conf.d/90lab").write_text("".join(f"{one}\n" for one in apt_options()))


def _certificate_links() -> Iterator[tuple[str, str]]:
    """OpenSSL's links to certificates by name and by hash."""
    for link in Path("/etc/ssl/certs").iterdir():
        if link.is_symlink():
            yield link.name, str(link.readlink())
