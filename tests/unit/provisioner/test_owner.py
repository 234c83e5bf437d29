import re

from hypothesis import given
from hypothesis import strategies as st

from autodeploy.provisioner import Owner
from autodeploy.settings.model import NAME

names = st.from_regex(NAME, fullmatch=True)
owners = st.builds(Owner, application=names, environment=names, deployment=st.just("one"))


@given(owners, owners)
def test_a_short_name_is_legal_and_nobody_elses(one, other):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", one.short_name)
    assert len(one.short_name) <= 32
    assert (one.short_name == other.short_name) == (one == other)


def test_a_short_name_tells_what_looks_the_same_apart():
    one = Owner(application="a-b", environment="c", deployment="one")
    other = Owner(application="a", environment="b-c", deployment="one")
    assert one.short_name != other.short_name
    assert one.short_name.startswith("a-b-c-")
    assert one.model_copy(update={"deployment": "two"}).short_name == one.short_name
