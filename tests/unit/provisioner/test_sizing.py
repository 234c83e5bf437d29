import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from autodeploy.contracts import TechStack
from autodeploy.provisioner.sizing import LADDERS, SIZES, instance_type


def stack(language, processes):
    return TechStack(language=language, processes={f"p{n}": "run" for n in range(processes)})


def memory(kind):
    """AWS's own figure."""
    return INSTANCE_TYPES[kind]["MemoryInfo"]["SizeInMiB"]


@pytest.mark.parametrize(
    ("language", "processes", "expected"),
    [
        ("go", 1, "t3.micro"),
        ("static", 0, "t3.micro"),
        ("python", 1, "t3.small"),
        ("node", 2, "t3.small"),
        ("python", 3, "t3.medium"),
        ("java", 2, "t3.medium"),
        (None, 1, "t3.small"),
        ("python", 1000, "t3.2xlarge"),
    ],
)
def test_the_size_follows_language_and_processes(language, processes, expected):
    assert instance_type(stack(language, processes)) == expected
    arm = instance_type(stack(language, processes), "arm64")
    assert arm == expected.replace("t3", "t4g")


@given(
    language=st.sampled_from(["python", "node", "go", "java", "static", None]),
    processes=st.integers(0, 60),
    more=st.integers(0, 20),
    arch=st.sampled_from(sorted(LADDERS)),
)
def test_a_larger_demand_never_gets_less(language, processes, more, arch):
    smaller = instance_type(stack(language, processes), arch)
    larger = instance_type(stack(language, processes + more), arch)
    assert memory(smaller) <= memory(larger)


@pytest.mark.parametrize("arch", sorted(LADDERS))
def test_the_ladder_says_what_aws_says(arch):
    wanted = {"amd64": "x86_64", "arm64": "arm64"}[arch]
    for (kind, mib), size in zip(LADDERS[arch], SIZES, strict=True):
        known = INSTANCE_TYPES[kind]
        assert (memory(kind), known["VCpuInfo"]["DefaultVCpus"]) == (mib, size.vcpus)
        assert known["ProcessorInfo"]["SupportedArchitectures"] == [wanted]
