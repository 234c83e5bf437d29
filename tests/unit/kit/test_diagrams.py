"""The diagrams in docs/ are of the code that there is."""

from __future__ import annotations

from autodeploy import contracts
from diagrams import AGENTS, ARCHITECTURE, HANDED, agents, architecture, floors, imports, reached

AGAIN = "PYTHONPATH=tests/kit python tests/kit/diagrams.py writes it"


def test_the_pages_are_up_to_date():
    assert AGENTS.read_text() == agents(), AGAIN
    assert ARCHITECTURE.read_text() == architecture(ARCHITECTURE.read_text()), AGAIN


def test_the_floors_leave_out_what_follows_and_nothing_else():
    drawn = {tuple(line.split(" --> ")) for line in floors().replace("    ", "").splitlines()[2:-1]}
    assert ("conductor", "recon") in drawn
    assert ("cli", "recon") not in drawn, "by the conductor"
    follows = dict.fromkeys(imports(), frozenset())
    for _ in follows:
        follows = {
            one: frozenset({below for above, below in drawn if above == one}).union(
                *(follows[below] for above, below in drawn if above == one)
            )
            for one in follows
        }
    assert follows == {one: reached(one) for one in imports()}


def test_every_agent_gives_what_its_stage_is_said_to_give():
    named = AGENTS.parent.parent.joinpath("AGENTS.md").read_text()
    for agent, given in HANDED.items():
        line = next(
            one for one in named.splitlines() if one.startswith(f"| {agent.capitalize()} |")
        )
        for one in given:
            assert f"`{one.__name__}`" in line
            assert hasattr(contracts, one.__name__)
