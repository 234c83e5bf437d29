"""Workflows of CI systems that plan on a change's proposal and deploy on its merge. Pure."""

from autodeploy.pipelines.facts import Facts, project_of
from autodeploy.pipelines.text import FILES, Kind, workflow
from autodeploy.pipelines.trust import trust_policy

__all__ = ["FILES", "Facts", "Kind", "project_of", "trust_policy", "workflow"]
