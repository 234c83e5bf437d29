"""What is said of a firewall: only what was read back from the kernel is verified."""

from __future__ import annotations


def seen(found, ports, ssh_ports):
    """What the host lets in: `open_ports`, SSH's only where declared, `ssh` and `active`."""
    counted = sorted(port for port in found["opened"] if port not in ssh_ports or port in ports)
    return {"open_ports": counted, "ssh": found["ssh"], "active": found["active"]}


def difference(found, ports, ssh_ports):
    """In what the kernel's rules are not the declared ones; None where they are."""
    if not found["active"]:
        return "it is off, and everything is let in"
    if not found["ssh"]:
        return f"SSH's ports {ssh_ports} are closed"
    opened, wanted = found["opened"] - set(ssh_ports), set(ports) - set(ssh_ports)
    if opened != wanted:
        return f"it lets in the ports {sorted(opened)} besides SSH, not exactly {sorted(wanted)}"
    return None


def facts(name, found, ports, ssh_ports, told):
    """The fact `firewall_report`.

    Args:
        name: The firewall's.
        found: What was read back from it.
        ports: The declared ones.
        ssh_ports: Those on which SSH listens.
        told: What the module returns besides: `commands`, `guard`; and `check`, in check mode.
    """
    problem = difference(found, ports, ssh_ports)
    others = ", ".join(map(str, sorted(set(ports) - set(ssh_ports)))) or "none"
    declared = f"{name} lets in SSH (port {', '.join(map(str, ssh_ports))}) and, of TCP, {others}"
    reverted = told["guard"]["reverted"]
    findings = [finding("change-reverted", reverted)] if reverted else []
    findings += [finding("firewall-differs", f"{name}: {problem}")] if problem else []
    report = {
        "verified": [] if problem else [declared],
        "changed": [] if told.get("check") else told["commands"],
        "not_verified": [],
        "findings": findings,
    }
    return {"firewall_report": {**report, **seen(found, ports, ssh_ports), "backend": name}}


def finding(identity, message):
    """What a person should look at: what is let in may be another thing than was declared."""
    what = {"id": identity, "severity": "high", "resource": "firewall"}
    return {**what, "message": message}
