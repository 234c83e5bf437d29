"""The environment of build commands: an allow-list, a home of its own, the machine's registries.

Nothing else of the controller's environment reaches a build: no AWS_*, no SSH_*, no tokens.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autodeploy.compiler.registry import GO, go_registry, node_registry, npmrc, pip_registry

CERTIFICATES = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
)
REGISTRIES = (
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "NPM_CONFIG_REGISTRY",
    *GO,
)
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
FILES = (*CERTIFICATES, *REGISTRIES)
ALLOWED = frozenset({"PATH", *CERTIFICATES, *REGISTRIES, *PROXIES})
FIXED = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "CI": "1",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # 1980: zip files know nothing earlier
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
    "NPM_CONFIG_AUDIT": "false",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "GOTOOLCHAIN": "local",
    "GIT_TERMINAL_PROMPT": "0",
}


def files(variables: Mapping[str, str]) -> list[Path]:
    """What registries' and certificates' variables name on this machine: builds must read it."""
    words = [word for name in FILES for word in variables.get(name, "").replace(",", " ").split()]
    words += [line.removeprefix("cafile=") for line in npmrc(os.environ).splitlines()]
    paths = [Path(word.removeprefix("file://")) for word in words]
    return [path for path in paths if path.is_absolute() and path.exists()]


def build_environment(
    home: Path, downloads: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables of every build command; writes the home's configuration.

    Args:
        home: An empty folder of this build.
        downloads: Where the tools keep what they fetched, shared by all builds.
        environ: The controller's environment.
    """
    passed = {name: value for name, value in environ.items() if name.upper() in ALLOWED}
    (home / ".npmrc").write_text(npmrc(environ))
    return {
        **pip_registry(environ),
        **go_registry(environ),
        **node_registry(environ),
        **passed,
        **FIXED,
        "HOME": str(home),
        "TMPDIR": str(home),
        "UV_CACHE_DIR": str(downloads / "uv"),
        "NPM_CONFIG_CACHE": str(downloads / "npm"),
        "BUN_INSTALL_CACHE_DIR": str(downloads / "bun"),
        "GOPATH": str(downloads / "go"),
        "GOCACHE": str(downloads / "go-build"),
    }
