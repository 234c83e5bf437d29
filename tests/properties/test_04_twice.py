"""Provisioning twice makes the same resources, and no more, whatever the first time died of."""

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import moto_api
import oracle
from autodeploy.aws.needed import ADMISSION, needed
from autodeploy.contracts import Action, Plan, TechStack
from autodeploy.provisioner import sizing
from autodeploy.provisioner.kinds import KINDS
from autodeploy.settings import Settings

pytestmark = [pytest.mark.property, pytest.mark.slow]

maybe = st.sampled_from([None, None, True, False])
stacks = st.builds(
    TechStack,
    language=st.sampled_from(["python", "node", "go", "java", "static", None]),
    processes=st.dictionaries(st.sampled_from(["web", "worker", "clock"]), st.just("run")),
    output=st.sampled_from([None, None, "dist"]),
    databases=st.sets(st.sampled_from(["postgresql", "mysql", "redis"])).map(sorted).map(tuple),
)
settings = st.builds(
    Settings,
    target=st.just("lab"),
    image=st.sampled_from(["debian-12", "debian-13"]),
    instance_type=st.sampled_from([None, *(name for name, _ in sizing.LADDERS["amd64"])]),
    hosts=st.integers(1, 3),
    load_balancer=maybe,
    domain=st.sampled_from([None, None, "shop.example.org"]),
    database=maybe,
    database_class=st.sampled_from(["db.t4g.micro", "db.m7g.large"]),
    cache=maybe,
    cache_type=st.sampled_from(["cache.t4g.micro", "cache.m7g.large"]),
    env=st.sampled_from([{}, {}, {"DATABASE_URL": "postgres://elsewhere/x"}, {"REDIS_URL": "x"}]),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with moto_api.api():
        made = tmp_path_factory.mktemp("twice")
        moto_api.Controller(made).provision()
        yield made


@given(stacks, settings, st.integers(0, 8), st.lists(st.integers(1, 20), max_size=2))
def test_the_second_time_makes_nothing(folder, stack, wanted, deleted, deaths):
    """The account is what the example before left: settings change on the way."""
    controller = moto_api.Controller(folder, stack=stack, settings=wanted)
    if deleted:
        with pytest.raises(moto_api.Crash), moto_api.crash_after(deleted):
            controller.destroy()
    for calls in deaths:
        with suppress(moto_api.Crash), moto_api.crash_after(calls):
            controller.provision(yes_data=True)
    plans: list[Plan] = []
    heard = {"on_plan": lambda plan, _cost: plans.append(plan)}
    first = controller.provision(yes_data=True, **heard)
    controller.cloud.calls.clear()
    assert controller.provision(yes_data=True, **heard) == first
    check_what_if(*plans, first)
    assert moto_api.writes(controller.cloud) == []
    reads = Counter(call.action for call in controller.cloud.calls)
    # A Redis takes two more: its node, and its secret, for those are asked for one by one.
    has_cache = oracle.has_cache(stack, wanted)
    assert reads.pop("secretsmanager:DescribeSecret") <= 1 + has_cache
    assert reads.total() < len(KINDS) + has_cache
    assert set(reads.values()) == {1}
    there = moto_api.everything()
    assert {kind: len(found) for kind, found in there.items() if found} == oracle.counts(
        stack, wanted
    )
    assert Counter(one.type for one in first.resources) == oracle.counts(stack, wanted)
    assert all(one.id in str(there[one.type]) for one in first.resources)
    moto_api.forget_deleted()


def check_what_if(made, empty, spec):
    """The plan that was carried out tells what there is then; a plan of what there is, nothing."""
    stays = {(one.key, one.type) for one in made.actions if one.action is not Action.DELETE}
    assert stays == {(one.key, one.type) for one in spec.resources}
    assert {one.action for one in empty.actions} == {Action.NONE}
    assert not any(one.properties or one.outage for one in empty.actions)
    assert needed(empty.actions).writes == ADMISSION
