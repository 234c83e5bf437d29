"""S3 on loopback."""

from s3fixtures import s3, s3_server

__all__ = ["s3", "s3_server"]
