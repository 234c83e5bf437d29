"""The variables that tell an application of its Redis."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from autodeploy.contracts import Cache, TechStack, Variable
from autodeploy.deployer import cache_names, cache_variables

CACHE = Cache(host="master.shop.x.use1.cache.amazonaws.com", port=6379, secret="arn:1")
# All that ElastiCache takes in a token.
TOKENS = st.from_regex(r"[A-Za-z0-9!&#$^<>-]{16,128}", fullmatch=True)
LANGUAGES = ["python", "node", "go", None]


def stack(language="python", *names):
    return TechStack(language=language, variables=tuple(Variable(name=name) for name in names))


def shown(variables):
    return {
        name: one.get_secret_value() if isinstance(one, SecretStr) else one
        for name, one in variables.items()
    }


@given(TOKENS, st.sampled_from(LANGUAGES))
def test_any_token_is_read_back(token, language):
    url = urlsplit(shown(cache_variables(CACHE, token, stack(language)))["REDIS_URL"])
    assert url.scheme == "rediss"
    assert (url.hostname, url.port, url.path) == (CACHE.host, CACHE.port, "/0")
    assert url.username == ""
    assert unquote(url.password) == token


def test_celery_and_redis_py_are_told_to_verify():
    url = shown(cache_variables(CACHE, "t" * 16, stack("python")))["REDIS_URL"]
    assert parse_qs(urlsplit(url).query) == {"ssl_cert_reqs": ["required"]}
    assert not urlsplit(shown(cache_variables(CACHE, "t" * 16, stack("go")))["REDIS_URL"]).query


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_HOST", CACHE.host),
        ("REDIS_PORT", "6379"),
        ("REDIS_PASSWORD", "t" * 16),
        ("REDIS_DB", "0"),
        ("REDIS_SSL", "true"),
    ],
)
def test_names_that_the_application_reads_are_given(name, value):
    told = shown(cache_variables(CACHE, "t" * 16, stack("go", name, "REDISH_HOST", "MY_REDIS_URL")))
    assert told == {name: value, "REDIS_URL": told["REDIS_URL"]}


def test_the_token_is_secret_wherever_it_stands():
    told = cache_variables(CACHE, "t" * 16, stack("python", "REDIS_PASSWORD", "REDIS_TLS_URL"))
    assert "t" * 16 not in repr(told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_are_those_that_are_given(language):
    read = stack(language, "REDIS_HOST", "REDIS_URL")
    assert cache_names(read) == list(cache_variables(CACHE, "t" * 16, read))


def test_node_trusts_what_the_host_trusts():
    told = cache_variables(CACHE, "t" * 16, stack("node"))
    assert told["NODE_EXTRA_CA_CERTS"] == "/etc/ssl/certs/ca-certificates.crt"
