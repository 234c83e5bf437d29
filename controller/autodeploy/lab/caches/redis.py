"""Redis as ElastiCache runs it: TLS and a token, and no word on configuration from clients."""

from __future__ import annotations

from collections.abc import Mapping

from autodeploy.lab.databases.engines import BOOKWORM, masked
from autodeploy.lab.extras import Extra
from autodeploy.lab.inside import File

IMAGE = BOOKWORM
VERSIONS = ("7.0",)
"""By ElastiCache's name; what Debian has is the first."""
PORT = 6379
USER, UNIT = "redis", "elasticache"
SOCKET = f"/run/{UNIT}/redis.sock"
FOLDER = "/etc/elasticache"
CONFIGURATION = f"{FOLDER}/redis.conf"
CERTIFICATE, KEY = f"{FOLDER}/server.pem", f"{FOLDER}/server.key"
EXTRA = Extra(
    name="redis",
    packages=("redis-server",),
    setup=masked("redis-server.service", "redis.service", "ssh.service"),
)
# ElastiCache has these for itself.
RESTRICTED = (
    *("bgrewriteaof", "bgsave", "config", "debug", "failover", "migrate", "module", "psync"),
    *("replicaof", "save", "shutdown", "slaveof", "sync"),
)
SETTINGS: Mapping[str, str] = {
    "bind": "*",
    "protected-mode": "no",
    "port": "0",
    "tls-port": str(PORT),
    "tls-cert-file": CERTIFICATE,
    "tls-key-file": KEY,
    "tls-auth-clients": "no",
    "unixsocket": SOCKET,
    "supervised": "systemd",
    "daemonize": "no",
    "save": '""',
    "appendonly": "no",
    "maxmemory": "64mb",
    "maxmemory-policy": "volatile-lru",
}
SERVICE = f"""[Unit]
Description=A node of ElastiCache
After=network.target
[Service]
Type=notify
User={USER}
RuntimeDirectory={UNIT}
ExecStart=/usr/bin/redis-server {CONFIGURATION}
LimitNOFILE=65536
[Install]
WantedBy=multi-user.target
"""


def rotation(token: str) -> str:
    """Shell commands that let the running server take this token beside the first one.

    Args:
        token: Without a quote in it, as ElastiCache's are.
    """
    said = "AUTH %s\\nACL SETUSER default resetpass >%s >%s\\n"
    return (
        f"first=$(sed -n 's/^requirepass //p' {CONFIGURATION})\n"
        f"printf '{said}' \"$first\" \"$first\" '{token}' | redis-cli -e -s {SOCKET} > /dev/null\n"
    )


def configuration(token: str) -> File:
    """redis.conf; a token's characters need no quotes."""
    settings = "".join(f"{name} {value}\n" for name, value in SETTINGS.items())
    refused = "".join(f'rename-command {name} ""\n' for name in RESTRICTED)
    return File(path=CONFIGURATION, content=f"{settings}{refused}requirepass {token}\n")
