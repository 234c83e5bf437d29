"""As many of each process as are asked for, each under a name of its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.deployer.variables import scaled

NAMES = st.sampled_from(["worker", "worker-2", "worker-3", "clock", "clock-2"])


@given(st.dictionaries(NAMES, NAMES), st.dictionaries(NAMES, st.integers(0, 4)))
def test_each_runs_so_often(processes, scale):
    found = scaled(processes, scale)
    wanted = sum(scale.get(name, 1) for name in processes)
    assert len(found) == wanted
    for name, command in processes.items():
        assert (name in found) is (scale.get(name, 1) > 0)
        same = [one for one, each in processes.items() if each == command]
        assert list(found.values()).count(command) == sum(scale.get(one, 1) for one in same)
