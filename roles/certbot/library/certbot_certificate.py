#!/usr/bin/python
"""Have a certificate for a host's names by ACME, and keep it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certbot_certificate
short_description: Has a certificate for exactly the names given, and keeps it
description:
  - Has certbot get an ECDSA certificate by HTTP-01. nginx serves the challenges from
    C(/var/www/acme) meanwhile, beside the application.
  - What is there, of the same authority and for the same names, is not asked anew until the last
    third of its life. Other names get another certificate under the same paths.
  - Before the authority is asked, a file is asked for through each name; where one does not lead to
    this host the module fails, and the authority, which counts failures, hears nothing.
  - Debian's C(certbot.timer) renews, and nginx is reloaded after it. Where a renewal fails, by it
    or by this module, the certificate that is there is served on, and the report has the cause.
options:
  application:
    description: The application's name, under which certbot keeps the certificate.
    type: str
    required: true
  names:
    description: The names that it is for.
    type: list
    elements: str
    required: true
  email:
    description: Where the authority writes to.
    type: str
  staging:
    description: Whether Let's Encrypt's staging is asked, where no O(server) is given.
    type: bool
    default: false
  server:
    description: URL of the ACME directory to ask; left out for Let's Encrypt's.
    type: str
  ca_bundle:
    description: Path of the authorities' certificates by which that server is trusted.
    type: str
  address:
    description: The host's address as the world has it, to which the names are to lead.
    type: str
    required: true
  may_lack:
    description: Whether it is no failure that there is no certbot yet; nothing is done then.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Have a certificate
  certbot_certificate:
    application: shop
    names: [shop.example, www.shop.example]
    address: 192.0.2.1
"""

RETURN = r"""
missing:
  description: Whether there is no certbot.
  returned: success
  type: bool
ansible_facts:
  description: What is served, seen on the wire.
  returned: success
  type: dict
  contains:
    certbot_report:
      description: C(verified), C(changed), C(not_verified) and C(findings).
      type: dict
autodeploy:
  description: Why there is no certificate.
  returned: failure
  type: dict
  contains:
    reason:
      description: >-
        C(dns) where a name does not lead to the host, C(rate-limited), C(unreachable) where the
        authority does not answer, C(refused) by it.
      type: str
    stale:
      description: >-
        Whether a certificate is there that is no good for the names: visitors who are led to it
        are led away.
      type: bool
    report:
      description: As C(certbot_report).
      type: dict
"""

import os

from ansible.module_utils import certbot_lineage as lineage
from ansible.module_utils import certbot_reach as reach
from ansible.module_utils import certbot_renewal as renewal
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.certbot_ask import NotIssued, command, obtain
from ansible.module_utils.certbot_findings import finding
from ansible.module_utils.certbot_findings import report as empty
from ansible.module_utils.certbot_host import is_installed, problem, see

REASONS = {"rateLimited": "rate-limited", "unreachable": "unreachable"}
OPTIONS = {
    "application": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "email": {"type": "str"},
    "staging": {"type": "bool", "default": False},
    "server": {"type": "str"},
    "ca_bundle": {"type": "str"},
    "address": {"type": "str", "required": True},
    "may_lack": {"type": "bool", "default": False},
}


class Refused(Exception):
    """There is no other certificate than before."""

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


class Host:
    """The certificate of one application on this host."""

    def __init__(self, module):
        self.module = module
        self.params = module.params
        self.report = empty()
        self.server = lineage.directory(self.params["server"], self.params["staging"])
        self.kept = lineage.kept(self.params["application"]) if is_installed() else None

    def why_ask(self):
        """Why a certificate is asked for; None where the one that is there will do."""
        asked = lineage.server_of(self.params["application"])
        names = self.params["names"]
        return lineage.why_ask(self.kept, asked, names, self.server, lineage.now())

    def serves_on(self):
        """Whether the one that is there will do for now, and the timer tries again."""
        same = self.kept and set(self.kept.names) == set(self.params["names"])
        is_ours = lineage.server_of(self.params["application"]) == self.server
        return bool(same and is_ours and self.kept.ends > lineage.now())

    def refused(self, error):
        """Say why there is no other certificate; fail where the one that is there will not do."""
        names = self.params["names"]
        until = f"; the one that is there ends on {self.kept.ends:%Y-%m-%d}" if self.kept else ""
        message = f"no certificate: {error}{until}"
        finding(self.report, error.reason, "high", names[0], message)
        if self.serves_on():
            return
        served = [name for name in names if self.kept and name in self.kept.names]
        stale = lineage.is_stale(self.kept, names, lineage.now())
        seen = {"reason": error.reason, "stale": stale, "report": self.seen(served)}
        self.module.fail_json(msg=message, autodeploy=seen)

    def seen(self, names):
        params = self.params
        told = (params["ca_bundle"], params["application"], self.report)
        return see(self.module, names, *told)

    def look(self):
        """Refuse to ask for names that lead elsewhere."""
        wrong, unsure = reach.look(self.params["names"], self.params["address"])
        self.report["not_verified"] += unsure
        if wrong:
            expected = f"they are to lead to {self.params['address']}"
            raise Refused("dns", f"{'; '.join(wrong)}; {expected}. The authority was not asked")

    def ask(self, why):
        """Get the certificate, and have nginx serve it where it served the one before."""
        params = self.params
        words = command(params["application"], params["names"], self.server, params["email"])
        bundle = params["ca_bundle"]
        told = {"REQUESTS_CA_BUNDLE": bundle} if bundle else {}
        try:
            obtain(
                lambda line, more: self.module.run_command(line, environ_update=more), words, told
            )
        except NotIssued as error:
            reason = REASONS.get(error.kind, "refused")
            raise Refused(reason, f"{self.server} gave none: {error}") from error
        self.module.run_command([renewal.HOOK], check_rc=True)
        self.kept = lineage.kept(params["application"])
        names = ", ".join(params["names"])
        self.report["changed"].append(f"a certificate for {names}: {why}")


def main():
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    module.run_command_environ_update = {"LC_ALL": "C"}
    params = module.params
    wrong, bundle = problem(params["application"], params["names"]), params["ca_bundle"]
    if wrong is None and bundle and not (module.check_mode or os.path.isfile(bundle)):
        wrong = f"there is no file {bundle}, whose authorities are to be trusted"
    if wrong:
        module.fail_json(msg=wrong)
    if not is_installed() and not (module.check_mode or params["may_lack"]):
        module.fail_json(msg="certbot is not installed")
    if lineage.server_of(params["application"]) and not renewal.is_ours():
        module.fail_json(
            msg=f"certbot keeps a certificate {params['application']} on this host that is not this"
            " role's: it would be replaced. Call the application otherwise, or delete it"
        )
    host = Host(module)
    why, files = host.why_ask(), renewal.files(params["ca_bundle"])
    keeps = renewal.Renewal(module.run_command)
    lacks = keeps.lacks(files)
    changed = bool(why or lacks) and (is_installed() or module.check_mode)
    if is_installed() and not module.check_mode:
        if lacks:
            keeps.make(files)
            host.report["changed"].append(f"renewal: {', '.join(map(os.path.basename, lacks))}")
        if why:
            try:
                host.look()
                host.ask(why)
            except Refused as error:
                host.refused(error)
                changed = bool(lacks)
    elif why:
        host.report["not_verified"].append("that the names lead here: only a change looks")
    module.exit_json(
        changed=changed,
        missing=not is_installed(),
        ansible_facts={"certbot_report": host.seen(params["names"])},
        diff={"before": "", "after": f"a certificate is asked for: {why}\n" if why else ""},
    )


if __name__ == "__main__":
    main()
