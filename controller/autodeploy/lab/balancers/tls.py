"""ELB's TLS policies as OpenSSL's versions and ciphers.

What a policy allows beside these (CBC, SHA-1) no client of today asks for, and a strict lab does
not offer it: a policy decides the versions, and whether ciphers without forward secrecy are left.
"""

from __future__ import annotations

FORWARD_SECRECY = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
OTHERS = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")
TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")


def options(policy: str) -> str:
    """What a `bind` line says for a policy."""
    lowest = "TLSv1.3" if policy.startswith("ELBSecurityPolicy-TLS13-1-3") else "TLSv1.2"
    highest = "TLSv1.3" if "TLS13" in policy else "TLSv1.2"
    only_forward_secrecy = "-Res" in policy or "-FS-" in policy
    ciphers = FORWARD_SECRECY if only_forward_secrecy else (*FORWARD_SECRECY, *OTHERS)
    said = [f"ssl-min-ver {lowest}", f"ssl-max-ver {highest}"]
    if lowest == "TLSv1.2":
        said.append(f"ciphers {':'.join(ciphers)}")
    if highest == "TLSv1.3":
        said.append(f"ciphersuites {':'.join(TLS13)}")
    return " ".join(said)
