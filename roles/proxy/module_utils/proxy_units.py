"""The ways to a release as systemd units: texts only, nothing is read or written here.

nginx → /srv/APP/current.sock → /run/APP-RELEASE.sock → systemd-socket-proxyd → 127.0.0.1:PORT
clients of what is no HTTP → APP-public.socket → systemd-socket-proxyd → /srv/APP/current.sock → ...
"""

from __future__ import annotations

SOCKET = """\
[Unit]
Description={application}, release {release}: nginx's way in
PartOf={application}-{release}.target

[Socket]
ListenStream=/run/{application}-{release}.sock
SocketUser=root
SocketGroup=www-data
SocketMode=0660
Backlog=4096
RemoveOnStop=yes

[Install]
WantedBy={application}-{release}.target

[X-Autodeploy]
Application={application}
Release={release}
"""

SERVICE = """\
[Unit]
Description={application}, release {release}: from nginx's socket to port {port}
PartOf={application}-{release}.target
After={application}-web-{release}.service
Requires={application}-proxy.{release}.socket

[Service]
ExecStart={proxyd} 127.0.0.1:{port}
RestrictAddressFamilies=AF_INET AF_UNIX
IPAddressDeny=any
IPAddressAllow=localhost
{sandbox}
[X-Autodeploy]
Application={application}
Release={release}
"""

PUBLIC_SOCKET = """\
[Unit]
Description={application}: port {port}, for everybody

[Socket]
ListenStream={port}
NoDelay=yes
Backlog=4096

[Install]
WantedBy=sockets.target

[X-Autodeploy]
Application={application}
"""

# The clients' connections are systemd's: the program itself has no network.
PUBLIC_SERVICE = """\
[Unit]
Description={application}: from port {port} to the release with the traffic
Requires={application}-public.socket

[Service]
ExecStart={proxyd} /srv/{application}/current.sock
SupplementaryGroups=www-data
RestrictAddressFamilies=AF_UNIX
PrivateNetwork=yes
{sandbox}
[X-Autodeploy]
Application={application}
"""

PROXYD = "/usr/lib/systemd/systemd-socket-proxyd --connections-max=16384"

SANDBOX = """\
Type=exec
Restart=on-failure
DynamicUser=yes
LimitNOFILE=65536
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""

COMMON = {"proxyd": PROXYD, "sandbox": SANDBOX}


def target_name(application, release):
    return f"{application}-{release}.target"


def socket_name(application, release):
    return f"{application}-proxy.{release}.socket"


def service_name(application, release):
    return f"{application}-proxy.{release}.service"


def drain_name(application, release):
    return f"{application}-drain.{release}.service"


def socket_path(application, release):
    return f"/run/{application}-{release}.sock"


def workers(target, application, release):
    """The services that a release's target starts, but `web`, whose requests may be under way."""
    wants = [line for line in (target or "").splitlines() if line.startswith("Wants=")]
    names = [name for line in wants for name in line.removeprefix("Wants=").split()]
    web = f"{application}-web-{release}.service"
    return [name for name in names if name.endswith(".service") and name != web]


def public_names(application):
    """The socket first."""
    return f"{application}-public.socket", f"{application}-public.service"


def units(application, release, port):
    """Text by file name, of one release's own units."""
    values = {"application": application, "release": release, "port": port, **COMMON}
    return {
        socket_name(application, release): SOCKET.format(**values),
        service_name(application, release): SERVICE.format(**values),
    }


def public_units(application, port):
    """Text by file name, of the public port's units; None without a port: there are none."""
    names = public_names(application)
    if port is None:
        return dict.fromkeys(names)
    values = {"application": application, "port": port, **COMMON}
    texts = (PUBLIC_SOCKET.format(**values), PUBLIC_SERVICE.format(**values))
    return dict(zip(names, texts, strict=True))
