import pytest

from autodeploy.contracts import TechStack
from autodeploy.provisioner.sizing import instance_type


@pytest.mark.parametrize(
    ("language", "processes", "expected"),
    [
        ("go", 1, "t3.micro"),
        ("static", 0, "t3.micro"),
        ("python", 1, "t3.small"),
        ("node", 2, "t3.small"),
        ("python", 3, "t3.medium"),
        ("java", 2, "t3.medium"),
        (None, 1, "t3.small"),
        ("python", 1000, "t3.2xlarge"),
    ],
)
def test_the_size_follows_language_and_processes(language, processes, expected):
    names = {f"p{number}": "run" for number in range(processes)}
    assert instance_type(TechStack(language=language, processes=names)) == expected
