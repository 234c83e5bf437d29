"""A listener as a frontend of HAProxy.

Rules are found first and acted upon afterwards: HAProxy answers requests before it chooses
backends, whatever the order of the lines, and AWS goes by priority.
"""

from __future__ import annotations

import re

from autodeploy.lab.balancers import actions, tls
from autodeploy.lab.balancers.model import Condition, Listener, LoadBalancer, Rule

FACTS = (
    "http-request set-var(txn.host) req.hdr(host),field(1,:)",
    "http-request set-var(txn.path) path,bytes(1)",
    "http-request set-var(txn.query) query",
    'http-request set-var-fmt(txn.question) "?%[query]" if { query -m len gt 0 }',
)
MATCHES = {
    "path-pattern": "path -m reg",
    "host-header": "var(txn.host) -i -m reg",
    "http-header": "req.hdr({key}) -i -m reg",
    "http-request-method": "method -m str",
    "query-string": "url_param({key}) -i -m reg",
    "source-ip": "src",
}
PLAIN = {"http-request-method", "source-ip"}


def frontend(listener: Listener, balancer: LoadBalancer) -> list[str]:
    """The lines of a listener's section."""
    lines = [f"frontend listener-{listener.port}", f"  bind {_bind(listener, balancer)}"]
    steps = [*FACTS, *_forwarded(listener, balancer)]
    steps.append("http-request set-var(txn.rule) int(0)")
    steps += [_choose(number, rule) for number, rule in enumerate(listener.rules, start=1)]
    default = Rule(conditions=(), action=listener.default)
    for number, rule in enumerate((default, *listener.rules)):
        steps += actions.steps(rule.action, listener, f"{{ var(txn.rule) -m int {number} }}")
    steps.sort(key=lambda step: step.startswith("use_backend"))
    return [*lines, *(f"  {step}" for step in steps)]


def pattern(wildcards: str) -> str:
    """A pattern with * and ? as a regular expression without a character that needs quotes."""
    return "^" + "".join(_in_regex(one) for one in wildcards) + "$"


def _in_regex(one: str) -> str:
    if one in "*?":
        return {"*": ".*", "?": "."}[one]
    if re.fullmatch(r"[A-Za-z0-9/_-]", one):
        return one
    return "".join(f"\\\\x{byte:02x}" for byte in one.encode())


def _bind(listener: Listener, balancer: LoadBalancer) -> str:
    said = f":{listener.port}"
    if listener.protocol == "HTTPS":
        protocols = "h2,http/1.1" if balancer.http2 else "http/1.1"
        files = " ".join(f"crt {one.path}" for one in listener.certificates)
        said += f" ssl {files} {tls.options(listener.policy)} alpn {protocols}"
    return said


def _forwarded(listener: Listener, balancer: LoadBalancer) -> list[str]:
    """What the target is told of the client."""
    steps = [
        f"http-request set-header X-Forwarded-Proto {listener.protocol.lower()}",
        f"http-request set-header X-Forwarded-Port {listener.port}",
        "http-request set-header X-Amzn-Trace-Id Root=1-%{+X}Ts-%[uuid,regsub(-,,g),bytes(0,24)]"
        " unless { req.hdr(x-amzn-trace-id) -m found }",
    ]
    if balancer.forwarded_for == "remove":
        return [*steps, "http-request del-header X-Forwarded-For"]
    if balancer.forwarded_for == "preserve":
        return steps
    client = "%[src]:%[src_port]" if balancer.client_port else "%[src]"
    told = "{ req.hdr(x-forwarded-for) -m found }"
    both = f'"%[req.fhdr(x-forwarded-for)], {client}"'
    return [
        *steps,
        f"http-request set-var(txn.told) bool(true) if {told}",
        f"http-request set-header X-Forwarded-For {both} if {{ var(txn.told) -m bool }}",
        f"http-request set-header X-Forwarded-For {client} unless {{ var(txn.told) -m bool }}",
    ]


def _choose(number: int, rule: Rule) -> str:
    """The first rule that fits stays chosen."""
    met = " ".join(_condition(one) for one in rule.conditions)
    return f"http-request set-var(txn.rule) int({number}) if {{ var(txn.rule) -m int 0 }} {met}"


def _condition(condition: Condition) -> str:
    match = MATCHES[condition.field].format(key=condition.key)
    if condition.field in PLAIN:
        return f"{{ {match} {' '.join(condition.values)} }}"
    return f"{{ {match} {' '.join(map(pattern, condition.values))} }}"
