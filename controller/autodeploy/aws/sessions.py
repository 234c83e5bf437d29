"""boto3's sessions and clients, with our patience; its errors become ours."""

from __future__ import annotations

import functools
import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader, create_loader

from autodeploy.aws.unanswered import failed

LAB_REGION = "us-east-1"
CONNECT_SECONDS = 5
READ_SECONDS = 60


def session(region: str | None, profile: str | None) -> boto3.Session:
    """A session as the AWS CLI would have it.

    Raises:
        CredentialsMissing: There is no such profile.
        RegionUnavailable: No region is known.
    """
    try:
        found = _session(botocore.session.Session(profile=profile), region_name=region)
        if not found.region_name:
            raise botocore.exceptions.NoRegionError
    except BotoCoreError as error:
        raise failed(None, error) from error
    return found


def lab(region: str | None) -> boto3.Session:
    """A session that knows no file and no variable of the user's."""
    nowhere: dict[str, Any] = {
        "profile": (None, [], None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return _session(
        botocore.session.Session(session_vars=nowhere),
        aws_access_key_id="autodeploy-lab",
        aws_secret_access_key="autodeploy-lab",  # noqa: S106  the lab takes any
        region_name=region or LAB_REGION,
    )


def client(
    session: boto3.Session,
    service: str,
    endpoint_url: str | None,
    attempts: int,
    proxies: dict[str, str] | None,
) -> Any:
    """A client of a service.

    Raises:
        EndpointWrong: The address is none.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        proxies=proxies,
    )
    make: Any = session.client
    try:
        return make(service, endpoint_url=endpoint_url, config=config)
    except (BotoCoreError, ValueError) as error:
        raise failed(None, error) from error


def _session(core: botocore.session.Session, **given: Any) -> boto3.Session:
    """A session that reads no model of a service which another session of ours has read."""
    loader = _loader(core.get_config_variable("data_path"))
    core.register_component("data_loader", loader)
    made = boto3.Session(botocore_session=core, **given)
    # Every boto3 session adds its folder, and all of them are looked through.
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return made


@functools.cache
def _loader(data_path: str | None) -> Loader:
    return create_loader(data_path)
