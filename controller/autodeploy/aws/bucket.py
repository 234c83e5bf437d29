"""Objects in S3: written only where nothing, or exactly what was read, is there."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import tenacity

from autodeploy.aws.cloud import ATTEMPTS, Cloud
from autodeploy.errors import CloudError
from autodeploy.journal.bucket import Thing

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

PAUSE_SECONDS = 0.2
"""After which an answer that broke off is asked for again, at first."""
OTHER = {"PreconditionFailed", "NoSuchKey"}
"""There is another object than the one that was to be replaced, or one where none should be."""
FIRST, OLDEST = "us-east-1", "eu-west-1"
"""Where a bucket is whose location is nothing, or `EU`."""
AT_ONCE = "ConditionalRequestConflict"
"""Two writes at the same instant: S3 has taken neither."""


class S3Bucket:
    """A bucket below a prefix; see autodeploy.journal.bucket.Bucket."""

    def __init__(self, cloud: Cloud, bucket: str, prefix: str) -> None:
        self.name = f"s3://{bucket}/{prefix}".rstrip("/")
        self._s3 = cloud.s3()
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def region(self) -> str:
        """Where the bucket is: the same for every machine.

        Raises:
            CloudError: There is no such bucket, or the identity may not ask.
        """
        said = self._s3.get_bucket_location(Bucket=self._bucket).get("LocationConstraint")
        return {None: FIRST, "": FIRST, "EU": OLDEST}.get(said, str(said))

    def get(self, key: str) -> Thing | None:
        """See Bucket. Its age is the difference of two times that S3 itself gives."""
        try:
            answer, data = self._whole(key)
        except CloudError as error:
            if error.code == "NoSuchKey":
                return None
            raise
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        age = (now - answer["LastModified"]).total_seconds()
        return Thing(data, answer["ETag"], age)

    def make(self, key: str, data: bytes) -> str | None:
        """See Bucket."""
        return self._put(key, data, IfNoneMatch="*")

    def replace(self, key: str, data: bytes, tag: str) -> str | None:
        """See Bucket."""
        return self._put(key, data, IfMatch=tag)

    def write(self, key: str, data: bytes) -> None:
        """See Bucket."""
        self._s3.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=data)

    def keys(self, prefix: str) -> list[str]:
        """See Bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        found = (one["Key"] for page in pages for one in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in found)

    def _whole(self, key: str) -> tuple[GetObjectOutputTypeDef, bytes]:
        """An object's description and all of its bytes."""
        from autodeploy.aws.unanswered import BROKEN_OFF, failed

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(BROKEN_OFF),
            wait=tenacity.wait_random_exponential(multiplier=PAUSE_SECONDS, max=5),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        try:
            return retrying(self._read, key)
        except BROKEN_OFF as error:
            raise failed("s3:GetObject", error) from error

    def _read(self, key: str) -> tuple[GetObjectOutputTypeDef, bytes]:
        answer = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + key)
        return answer, answer["Body"].read()

    @tenacity.retry(
        retry=tenacity.retry_if_exception(lambda error: getattr(error, "code", None) == AT_ONCE),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
        stop=tenacity.stop_after_attempt(6),
        reraise=True,
    )
    def _put(self, key: str, data: bytes, **condition: Any) -> str | None:
        """Write on a condition.

        A write whose answer was lost is sent again, and then finds itself there: that is no other.
        """
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket, Key=self._prefix + key, Body=data, **condition
            )
        except CloudError as error:
            if error.code not in OTHER:
                raise
            there = self.get(key)
            return there.tag if there and there.data == data else None
        return answer["ETag"]
