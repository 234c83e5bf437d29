"""The way from nginx to a release as systemd units: texts only, nothing is read or written here.

nginx → /srv/APP/current.sock → /run/APP-RELEASE.sock → systemd-socket-proxyd → 127.0.0.1:PORT
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
Type=exec
ExecStart=/usr/lib/systemd/systemd-socket-proxyd --connections-max=16384 127.0.0.1:{port}
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
RestrictAddressFamilies=AF_INET AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
IPAddressDeny=any
IPAddressAllow=localhost
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[X-Autodeploy]
Application={application}
Release={release}
"""


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


def units(application, release, port):
    """Text by file name."""
    values = {"application": application, "release": release, "port": port}
    return {
        socket_name(application, release): SOCKET.format(**values),
        service_name(application, release): SERVICE.format(**values),
    }
