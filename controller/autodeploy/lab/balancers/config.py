"""haproxy.cfg of a load balancer: a function of what it is to do, and of nothing else."""

from __future__ import annotations

from autodeploy.lab.balancers import answers
from autodeploy.lab.balancers.backends import backend
from autodeploy.lab.balancers.frontends import frontend
from autodeploy.lab.balancers.model import LoadBalancer

SOCKET = "/run/haproxy/admin.sock"
STATE = "/run/haproxy/servers.state"
CONNECT_SECONDS = 10

# Checks of a group begin together: a new target is known within a tenth of a second.
# `alive` is a listener that is always there: HAProxy does not run without one.
GLOBAL = f"""\
global
  user haproxy
  group haproxy
  maxconn 2000
  stats socket {SOCKET} mode 600 level admin
  server-state-file {STATE}
  max-spread-checks 100
  ssl-default-server-options ssl-min-ver TLSv1.2
  tune.ssl.default-dh-param 2048
  # A WebSocket of yesterday does not keep yesterday's configuration for ever.
  hard-stop-after 1h

defaults
  mode http
  load-server-state-from-file global
  option idle-close-on-response
  option http-keep-alive
  http-reuse safe
  retries 0
  timeout connect {CONNECT_SECONDS}s
  timeout client {{idle}}s
  timeout server {{idle}}s
  timeout http-keep-alive {{idle}}s
  timeout http-request {{idle}}s
  timeout tunnel {{idle}}s
{{errors}}

frontend alive
  bind unix@/run/haproxy/alive.sock
  http-request return status 200
"""


def text(balancer: LoadBalancer) -> str:
    """haproxy.cfg."""
    errors = "\n".join(f"  {answers.error(status)}" for status in answers.ERRORS)
    sections = [GLOBAL.format(idle=balancer.idle_timeout, errors=errors)]
    listeners = sorted(balancer.listeners, key=lambda one: one.port)
    groups = sorted(balancer.target_groups, key=lambda one: one.name)
    sections += ["\n".join(frontend(one, balancer)) + "\n" for one in listeners]
    sections += ["\n".join(backend(one)) + "\n" for one in groups]
    return "\n".join(sections)
