"""What agents hand each other: frozen models, no I/O."""

from autodeploy.contracts.application import ApplicationState
from autodeploy.contracts.artifact import BuildArtifact, Served
from autodeploy.contracts.audit import Audit, Lynis, SshAudit, Tls
from autodeploy.contracts.base import Contract
from autodeploy.contracts.build_request import BuildRequest
from autodeploy.contracts.comparison import MADE, Comparison, comparison, counted
from autodeploy.contracts.cost import (
    HOURS,
    ApplicationCost,
    Cost,
    CostChange,
    CostItem,
    ResourceCost,
    Suggestion,
    cents,
)
from autodeploy.contracts.cron import CronJob
from autodeploy.contracts.deployment import DeploymentConfig
from autodeploy.contracts.drift import Difference, Drift
from autodeploy.contracts.forecast import (
    Forecast,
    Outage,
    Permissions,
    StageForecast,
    Timeline,
    expected,
)
from autodeploy.contracts.health import health_below
from autodeploy.contracts.image import IMAGES, PROCESSORS, Image
from autodeploy.contracts.infrastructure import Cache, Database, Host, InfrastructureSpec, Resource
from autodeploy.contracts.layer import Layer
from autodeploy.contracts.metrics import Metrics, Point, Series
from autodeploy.contracts.orphan import Orphan, Orphans
from autodeploy.contracts.plan import (
    Action,
    Plan,
    PlannedAction,
    Prediction,
    SavedPlan,
    Subject,
)
from autodeploy.contracts.runtime import Runtime, brought
from autodeploy.contracts.secrets import SECRETS, SecretMark, SecretVersion
from autodeploy.contracts.security import Finding, HostSecurity, SecurityConfig, TopicReport, placed
from autodeploy.contracts.source import Source
from autodeploy.contracts.stack import Evidence, Member, RuntimeVersion, TechStack, Variable
from autodeploy.contracts.state import (
    BACKWARDS,
    ApplicationStatus,
    CommandLine,
    DeploymentState,
    DeploymentStatus,
    ErrorReport,
    OnFailure,
    Operation,
    Rollback,
    Stage,
)

__all__ = [
    "BACKWARDS",
    "HOURS",
    "IMAGES",
    "MADE",
    "PROCESSORS",
    "SECRETS",
    "Action",
    "ApplicationCost",
    "ApplicationState",
    "ApplicationStatus",
    "Audit",
    "BuildArtifact",
    "BuildRequest",
    "Cache",
    "CommandLine",
    "Comparison",
    "Contract",
    "Cost",
    "CostChange",
    "CostItem",
    "CronJob",
    "Database",
    "DeploymentConfig",
    "DeploymentState",
    "DeploymentStatus",
    "Difference",
    "Drift",
    "ErrorReport",
    "Evidence",
    "Finding",
    "Forecast",
    "Host",
    "HostSecurity",
    "Image",
    "InfrastructureSpec",
    "Layer",
    "Lynis",
    "Member",
    "Metrics",
    "OnFailure",
    "Operation",
    "Orphan",
    "Orphans",
    "Outage",
    "Permissions",
    "Plan",
    "PlannedAction",
    "Point",
    "Prediction",
    "Resource",
    "ResourceCost",
    "Rollback",
    "Runtime",
    "RuntimeVersion",
    "SavedPlan",
    "SecretMark",
    "SecretVersion",
    "SecurityConfig",
    "Series",
    "Served",
    "Source",
    "SshAudit",
    "Stage",
    "StageForecast",
    "Subject",
    "Suggestion",
    "TechStack",
    "Timeline",
    "Tls",
    "TopicReport",
    "Variable",
    "brought",
    "cents",
    "comparison",
    "counted",
    "expected",
    "health_below",
    "placed",
]
