"""Where this machine gets its packages: its tools' own configuration, handed to builds.

Builds have a home of their own, so what lies in the user's home must be passed on. Credentials of
registries are passed only where they are part of such an address.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

PIP = {
    "index_url": "UV_DEFAULT_INDEX",
    "extra_index_url": "UV_EXTRA_INDEX_URL",
    "trusted_host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
NPM = ("registry", "cafile", "omit-lockfile-registry-resolved")
GO = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE")


def pip_registry(environ: Mapping[str, str]) -> dict[str, str]:
    """The registry settings of pip (its files, then PIP_*) under the names that uv reads."""
    home = _home(environ)
    parser = configparser.RawConfigParser(strict=False)
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        _configuration(environ) / "pip" / "pip.conf",
        Path(sys.prefix) / "pip.conf",
        Path(environ.get("PIP_CONFIG_FILE", os.devnull)),
    ]
    try:
        parser.read(files)
        section = dict(parser.items("global")) if parser.has_section("global") else {}
    except (configparser.Error, UnicodeDecodeError, OSError):
        section = {}
    said = {key.replace("-", "_"): value for key, value in section.items()}
    said |= {key: environ.get(f"PIP_{key.upper()}") or said.get(key, "") for key in PIP}
    return {name: " ".join(said[key].split()) for key, name in PIP.items() if said[key]}


def npmrc(environ: Mapping[str, str]) -> str:
    """The text of a user's .npmrc with this machine's registry and its certificate."""
    said = _npm(environ)
    return "".join(f"{key}={said[key]}\n" for key in NPM if said.get(key))


def node_registry(environ: Mapping[str, str]) -> dict[str, str]:
    """The same under names that yarn 2 and newer and Bun read; the certificate under Node's own."""
    said = _npm(environ)
    registry = environ.get("NPM_CONFIG_REGISTRY") or said.get("registry")
    names = {
        "YARN_NPM_REGISTRY_SERVER": registry,
        "BUN_CONFIG_REGISTRY": registry,
        "NODE_EXTRA_CA_CERTS": said.get("cafile"),
    }
    return {name: value for name, value in names.items() if value}


def go_registry(environ: Mapping[str, str]) -> dict[str, str]:
    """What `go env -w` has set of the module proxy."""
    said = _assignments([_configuration(environ) / "go" / "env"])
    return {key: said[key] for key in GO if said.get(key)}


def _npm(environ: Mapping[str, str]) -> dict[str, str]:
    files: list[str | Path] = [
        "/etc/npmrc",
        "/usr/etc/npmrc",
        "/usr/local/etc/npmrc",
        _home(environ) / ".npmrc",
    ]
    return _assignments(files)


def _assignments(files: Iterable[str | Path]) -> dict[str, str]:
    said: dict[str, str] = {}
    for file in map(Path, files):
        try:
            lines = file.read_text(errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            key, equals, value = line.partition("=")
            if equals and not line.lstrip().startswith(("#", ";")):
                said[key.strip()] = value.strip().strip('"')
    return said


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME", "/nonexistent"))


def _configuration(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config")
