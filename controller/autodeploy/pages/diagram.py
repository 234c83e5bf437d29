"""What an application stands on, as boxes and lines: from its users down to its data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autodeploy.contracts import Action, DeploymentState, Resource
from autodeploy.pages.model import Box, Diagram
from autodeploy.words import natural

WIDTH = 360
NODE = 44
GAP = 10
ROW = 3
MOST = 9
INSTANCE = "AWS::EC2::Instance"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
DATA = {"AWS::RDS::DBInstance": "database", "AWS::ElastiCache::ReplicationGroup": "cache"}


def diagram(state: DeploymentState) -> Diagram | None:
    """The application's boxes; None where it has none yet."""
    known = _known(state)
    hosts = _hosts(state, known)
    if not hosts:
        return None
    users = _users(state)
    fronts = [_node("front", key, "load balancer", is_there) for key, is_there in known[BALANCER]]
    data = [
        _node(kind, key, f"managed {kind}", is_there)
        for type_, kind in DATA.items()
        for key, is_there in known[type_]
    ]
    return _laid_out([users], fronts[:ROW], hosts, data[:ROW], is_cloud=state.target != "ssh")


def _known(state: DeploymentState) -> dict[str, list[tuple[str, bool]]]:
    """By kind: the logical names of what is there, or was to be, and whether it is there."""
    found: dict[str, list[tuple[str, bool]]] = {one: [] for one in (INSTANCE, BALANCER, *DATA)}
    there = {one.key for one in state.resources}
    planned = state.foreseen.resources if state.foreseen else ()
    missing = (
        Resource(key=one.key, type=one.type, id="")
        for one in planned
        if one.action is not Action.DELETE and one.key not in there
    )
    for one in (*state.resources, *missing):
        if one.type in found:
            found[one.type].append((one.key, one.key in there))
    return {kind: sorted(some) for kind, some in found.items()}


def _hosts(state: DeploymentState, known: dict[str, list[tuple[str, bool]]]) -> list[Box]:
    addresses = {one.name: one.address for one in state.hosts}
    is_there = dict(known[INSTANCE]) if known[INSTANCE] else dict.fromkeys(addresses, True)
    names = sorted(is_there, key=natural)
    shown = [
        _node("host", name, addresses.get(name, "host"), is_there[name]) for name in names[:MOST]
    ]
    if len(names) > MOST:
        shown[-1] = _node("host", f"{len(names) - MOST + 1} more", "hosts", is_there=True)
    return shown


def _users(state: DeploymentState) -> Box:
    url = state.deployment.url if state.deployment else None
    return _node("users", "users", url or "", is_there=True)


def _node(kind: str, label: str, sub: str, is_there: bool) -> Box:
    return Box(kind, label, sub if is_there else "not there", 0, 0, 0, NODE, is_there)


def _laid_out(
    users: list[Box], fronts: list[Box], hosts: list[Box], data: list[Box], *, is_cloud: bool
) -> Diagram:
    """Rows below each other; what lies in the network of its own, in frames."""
    placed_users, y = _rows(users, 0, indent=90)
    areas: list[Box] = []
    top = y + 24
    y = top + 26 if is_cloud else top
    public = y
    placed_fronts, y = _rows(fronts, y + 24, indent=90)
    placed_hosts, fleet, y = _hosts_framed(hosts, y + 28 if fronts else y, is_alone=not fronts)
    areas.append(_area("public", "public subnets" if is_cloud else "hosts that exist", public, y))
    areas += fleet
    placed_data: list[Box] = []
    if data:
        private = y + 30
        placed_data, y = _rows(data, private + 14, indent=28)
        y += 14  # Its name stands below: no line leads there.
        areas.append(_area("private", "private subnets", private, y))
    if is_cloud:
        areas.insert(0, Box("network", "VPC", "", 1, top, WIDTH - 2, y + GAP + 10 - top))
        y += 12
    above, middle = placed_fronts or placed_users, fleet or placed_hosts
    edges = [
        *((users_, front) for users_ in placed_users for front in placed_fronts),
        *((one, host) for one in above for host in middle),
        *((host, one) for host in middle for one in placed_data),
    ]
    nodes = (*placed_users, *placed_fronts, *placed_hosts, *placed_data)
    text = _words(placed_users + placed_fronts, placed_hosts, placed_data)
    return Diagram(WIDTH, y + GAP, tuple(areas), nodes, tuple(edges), text)


def _hosts_framed(
    hosts: Sequence[Box], y: int, *, is_alone: bool
) -> tuple[list[Box], list[Box], int]:
    """The hosts, a frame around several of them, and where all of it ends.

    Lines lead to and from a frame where those to single hosts would cross others, or names.
    """
    if len(hosts) <= (1 if is_alone else ROW):
        placed, y = _rows(hosts, y, indent=28)
        return placed, [], y
    placed, end = _rows(hosts, y + 24, indent=34)
    frame = Box("fleet", "hosts", "", 24, y, WIDTH - 48, end - y + GAP)
    return placed, [frame], end + GAP


def _area(kind: str, label: str, top: int, bottom: int) -> Box:
    return Box(kind, label, "", 14, top, WIDTH - 28, bottom - top + GAP)


def _rows(nodes: Sequence[Box], y: int, indent: int) -> tuple[list[Box], int]:
    """The nodes, at most three a row, and where the last row ends."""
    placed: list[Box] = []
    columns = min(len(nodes), ROW)
    for begin in range(0, len(nodes), ROW):
        row = nodes[begin : begin + ROW]
        width = min((WIDTH - 2 * indent - GAP * (columns - 1)) // columns, 180)
        left = (WIDTH - width * len(row) - GAP * (len(row) - 1)) // 2
        for number, one in enumerate(row):
            x = left + number * (width + GAP)
            placed.append(Box(one.kind, one.label, one.sub, x, y, width, NODE, one.is_there))
        y += NODE + GAP
    return placed, y - GAP if nodes else y


def _words(fronts: Iterable[Box], hosts: Iterable[Box], data: Iterable[Box]) -> str:
    said = [f"{' reach '.join(_said(one) for one in fronts)}", _listed(hosts), _listed(data)]
    return "; these reach ".join(one for one in said if one) + "."


def _listed(some: Iterable[Box]) -> str:
    return ", ".join(_said(one) for one in some)


def _said(one: Box) -> str:
    return f"{one.label} ({one.sub})" if one.sub else one.label
