#!/usr/bin/python
"""Give an application's site a certificate, or take it away."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nginx_tls
short_description: Has nginx serve an application over TLS
description:
  - Writes C(/etc/nginx/autodeploy/APPLICATION/tls.conf), which the site includes that the role
    proxy has given nginx, and reloads nginx where that was another. nginx must accept it, or the
    one before stays.
  - Visitors of port 80 are sent to port 443 from then on, but for ACME's challenges and for those
    that look whether the release is well.
  - No release knows of it. What switches or goes back to one leaves it as it is.
options:
  application:
    description: The application's name.
    type: str
    required: true
  tls:
    description: The certificate; left out, or null, for none, which closes port 443.
    type: dict
    suboptions:
      names:
        description: The names that it is for; visitors by another are sent to the first.
        type: list
        elements: str
        required: true
      certificate:
        description: Path of the certificate and its chain on the host.
        type: str
        required: true
      key:
        description: Path of its key. nginx reads it as root, so nobody else needs to.
        type: str
        required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
author: autodeploy
"""

EXAMPLES = r"""
- name: Serve the application over TLS
  nginx_tls:
    application: shop
    tls:
      names: [shop.example, www.shop.example]
      certificate: /etc/letsencrypt/live/shop/fullchain.pem
      key: /etc/letsencrypt/live/shop/privkey.pem
"""

RETURN = r"""
autodeploy:
  description: What came of it.
  returned: success
  type: dict
  contains:
    tls:
      description: Whether port 443 is open, or in check mode would be.
      type: bool
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.proxy_files import read
from ansible.module_utils.proxy_front import NotSwitched, Systemd, hand_to_nginx, unread
from ansible.module_utils.proxy_tls import missing, path_of, text, unspeakable, version

NGINX = "/usr/sbin/nginx"
TLS = {
    "names": {"type": "list", "elements": "str", "required": True},
    "certificate": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
}


def wanted_text(module):
    """What the site is to include; None for nothing."""
    application, tls = module.params["application"], module.params["tls"]
    if not tls:
        return None
    # A check of a host that has no site or certificate yet says what would be.
    wrong = unspeakable(tls) or (None if module.check_mode else missing(application, tls))
    if wrong:
        module.fail_json(msg=f"no TLS for {application}: {wrong}")
    _code, out, err = module.run_command([NGINX, "-v"], check_rc=True)
    return text(tls, version(out + err))


def main():
    module = AnsibleModule(
        argument_spec={
            "application": {"type": "str", "required": True},
            "tls": {"type": "dict", "options": TLS},
        },
        supports_check_mode=True,
    )
    module.run_command_environ_update = {"LC_ALL": "C"}
    tls, path = module.params["tls"], path_of(module.params["application"])
    if module.check_mode and not os.path.exists(NGINX):
        module.exit_json(changed=bool(tls), autodeploy={"tls": bool(tls)})
    wanted, before = wanted_text(module), read(path)
    changed = wanted != before or os.path.exists(unread(path))
    if changed and not module.check_mode:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        try:
            hand_to_nginx(Systemd(module), path, wanted)
        except NotSwitched as error:
            module.fail_json(msg=str(error))
    module.exit_json(
        changed=changed,
        autodeploy={"tls": wanted is not None},
        diff={"before": before or "", "after": wanted or ""},
    )


if __name__ == "__main__":
    main()
