"""A rule's action as steps of a frontend; they use what `frontends.FACTS` has put aside."""

from __future__ import annotations

from autodeploy.lab.balancers.answers import answer, literal, page, quoted
from autodeploy.lab.balancers.model import Action, FixedResponse, Forward, Listener, Redirect

PARTS = {
    "#{host}": "%[var(txn.host)]",
    "#{path}": "%[var(txn.path)]",
    "?#{query}": "%[var(txn.question)]",
    "#{query}": "%[var(txn.query)]",
}


def steps(action: Action, listener: Listener, when: str) -> list[str]:
    """What is done under a condition of HAProxy's."""
    if isinstance(action, Forward):
        return _forward(action, when)
    if isinstance(action, Redirect):
        return [f"{_redirect(action, listener)} if {when}"]
    return [f"{_fixed(action)} if {when}"]


def _fixed(action: FixedResponse) -> str:
    return answer(action.status, action.content_type, action.body)


def _redirect(action: Redirect, listener: Listener) -> str:
    fixed = {"#{protocol}": listener.protocol.lower(), "#{port}": str(listener.port)}
    protocol = action.protocol.replace("#{protocol}", fixed["#{protocol}"]).lower()
    port = action.port.replace("#{port}", fixed["#{port}"])
    query = f"?{action.query}" if action.query else ""
    location = _filled(f"{protocol}://{action.host}:{port}{action.path}{query}", fixed)
    return answer(
        action.status, "text/html", page(action.status), f"hdr location {quoted(location)}"
    )


def _filled(template: str, fixed: dict[str, str]) -> str:
    said = literal(template)
    for name, value in {**fixed, **PARTS}.items():
        said = said.replace(name, value)
    return said


def _forward(action: Forward, when: str) -> list[str]:
    """The group whose share of the weights a random number falls into."""
    if len(action.target_groups) == 1:
        return [f"use_backend {action.target_groups[0].target_group} if {when}"]
    weighted = [one for one in action.target_groups if one.weight]
    total = sum(one.weight for one in weighted)
    if not total:
        return [f"{answer(503, 'text/html', page(503))} if {when}"]
    steps, limit = [f"http-request set-var(txn.share) rand({total}) if {when}"], 0
    for one in weighted:
        limit += one.weight
        share = f"{{ var(txn.share) -m int lt {limit} }}"
        steps.append(f"use_backend {one.target_group} if {when} {share}")
    return steps
