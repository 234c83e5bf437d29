"""Port 443 of a site, by Mozilla's intermediate profile: a text that the site includes."""

from __future__ import annotations

import os
import re

from ansible.module_utils.proxy_files import read

SITES = "/etc/nginx/sites-enabled"
FOLDERS = "/etc/nginx/autodeploy"
NAME = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+")
HTTP2_ALONE = (1, 25, 1)
"""The first nginx that takes `http2 on` and warns of `listen ... http2`."""
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""Mozilla's, but those of DHE: what takes no elliptic curve takes no TLS 1.2 either."""
TLS = """\
# Written by autodeploy's role proxy: changes here are lost.
listen 443 ssl{with_http2} default_server;
listen [::]:443 ssl{with_http2} default_server;
{http2}ssl_certificate {certificate};
ssl_certificate_key {key};
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers {ciphers};
ssl_prefer_server_ciphers off;
ssl_ecdh_curve X25519:prime256v1:secp384r1;
ssl_session_timeout 1d;
ssl_session_cache shared:autodeploy:10m;
ssl_session_tickets off;

# To the name that was asked where the certificate has it, and nobody who only looks whether the
# release is well, or whether the name is this host's.
set $autodeploy_name {first};
if ($host ~ "^({names})$") {{
    set $autodeploy_name $host;
}}
set $autodeploy_plain "";
if ($https = "") {{
    set $autodeploy_plain $autodeploy_guest;
}}
if ($autodeploy_plain) {{
    return 301 https://$autodeploy_name$request_uri;
}}
"""


def path_of(application):
    """The file that nginx's site of an application includes."""
    return f"{FOLDERS}/{application}/tls.conf"


def version(said):
    """nginx's version, of what `nginx -v` said."""
    return tuple(int(one) for one in re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said).groups())


def text(tls, nginx):
    """The part of the site that is about TLS.

    Args:
        tls: `names`, the first of which is the one for who comes by another; the paths of the
            `certificate`, with its chain, and of its `key`.
        nginx: nginx's version, as numbers.
    """
    alone = nginx >= HTTP2_ALONE
    return TLS.format(
        with_http2="" if alone else " http2",
        http2="http2 on;\n" if alone else "",
        certificate=tls["certificate"],
        key=tls["key"],
        ciphers=":".join(CIPHERS),
        first=tls["names"][0],
        names="|".join(re.escape(name) for name in tls["names"]),
    )


def unspeakable(tls):
    """What of it nginx cannot be told, for people; None for nothing."""
    names = [name for name in tls["names"] if not NAME.fullmatch(name)]
    if names or not tls["names"]:
        return f"{', '.join(names) or 'nothing'} is no name that nginx can be told of"
    paths = (tls["certificate"], tls["key"])
    odd = next((one for one in paths if not PATH.fullmatch(one)), None)
    return f"{odd!r} is no path that nginx can be told of" if odd else None


def missing(application, tls, sites=SITES):
    """What is not on the host that TLS takes, for people; None where all is."""
    site = read(f"{sites}/{application}")
    if site is None:
        return f"nginx has no site of {application} here: it answers nobody over HTTP"
    if f"{FOLDERS}/{application}/" not in site:
        return "the site is of an older version of autodeploy: deploy once, then try again"
    paths = (tls["certificate"], tls["key"])
    return next((f"there is no file {one}" for one in paths if not os.path.isfile(one)), None)
