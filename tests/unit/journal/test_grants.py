"""What a state in S3 calls, and what the policy that is printed for it allows."""

from __future__ import annotations

from autodeploy.aws import stategrants
from autodeploy.provisioner.keys import Keys
from statekit import REST, SAID

SHOP = ("shop", "production")
IAM = {"s3:ListObjectsV2": "s3:ListBucket"}
"""Actions that IAM calls otherwise than the API."""


def test_every_call_of_the_state_is_allowed(s3, tmp_path):
    """What a deployment, a removal and a look call, and no action but these."""
    s3.cloud.calls.clear()
    store = s3.store(tmp_path)
    for _ in range(2):
        with store.lease(*SHOP, "deploy"):
            keys = Keys(store.application_folder(*SHOP))
            keys.make_login_key()
            journal = store.create(**SAID, **REST)
            store.snapshot(journal.state)
        keys.forget()
    store.state(journal.state.id)
    store.application_folder(*SHOP)
    with store.lease(*SHOP, "destroy"):
        keys.forget()
    called = {IAM.get(one.action, one.action) for one in s3.cloud.calls}
    assert called <= {one for some in stategrants.needs().values() for one in some}
