"""What the store in a bucket asks of it; `aws/bucket.py` is S3's answer."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Thing(NamedTuple):
    """An object as it was found.

    Attributes:
        data: Its bytes.
        tag: Tells it from what is there after any change.
        age: Seconds since it was written, by the bucket's own clock.
    """

    data: bytes
    tag: str
    age: float


class Bucket(Protocol):
    """A place for objects below a prefix. All calls raise CloudError where they fail.

    Attributes:
        name: For people: `s3://BUCKET/PREFIX`.
    """

    name: str

    def get(self, key: str) -> Thing | None:
        """An object; None where there is none."""
        ...

    def make(self, key: str, data: bytes) -> str | None:
        """Write an object that is not there, and give its tag; None where another one is."""
        ...

    def replace(self, key: str, data: bytes, tag: str) -> str | None:
        """Write over exactly the object with this tag; None where it is another one by now."""
        ...

    def write(self, key: str, data: bytes) -> None:
        """Write an object, whatever is there."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin so, sorted."""
        ...
