"""Debian packages that libraries with compiled parts need: to be built, and to run.

The names are Debian 12's; `runtime` knows what Debian 13 calls them. Most of these libraries also
come as wheels, with what they need in them: then nothing of this is needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Packages(NamedTuple):
    """What to install.

    Attributes:
        build: Where it is built, beside `COMPILER` (and `PYTHON_HEADERS` for Python).
        runtime: Where it runs.
    """

    build: tuple[str, ...]
    runtime: tuple[str, ...]


COMPILER = ("build-essential",)
PYTHON_HEADERS = ("python3-dev",)
# Names of distributions, normalised.
FOR_PYTHON = {
    "cairocffi": Packages((), ("libcairo2",)),
    "cairosvg": Packages((), ("libcairo2",)),
    "cffi": Packages(("libffi-dev",), ("libffi8",)),
    "confluent-kafka": Packages(("librdkafka-dev",), ("librdkafka1",)),
    "dbus-python": Packages(("libdbus-1-dev", "pkg-config"), ("libdbus-1-3",)),
    "gmpy2": Packages(
        ("libgmp-dev", "libmpfr-dev", "libmpc-dev"), ("libgmp10", "libmpfr6", "libmpc3")
    ),
    "lxml": Packages(("libxml2-dev", "libxslt1-dev"), ("libxml2", "libxslt1.1")),
    "mysqlclient": Packages(("default-libmysqlclient-dev", "pkg-config"), ("libmariadb3",)),
    "pillow": Packages(
        ("libjpeg-dev", "zlib1g-dev", "libfreetype-dev", "libwebp-dev"),
        ("libjpeg62-turbo", "zlib1g", "libfreetype6", "libwebp7", "libwebpdemux2", "libwebpmux3"),
    ),
    "psycopg": Packages((), ("libpq5",)),
    "psycopg-c": Packages(("libpq-dev",), ("libpq5",)),
    "psycopg2": Packages(("libpq-dev",), ("libpq5",)),
    "pycairo": Packages(("libcairo2-dev", "pkg-config"), ("libcairo2",)),
    "pycurl": Packages(("libcurl4-openssl-dev", "libssl-dev"), ("libcurl4",)),
    "pymssql": Packages(("freetds-dev",), ("libsybdb5",)),
    "pyodbc": Packages(("unixodbc-dev",), ("libodbc2",)),
    "python-ldap": Packages(("libldap-dev", "libsasl2-dev"), ("libldap-2.5-0", "libsasl2-2")),
    "python-magic": Packages((), ("libmagic1",)),
    "python-snappy": Packages(("libsnappy-dev",), ("libsnappy1v5",)),
    "pyzmq": Packages(("libzmq3-dev",), ("libzmq5",)),
    "shapely": Packages(("libgeos-dev",), ("libgeos-c1v5",)),
    "uwsgi": Packages((), ()),
    "weasyprint": Packages((), ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")),
    "xmlsec": Packages(("libxmlsec1-dev", "pkg-config"), ("libxmlsec1", "libxmlsec1-openssl")),
}
# Names in the registry. What is built by node-gyp needs `COMPILER` and python3 too.
FOR_NODE = {
    "argon2": Packages(("python3",), ()),
    "bcrypt": Packages(("python3",), ()),
    "better-sqlite3": Packages(("python3",), ()),
    "canvas": Packages(
        (
            *("python3", "pkg-config", "libcairo2-dev", "libpango1.0-dev"),
            *("libjpeg-dev", "libgif-dev", "librsvg2-dev"),
        ),
        (
            *("libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0"),
            *("libjpeg62-turbo", "libgif7", "librsvg2-2"),
        ),
    ),
    "libpq": Packages(("python3", "libpq-dev"), ("libpq5",)),
    "pg-native": Packages(("python3", "libpq-dev"), ("libpq5",)),
    "sharp": Packages(("python3", "pkg-config", "libvips-dev"), ("libvips42",)),
    "sqlite3": Packages(("python3",), ()),
    "zeromq": Packages(("python3", "libzmq3-dev"), ("libzmq5",)),
}
# What a compiler or a set-up script says is missing, and whose packages have it.
FOR_MISSING = {
    "cairo.h": ("libcairo2-dev",),
    "curl-config": ("libcurl4-openssl-dev", "libssl-dev"),
    "curl/curl.h": ("libcurl4-openssl-dev", "libssl-dev"),
    "dbus-1": ("libdbus-1-dev", "pkg-config"),
    "ffi.h": ("libffi-dev",),
    "freetype": ("libfreetype-dev",),
    "g++": COMPILER,
    "gcc": COMPILER,
    "geos-config": ("libgeos-dev",),
    "gmp.h": ("libgmp-dev",),
    "jpeg": ("libjpeg-dev",),
    "lber.h": ("libldap-dev", "libsasl2-dev"),
    "libpq-fe.h": ("libpq-dev",),
    "libxml/xmlversion.h": ("libxml2-dev", "libxslt1-dev"),
    "libxml/xpath.h": ("libxml2-dev", "libxslt1-dev"),
    "make": COMPILER,
    "mysql_config": ("default-libmysqlclient-dev", "pkg-config"),
    "mysqlclient": ("default-libmysqlclient-dev", "pkg-config"),
    "openssl/opensslv.h": ("libssl-dev",),
    "openssl/ssl.h": ("libssl-dev",),
    "pangocairo": ("libpango1.0-dev", "libcairo2-dev"),
    "pg_config": ("libpq-dev",),
    "pixman-1": ("libcairo2-dev", "libpango1.0-dev"),
    "pkg-config": ("pkg-config",),
    "Python.h": PYTHON_HEADERS,
    "python3": ("python3",),
    "rustc": ("cargo",),
    "sasl.h": ("libsasl2-dev",),
    "sql.h": ("unixodbc-dev",),
    "vips": ("libvips-dev",),
    "vips/vips8": ("libvips-dev",),
    "xml2-config": ("libxml2-dev", "libxslt1-dev"),
    "xmlsec1": ("libxmlsec1-dev", "pkg-config"),
    "xslt-config": ("libxml2-dev", "libxslt1-dev"),
    "zlib": ("zlib1g-dev",),
    "zlib.h": ("zlib1g-dev",),
}
RENAMED_IN_DEBIAN_13 = {
    "libcurl4": "libcurl4t64",
    "libgeos-c1v5": "libgeos-c1t64",
    "libldap-2.5-0": "libldap2",
    "libmagic1": "libmagic1t64",
    "libvips42": "libvips42t64",
    "libxmlsec1": "libxmlsec1t64",
    "libxmlsec1-openssl": "libxmlsec1t64-openssl",
}


def runtime(packages: Iterable[str], image: str) -> tuple[str, ...]:
    """What a host's distribution calls packages of `Packages.runtime`.

    Args:
        packages: The names.
        image: The name of the host's image, such as `debian-13`.
    """
    renamed = RENAMED_IN_DEBIAN_13 if image == "debian-13" else {}
    return tuple(renamed.get(name, name) for name in packages)
