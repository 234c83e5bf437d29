"""Instance size is monotone in the demands of the stack; AWS's own table of types is the oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from autodeploy.contracts import TechStack
from autodeploy.provisioner.desired import desired
from autodeploy.provisioner.kinds import Instance
from autodeploy.provisioner.surroundings import Surroundings
from autodeploy.settings import Settings

pytestmark = pytest.mark.property

# From what needs least memory to what needs most; what is not known may be anything but Java.
WEIGHTS = [["static"], ["go", "rust"], ["python", "node", "ruby", "php", None], ["java"]]
AROUND = Surroundings("10.0.0.0/16", ("a", "b"), None)

weights = st.integers(0, len(WEIGHTS) - 1)
names = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
processes = st.dictionaries(names, st.just("run"), max_size=60)
architectures = st.sampled_from(["amd64", "arm64"])


def hosts(stack, **said):
    resources = desired(stack, Settings(target="lab", **said), AROUND)
    return [one for one in resources if isinstance(one, Instance)]


def power(host):
    """Memory and threads, as AWS says; and what of it is there must fit the image."""
    known = INSTANCE_TYPES[host.instance_type]
    wanted = {"amd64": "x86_64", "arm64": "arm64"}[host.arch]
    assert wanted in known["ProcessorInfo"]["SupportedArchitectures"]
    return known["MemoryInfo"]["SizeInMiB"], known["VCpuInfo"]["DefaultVCpus"]


@given(weights, weights, processes, processes, architectures, st.integers(1, 4), st.data())
def test_a_larger_demand_never_gets_a_smaller_host(one, other, few, more, arch, number, data):
    light, heavy = sorted([one, other])
    small = TechStack(language=data.draw(st.sampled_from(WEIGHTS[light])), processes=few)
    language = data.draw(st.sampled_from(WEIGHTS[heavy]))
    large = TechStack(language=language, processes={**few, **more})
    said = {"arch": arch, "hosts": number, "load_balancer": False}
    for less, much in zip(hosts(small, **said), hosts(large, **said), strict=True):
        assert all(a <= b for a, b in zip(power(less), power(much), strict=True))
    (size,) = {one.instance_type for one in hosts(large, **said)}
    # Processes that only the settings name count like those of the repository.
    bare = large.model_copy(update={"processes": few})
    assert {one.instance_type for one in hosts(bare, **said, processes=more)} == {size}


@given(weights, processes, st.sampled_from(["t3.nano", "t3.micro", "c7i.4xlarge", "m6i.large"]))
def test_what_the_user_names_is_what_there_is(weight, some, named):
    for language in WEIGHTS[weight]:
        (host,) = hosts(TechStack(language=language, processes=some), instance_type=named)
        assert host.instance_type == named
        assert not host.flexible


@given(weights, processes, architectures)
def test_memory_is_there_for_the_system_and_each_process(weight, some, arch):
    """Independent of the code's own table: half a GiB, and what runtimes of these take at least."""
    least = [32, 64, 256, 512][weight]
    for language in WEIGHTS[weight]:
        (host,) = hosts(TechStack(language=language, processes=some), arch=arch)
        memory, _ = power(host)
        assert memory >= min(512 + least * max(1, len(some)), 32 * 1024)
