"""Property 29: what is told to be verified is what a role has verified, there, and no more.

The oracle reads the roles' facts itself: of each host and topic the last report that is one, told
since that host has its name.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Host, InfrastructureSpec, SecurityConfig
from autodeploy.sheriff import hosts as secured
from autodeploy.sheriff.reports import merged, reports_of, wanting

pytestmark = pytest.mark.property
texts = st.lists(st.text("abc", min_size=1, max_size=3), max_size=3)
hosts, topics = st.sampled_from(["host-1", "host-2"]), st.sampled_from(["firewall", "hardening"])
good = st.fixed_dictionaries(
    {},
    optional={"verified": texts, "changed": texts, "not_verified": texts, "lynis": st.integers()},
)
bad = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    texts,
    st.fixed_dictionaries({"verified": st.one_of(st.text(), st.integers(), st.none())}),
    st.fixed_dictionaries({"verified": texts, "findings": texts.filter(bool)}),
)
told = st.lists(
    st.tuples(
        hosts,
        topics,
        st.one_of(good.map(lambda one: (True, one)), bad.map(lambda one: (False, one))),
    )
)


@given(told)
def test_only_what_was_verified_is_told_to_be(facts):
    reports = [
        one
        for host, topic, (_, said) in facts
        for one in reports_of(host, {f"{topic}_report": said})
    ]
    reports += [
        one
        for host in ("host-1", "host-2")
        for one in wanting(host, ("firewall", "hardening"), reports)
    ]
    security = SecurityConfig(hardened=True, reports=merged(reports))
    last = {(host, topic): said if is_good else {} for host, topic, (is_good, said) in facts}
    expected = [
        f"{host} {topic}: {one}"
        for (host, topic), said in last.items()
        for one in said.get("verified", ())
    ]
    assert sorted(security.verified) == sorted(expected)
    is_good = {(host, topic): one for host, topic, (one, _) in facts}
    for host in ("host-1", "host-2"):
        for topic in ("firewall", "hardening"):
            if not is_good.get((host, topic)):
                assert any(one.startswith(f"{host} {topic}: ") for one in security.not_verified)


deployments = st.lists(
    st.dictionaries(
        hosts, st.tuples(st.sampled_from(["i-1", "i-2"]), st.dictionaries(topics, good)), min_size=1
    ),
    max_size=6,
)


@given(deployments)
def test_a_host_inherits_nothing_of_one_that_had_its_name(deployments):
    where = {"application": "a", "environment": "b", "target": "lab", "ssh_key": None}
    known, oracle = {}, {}
    for deployment in deployments:
        now = [
            Host(name=name, address="192.0.2.1", host_key="ssh-ed25519 A", instance_id=one)
            for name, (one, _) in deployment.items()
        ]
        spec = InfrastructureSpec(**where, image="debian-12", hosts=tuple(now))
        facts = {
            f"a-b-{name}": {f"{topic}_report": said for topic, said in told.items()}
            for name, (_, told) in deployment.items()
        }
        known |= secured.told(spec, {}, known, facts)
        for name, (one, told) in deployment.items():
            before, reports = oracle.get(name, (one, {}))
            oracle[name] = one, {**(reports if before == one else {}), **told}
    verified = {
        (name, report.topic): list(report.verified)
        for name, one in known.items()
        for report in one.reports
    }
    assert verified == {
        (name, topic): said.get("verified", [])
        for name, (_, reports) in oracle.items()
        for topic, said in reports.items()
    }
