"""The one door to AWS: sessions, retries, a record of every call, errors in our words.

cloud        clients, and what each call becomes where it fails
bucket       objects in S3, written on a condition
secretversions  an application's secrets, each change a version
vault        secrets that several machines share
errors       AWS's words → our errors, by the tables of `codes`, `quotas` and `denials`
explain      what a failure leaves open and a further call tells
products     AWS's price list
permissions  what IAM must allow for each kind of resource
"""

from autodeploy.aws.address import controller_address
from autodeploy.aws.bucket import S3Bucket
from autodeploy.aws.cloud import Call, Cloud
from autodeploy.aws.identity import Identity
from autodeploy.aws.products import products
from autodeploy.aws.secretversions import SecretVersions
from autodeploy.aws.vault import SecretsVault

__all__ = [
    "Call",
    "Cloud",
    "Identity",
    "S3Bucket",
    "SecretVersions",
    "SecretsVault",
    "controller_address",
    "products",
]
