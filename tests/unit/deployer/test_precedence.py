"""Which of the places that say a variable wins."""

from __future__ import annotations

from pydantic import SecretStr

from autodeploy.deployer.variables import Secrets, environment
from autodeploy.settings import Settings


def test_a_secret_wins_over_the_settings_and_they_over_the_managed_database():
    given = {"A": SecretStr("database"), "B": SecretStr("database"), "C": SecretStr("database")}
    settings = Settings(env={"B": "settings", "C": "settings", "D": "settings"})
    secrets = Secrets("v", {"C": SecretStr("secret"), "E": SecretStr("secret")})
    plain, secret = environment(given, settings, secrets)
    assert plain == {"B": "settings", "D": "settings"}
    assert secret == {"A": "database", "C": "secret", "E": "secret"}
