"""What the tools take: each argument with its bounds and what it means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from autodeploy.cli.assistant import answers

Repository = Annotated[
    str,
    Field(max_length=2000, description="A git URL without credentials, or a folder's path here."),
]
Ref = Annotated[
    str | None,
    Field(max_length=250, description="Branch, tag or commit; null: the default branch."),
]
Path = Annotated[
    str | None,
    Field(max_length=1000, description="The application's folder in it; null: its root."),
]
Named = Annotated[
    str, Field(max_length=100, description="The application's name, as `status` shows it.")
]
Anyone = Annotated[str | None, Field(max_length=100, description="Its name; null: all of them.")]
Environment = Annotated[
    str, Field(max_length=100, description="One of the application's, as production or staging.")
]
Target = Annotated[
    Literal["aws", "lab", "ssh"] | None,
    Field(description="Where to; null: where it is, or as its autodeploy.yml says."),
]
Region = Annotated[str | None, Field(max_length=50, description="AWS's, as eu-central-1.")]
Name = Annotated[
    str | None,
    Field(max_length=100, description="The application's; null: the repository's name."),
]
Hosts = Annotated[int | None, Field(ge=1, le=20, description="How many; null: as it is.")]
Process = Annotated[
    str | None, Field(max_length=100, description="One alone, as web; null: all of them.")
]
Lines = Annotated[int, Field(ge=1, le=answers.MOST, description="How many.")]
PlanId = Annotated[
    str, Field(max_length=100, description="`plan_id` of a plan that the USER has approved.")
]
