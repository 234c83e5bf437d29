"""The Conductor: the story of each command, read as a list of stages."""

from autodeploy.conductor.access import Login, access, login
from autodeploy.conductor.adopt import Adoption, adopt
from autodeploy.conductor.again import live_again
from autodeploy.conductor.anew import release_anew
from autodeploy.conductor.audit import audit, enable_inspector
from autodeploy.conductor.command import Command, Environment
from autodeploy.conductor.configuration import Setting, configuration
from autodeploy.conductor.configure import configure
from autodeploy.conductor.cost import cost
from autodeploy.conductor.data import (
    HIDDEN,
    database_client,
    database_tunnel,
    database_url,
    restore_database,
)
from autodeploy.conductor.deploy import deploy
from autodeploy.conductor.destroy import destroy
from autodeploy.conductor.drift import drift
from autodeploy.conductor.environments import Expiry, expiry, overdue
from autodeploy.conductor.hosts import ShownHost, hosts, replaceable
from autodeploy.conductor.iam_policy import iam_policy, whole_policy
from autodeploy.conductor.jobs import jobs
from autodeploy.conductor.logs import logs
from autodeploy.conductor.looks import Look, looks
from autodeploy.conductor.maintenance import maintenance
from autodeploy.conductor.metrics import metrics
from autodeploy.conductor.orphans import orphans
from autodeploy.conductor.plan import plan
from autodeploy.conductor.prices import prices, refresh_prices
from autodeploy.conductor.releases import Release, release_called, releases
from autodeploy.conductor.retry import again, retry
from autodeploy.conductor.rollback import refuse_to_lose_data, rollback, undo_failed
from autodeploy.conductor.secrets import Change
from autodeploy.conductor.shown import ShownVariable, variables
from autodeploy.conductor.upgrade import upgrade
from autodeploy.conductor.way import Removal, Switch, secrets_back, what

__all__ = [
    "HIDDEN",
    "Adoption",
    "Change",
    "Command",
    "Environment",
    "Expiry",
    "Login",
    "Look",
    "Release",
    "Removal",
    "Setting",
    "ShownHost",
    "ShownVariable",
    "Switch",
    "access",
    "adopt",
    "again",
    "audit",
    "configuration",
    "configure",
    "cost",
    "database_client",
    "database_tunnel",
    "database_url",
    "deploy",
    "destroy",
    "drift",
    "enable_inspector",
    "expiry",
    "hosts",
    "iam_policy",
    "jobs",
    "live_again",
    "login",
    "logs",
    "looks",
    "maintenance",
    "metrics",
    "orphans",
    "overdue",
    "plan",
    "prices",
    "refresh_prices",
    "refuse_to_lose_data",
    "release_anew",
    "release_called",
    "releases",
    "replaceable",
    "restore_database",
    "retry",
    "rollback",
    "secrets_back",
    "undo_failed",
    "upgrade",
    "variables",
    "what",
    "whole_policy",
]
