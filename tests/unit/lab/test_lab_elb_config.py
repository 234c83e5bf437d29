"""A load balancer as haproxy.cfg: cases are files, NAME.yml and what is made of it, NAME.cfg."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from autodeploy.lab.balancers import config, frontends, tls
from autodeploy.lab.balancers.model import Condition, LoadBalancer

CASES = sorted((Path(__file__).parent / "balancers").glob("*.yml"))
ALIVE = "  http-request return status 200\n"


def load(case):
    return LoadBalancer.model_validate(yaml.safe_load(case.read_text()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_balancer_becomes_its_configuration(case):
    made = config.text(load(case))
    assert made.partition(ALIVE)[2] == case.with_suffix(".cfg").read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_haproxy_accepts_it_without_a_warning(case, tmp_path):
    if not shutil.which("haproxy"):
        pytest.skip("haproxy is not installed")
    certificate = pem()
    balancer = load(case)
    text = config.text(balancer).replace("/etc/haproxy/certificates", str(tmp_path))
    text = text.replace(config.STATE, str(tmp_path / "state"))
    (tmp_path / "state").write_text("1\n")
    for path in re.findall(r"crt (\S+)", text):
        Path(path).write_bytes(certificate)
    (tmp_path / "haproxy.cfg").write_text(text)
    checked = subprocess.run(
        ["haproxy", "-c", "-f", tmp_path / "haproxy.cfg"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert "WARNING" not in checked.stderr


def pem():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_the_idle_timeout_is_that_of_the_balancer():
    balancer = LoadBalancer(name="shop", idle_timeout=7)
    assert config.text(balancer).count(" 7s\n") == 5


def test_no_secret_is_in_it():
    secret = {"pem": "-----BEGIN PRIVATE KEY-----"}
    default = {"type": "fixed-response", "status": 200}
    listener = {"port": 443, "protocol": "HTTPS", "certificates": [secret], "default": default}
    balancer = LoadBalancer.model_validate({"name": "shop", "listeners": [listener]})
    assert "PRIVATE" not in config.text(balancer) + repr(balancer)


@pytest.mark.parametrize(
    ("wildcards", "fitting", "other"),
    [
        ("/img/*", "/img/a/b.png", "/image"),
        ("/v?/x", "/v1/x", "/v10/x"),
        ("*.shop.test", "eu.shop.test", "eu.shopxtest"),
        ("/a'b\"$", "/a'b\"$", "/ab"),
    ],
)
def test_a_pattern_is_a_regular_expression(wildcards, fitting, other):
    made = frontends.pattern(wildcards).replace("\\\\", "\\")
    assert re.fullmatch(made, fitting)
    assert not re.fullmatch(made, other)


@pytest.mark.parametrize(
    ("policy", "versions", "weak"),
    [
        ("ELBSecurityPolicy-2016-08", ("TLSv1.2", "TLSv1.2"), True),
        ("ELBSecurityPolicy-TLS13-1-2-2021-06", ("TLSv1.2", "TLSv1.3"), True),
        ("ELBSecurityPolicy-TLS13-1-2-Res-2021-06", ("TLSv1.2", "TLSv1.3"), False),
        ("ELBSecurityPolicy-FS-1-2-Res-2020-10", ("TLSv1.2", "TLSv1.2"), False),
        ("ELBSecurityPolicy-TLS13-1-3-2021-06", ("TLSv1.3", "TLSv1.3"), False),
    ],
)
def test_a_policy_is_versions_and_ciphers(policy, versions, weak):
    said = tls.options(policy).split()
    assert (said[1], said[3]) == versions
    ciphers = said[said.index("ciphers") + 1].split(":") if "ciphers" in said else []
    assert ("AES128-GCM-SHA256" in ciphers) is weak


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "http-header", "key": "X) -m found", "values": ["a"]},
        {"field": "http-header", "values": ["a"]},
        {"field": "http-request-method", "values": ["GET }\n"]},
        {"field": "source-ip", "values": ["everybody"]},
    ],
)
def test_what_would_break_out_of_the_configuration_is_refused(condition):
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)
