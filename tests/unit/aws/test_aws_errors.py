import pytest

from autodeploy import errors
from autodeploy.aws.errors import LONGEST_CAUSE, is_gone, is_transient, refused


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ExpiredToken", errors.CredentialsMissing),
        ("AuthFailure", errors.CredentialsMissing),
        ("UnauthorizedOperation", errors.AccessDenied),
        ("AccessDeniedException", errors.AccessDenied),
        ("VpcLimitExceeded", errors.QuotaExceeded),
        ("VcpuLimitExceeded", errors.QuotaExceeded),
        ("RequestLimitExceeded", errors.CloudError),
        ("InsufficientInstanceCapacity", errors.CapacityMissing),
        ("DependencyViolation", errors.CloudError),
    ],
)
def test_each_code_has_its_class(code, kind):
    error = refused("ec2:RunInstances", code, "no")
    assert type(error) is kind
    assert (error.action, error.code, error.step) == (
        "ec2:RunInstances",
        code,
        "ec2:RunInstances",
    )
    assert code in str(error)
    assert error.remediation


def test_a_hostile_message_is_cut():
    assert len(refused("ec2:RunInstances", "Strange", "x" * 100_000).cause or "") == LONGEST_CAUSE


def test_throttling_passes_and_a_quota_does_not():
    assert is_transient(refused("ec2:RunInstances", "RequestLimitExceeded", ""))
    assert not is_transient(refused("ec2:CreateVpc", "VpcLimitExceeded", ""))
    assert is_transient(errors.EndpointUnreachable("no answer"))


def test_gone():
    assert is_gone(refused("ec2:DeleteVpc", "InvalidVpcID.NotFound", ""))
    assert not is_gone(refused("ec2:DeleteVpc", "DependencyViolation", ""))
    assert not is_gone(errors.EndpointUnreachable("no answer"))
