"""A repository's address: which forms are accepted, and what may be shown of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from autodeploy.errors import SourceRefused
from autodeploy.settings import NAME

REMOTE_SCHEMES = ("https", "ssh", "git")
NAME_OF_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?"
HOST = re.compile(rf"(?:{NAME_OF_HOST}|\[[0-9A-Fa-f:.]+\])(?::\d+)?")
SCP = re.compile(r"(?P<user>[A-Za-z0-9_][\w.-]*)@(?P<host>[^\s:/@]+):(?P<path>[^\s-]\S*)")
HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
LONGEST_NAME = 28


@dataclass(frozen=True)
class Address:
    """An accepted address, taken apart.

    Attributes:
        public: What git is told and people may see; holds no secret.
        scheme: https, ssh, git or file; a local folder is file.
        path: The part that names the repository, decoded.
        host: `scheme://host[:port]`, None for file.
        username: Of the credentials, decoded; None where there are none.
        password: Likewise.
    """

    public: str
    scheme: str
    path: str
    host: str | None = None
    username: str | None = None
    password: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the password, or the token that stands alone before the @."""
        secret = self.password or self.username
        return (secret,) if secret else ()


def validate(url: str) -> str:
    """The accepted form of a repository's address: local folders absolute, else as given.

    It may hold credentials: show `without_credentials` of it only.

    Raises:
        SourceRefused: Not https://, ssh://, user@host:path, git://, file:// or a folder.
    """
    parse(url)
    if "://" in url:
        scheme, rest = url.split("://", 1)
        return f"{scheme.lower()}://{rest}"
    return url if SCP.fullmatch(url) else _folder(url)


def without_credentials(url: str) -> str:
    """The accepted form of the address as it may be shown, logged and kept.

    Raises:
        SourceRefused: As `validate`.
    """
    return parse(url).public


def default_name(url: str, path: str | None = None) -> str:
    """The repository's name as a legal application name.

    Where a folder `path` of it is chosen, that is part of the name: two applications of one
    repository are two.

    Raises:
        SourceRefused: The address is not accepted, or nothing legal is left of the name.
    """
    folder = f"-{path.strip('/')}".replace("/", "-") if path and path.strip("./") else ""
    name = slug(f"{parse(url).path.rstrip('/').removesuffix('.git')}{folder}")
    if name is None:
        raise SourceRefused(
            "no application name can be made of the repository's name",
            remediation="Give one with --name.",
        )
    return name


def slug(path: str) -> str | None:
    """The last part of a path as a legal application name; None where nothing is left."""
    last = path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789")[:LONGEST_NAME].rstrip("-")
    return name if NAME.fullmatch(name) else None


def parse(url: str) -> Address:
    """Take an address apart.

    Raises:
        SourceRefused: As `validate`.
    """
    if not url or url.startswith("-") or HELPER.match(url) or not _printable(url):
        raise _refused()
    if "://" in url:
        return _from_url(url)
    if scp := SCP.fullmatch(url):
        if not re.fullmatch(NAME_OF_HOST, scp["host"]):
            raise _refused()
        return Address(public=url, scheme="ssh", path=scp["path"], host=f"ssh://{scp['host']}")
    folder = _folder(url)
    return Address(public=folder, scheme="file", path=folder)


def _printable(url: str) -> bool:
    return not any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in url)


def _from_url(url: str) -> Address:
    if "\\" in url or any(one.isspace() for one in url):
        raise _refused()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused() from None
    if parts.query or parts.fragment or not parts.path.strip("/"):
        raise _refused()
    if parts.scheme == "file":
        return _from_file(parts)
    if parts.scheme not in REMOTE_SCHEMES or port == 0:
        raise _refused()
    return _from_remote(parts)


def _from_file(parts: SplitResult) -> Address:
    if parts.netloc not in ("", "localhost"):
        raise _refused()
    return Address(public=f"file://{parts.path}", scheme="file", path=unquote(parts.path))


def _from_remote(parts: SplitResult) -> Address:
    user_info, _, host = parts.netloc.rpartition("@")
    if not HOST.fullmatch(host) or user_info.startswith("-"):
        raise _refused()
    user, _, secret = user_info.partition(":")
    username, password = unquote(user) or None, unquote(secret) or None
    if username and (username.startswith("-") or not _printable(username + (password or ""))):
        raise _refused()
    shown = f"{user}@{host}" if parts.scheme == "ssh" and user else host
    return Address(
        public=f"{parts.scheme}://{shown}{parts.path}",
        scheme=parts.scheme,
        path=unquote(parts.path),
        host=f"{parts.scheme}://{host}",
        username=username if parts.scheme == "https" else None,
        password=password,
    )


def _folder(url: str) -> str:
    try:
        folder = Path(url).expanduser()
        if folder.is_dir():
            return str(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        pass
    if "@" not in url and ":" not in url and _printable(url):
        raise SourceRefused(f"there is no folder {url}", step="validate")
    raise _refused()


def _refused() -> SourceRefused:
    """The refusal; it does not repeat the address, which may hold a secret."""
    return SourceRefused("the repository's address is not one that is accepted", step="validate")
