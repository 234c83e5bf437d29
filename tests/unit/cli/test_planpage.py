"""A plan as people read it."""

from __future__ import annotations

from autodeploy.cli import planpage
from autodeploy.contracts import Action, Difference, Plan, PlannedAction, SavedPlan, Subject

SUBJECT = Subject(
    application="shop",
    environment="production",
    target="aws",
    region="eu-central-1",
    account="123456789012",
    path="",
    commit="0123456789abcdef",
    settings={},
    stack="-",
    live_release=None,
    tool_version="0",
)


def page(capsys, *actions):
    named = [(f"{what}-{number}", what) for number, what in enumerate(actions)]
    planned = (
        PlannedAction(key=key, type="AWS::EC2::VPC", action=what, reason=f"why {key}")
        for key, what in named
    )
    planpage.show(SavedPlan(subject=SUBJECT, plan=Plan(actions=tuple(planned))))
    return capsys.readouterr().out


def test_it_is_grouped_and_summed_up(capsys):
    shown = page(
        capsys, Action.NONE, Action.DELETE, Action.CREATE, Action.NONE, Action.UPDATE, Action.CREATE
    )
    assert [line.split("  AWS")[0].strip() for line in shown.splitlines() if line] == [
        "shop (production) on aws, eu-central-1, account 123456789012, commit 0123456789ab",
        "to create",
        "+ create-2",
        "+ create-5",
        "to update",
        "~ update-4",
        "to delete: what is there is DESTROYED",
        "! delete-1",
        "unchanged",
        "= none-0",
        "= none-3",
        "2 to create, 1 to update, 1 to delete, 2 unchanged",
    ]


def test_what_is_replaced_is_destroyed(capsys):
    shown = page(capsys, Action.REPLACE)
    assert "to replace: what is there is DESTROYED\n  ! replace-0" in shown
    assert shown.endswith("\n1 to replace\n")


def test_which_release_would_be_made_is_said_before_the_sum(capsys):
    planpage.show(SavedPlan(subject=SUBJECT, plan=Plan(), release="a new one: [secrets]"))
    shown = capsys.readouterr().out.splitlines()
    assert shown[-3:] == ["release: a new one: [secrets]", "", "no resources"]


def test_nothing_at_all(capsys):
    assert page(capsys).splitlines()[-1] == "no resources"


def test_a_reason_steers_no_terminal(capsys):
    plan = Plan(
        actions=(
            PlannedAction(key="vpc", type="T", action=Action.NONE, reason="\x1b[2J[red]x[/red]"),
        )
    )
    planpage.show(SavedPlan(subject=SUBJECT, plan=plan))
    shown = capsys.readouterr().out
    assert "\x1b[2J" not in shown
    assert "[red]x[/red]" in shown


def test_what_would_change_on_hosts_is_told_by_task(capsys):
    change = Difference(host="host-1", what="proxy : nginx", kind="changed", reason=("-a", "+b"))
    planpage.show(SavedPlan(subject=SUBJECT, plan=Plan(), on_hosts=(change,)))
    assert "on host-1: proxy : nginx\n    -a\n    +b\n" in capsys.readouterr().out
    planpage.show(SavedPlan(subject=SUBJECT, plan=Plan(), on_hosts=()))
    assert "on hosts: none is there that stays" in capsys.readouterr().out


def test_a_host_on_which_nothing_would_change_has_its_line(capsys):
    same = Difference(host="host-1", what="nothing would change", kind="none", reason=())
    planpage.show(SavedPlan(subject=SUBJECT, plan=Plan(), on_hosts=(same,)))
    assert "on host-1: nothing would change\n" in capsys.readouterr().out
