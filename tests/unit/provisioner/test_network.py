import pytest

from autodeploy.errors import CloudError
from autodeploy.provisioner.network import CANDIDATES, free_range, subnet_range, two_zones


def test_the_first_free_range_is_taken():
    assert free_range([]) == "10.0.0.0/16"
    assert free_range(["10.0.0.0/16", "10.1.255.240/28", "172.31.0.0/16"]) == "10.2.0.0/16"


def test_no_range_is_left():
    with pytest.raises(CloudError, match="overlaps"):
        free_range([str(one) for one in CANDIDATES])


def test_subnets_of_a_small_vpc_are_in_it():
    assert subnet_range("10.0.0.0/16", 3) == "10.0.48.0/20"
    assert subnet_range("10.0.0.0/24", 3) == "10.0.0.48/28"


def test_zones_of_subnets_that_exist_are_kept():
    assert two_zones(["c", "a", "b"], {}) == ("a", "b")
    assert two_zones(["a", "b", "c"], {1: "a"}) == ("b", "a")
    assert two_zones([], {0: "x", 1: "y"}) == ("x", "y")


def test_one_zone_is_too_few():
    with pytest.raises(CloudError, match="two zones"):
        two_zones(["a"], {})
