"""S3 for tests: moto's on loopback, one request at a time: what is conditional is atomic."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import WSGIRequestHandler, make_server

from autodeploy.aws import Cloud, S3Bucket, SecretsVault
from autodeploy.journal import BucketStore

REGION = "eu-central-1"
PREFIX = "team/state"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class S3:
    """A bucket of its own on a server of its own."""

    endpoint: str
    bucket: str

    @cached_property
    def cloud(self) -> Cloud:
        return self.from_region(REGION)

    def from_region(self, region: str) -> Cloud:
        """The door of a machine whose own region is this one."""
        made = Cloud(region=region, endpoint_url=self.endpoint)
        made.guard = lambda: None
        return made

    def another(self, region: str = REGION) -> S3:
        """The same server with another, empty bucket."""
        found = S3(self.endpoint, f"state-{secrets.token_hex(4)}")
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        first = region == "us-east-1"  # S3 itself has no name for that place.
        found.from_region(region).s3().create_bucket(
            Bucket=found.bucket, **({} if first else place)
        )
        return found

    @property
    def door(self) -> S3Bucket:
        return S3Bucket(self.cloud, self.bucket, PREFIX)

    @property
    def vault(self) -> SecretsVault:
        return SecretsVault(self.cloud, self.door.region)

    def store(self, root: Path, region: str = REGION) -> BucketStore:
        """The store as a machine sees it whose folder is `root`, and whose region is `region`."""
        cloud = self.cloud if region == REGION else self.from_region(region)
        door = S3Bucket(cloud, self.bucket, PREFIX)
        return BucketStore(door, SecretsVault(cloud, door.region), root)

    def environ(self) -> dict[str, str]:
        """What lets the command line of another process find it."""
        return {
            "AUTODEPLOY_STATE": f"s3://{self.bucket}/{PREFIX}",
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def there(self) -> list[str]:
        """All keys below the prefix. Not our code's view."""
        return sorted(key.removeprefix(f"{PREFIX}/") for key in self._kept)

    def data(self, key: str) -> bytes:
        """What an object holds."""
        return self._kept[f"{PREFIX}/{key}"].value

    def let_pass(self, key: str, seconds: float) -> None:
        """As if so much time had passed since the object was written."""
        self._kept[f"{PREFIX}/{key}"].last_modified -= timedelta(seconds=seconds)

    @property
    def _kept(self):
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[self.bucket].keys


@contextmanager
def serve() -> Iterator[S3]:
    """S3 with an empty bucket."""
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=False, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield S3(f"http://127.0.0.1:{server.port}", "").another()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
