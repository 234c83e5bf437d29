"""Environment variables that tell an application of its Redis: TLS and a token, always."""

from __future__ import annotations

import re
from urllib.parse import quote

from pydantic import SecretStr

from autodeploy.contracts import Cache, TechStack
from autodeploy.settings import REDIS_URL

PARTS = {
    **dict.fromkeys(("HOST", "HOSTNAME"), "host"),
    **dict.fromkeys(("PORT",), "port"),
    **dict.fromkeys(("PASSWORD", "PASS", "AUTH_TOKEN"), "password"),
    **dict.fromkeys(("DB", "DATABASE"), "number"),
    **dict.fromkeys(("TLS", "SSL", "USE_TLS", "USE_SSL"), "tls"),
    **dict.fromkeys(("URL", "URI", "TLS_URL"), "url"),
}
FAMILY = re.compile(f"REDIS_({'|'.join(PARTS)})")
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""Whom the hosts trust: Amazon's public authorities, in the lab its own too."""
# Celery refuses `rediss:` without a word on certificates; redis-py demands them anyway.
VERIFIED = {"python": "?ssl_cert_reqs=required"}


def cache_variables(cache: Cache, token: str, stack: TechStack) -> dict[str, str | SecretStr]:
    """REDIS_URL, and such names of its parts as the application reads.

    Args:
        cache: Where it is.
        token: What clients log in with.
        stack: For the URL's form, and the names.
    """
    place = f"{cache.host}:{cache.port}"
    verified = VERIFIED.get(stack.language or "", "")
    facts: dict[str, str | SecretStr] = {
        "host": cache.host,
        "port": str(cache.port),
        "password": SecretStr(token),
        "number": "0",
        "tls": "true",
        "url": SecretStr(f"rediss://:{quote(token, safe='')}@{place}/0{verified}"),
    }
    named = {one.name: FAMILY.fullmatch(one.name) for one in stack.variables}
    return {
        **{name: facts[PARTS[match[1]]] for name, match in named.items() if match},
        REDIS_URL: facts["url"],
        # Node has Amazon's authorities built in, and looks at no others by itself.
        **({"NODE_EXTRA_CA_CERTS": AUTHORITIES} if stack.language == "node" else {}),
    }


def cache_names(stack: TechStack) -> list[str]:
    """The names of the variables that `cache_variables` gives."""
    return list(cache_variables(Cache(host="x", port=1, secret="x"), "x", stack))  # noqa: S106
