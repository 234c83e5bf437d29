"""The scan: looks at a running application's security that change nothing."""

from autodeploy.sheriff.scan.dependencies import scan_dependencies
from autodeploy.sheriff.scan.findings import is_at_least, summed
from autodeploy.sheriff.scan.hosts import scan_hosts
from autodeploy.sheriff.scan.inspector import enable_inspector, scan_with_inspector
from autodeploy.sheriff.scan.ssh import scan_ssh
from autodeploy.sheriff.scan.tls import scan_tls

__all__ = [
    "enable_inspector",
    "is_at_least",
    "scan_dependencies",
    "scan_hosts",
    "scan_ssh",
    "scan_tls",
    "scan_with_inspector",
    "summed",
]
