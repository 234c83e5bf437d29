"""What IAM must allow for a state in S3. Pure."""

from __future__ import annotations

from typing import Any

from autodeploy.aws.grants import Scope

ANY = "BUCKET/PREFIX"
KEYS = Scope("KeepTheKeys", "arn:aws:secretsmanager:*:*:secret:autodeploy/*/ssh-key*")


def needs(place: str = ANY) -> dict[Scope, tuple[str, ...]]:
    """The actions, by scope, of a state at `BUCKET` or `BUCKET/PREFIX`.

    The whole bucket may be listed: where a condition narrows that to the prefix, S3 says of an
    object that is not there that it is forbidden.
    """
    bucket = place.partition("/")[0]
    secrets = (
        *("CreateSecret", "DeleteSecret", "GetSecretValue", "PutSecretValue", "RestoreSecret"),
        "TagResource",
    )
    return {
        Scope("KeepTheState", f"arn:aws:s3:::{place}/*"): ("s3:GetObject", "s3:PutObject"),
        Scope("FindTheState", f"arn:aws:s3:::{bucket}"): ("s3:GetBucketLocation", "s3:ListBucket"),
        KEYS: tuple(f"secretsmanager:{one}" for one in secrets),
    }


def statements(place: str) -> list[dict[str, Any]]:
    """The statements of a policy; `place` as in `needs`."""
    return [scope.statement(actions) for scope, actions in needs(place).items()]
