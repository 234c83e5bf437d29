"""Property 11: a database is found exactly when a driver or a service for it is declared."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autodeploy.contracts import Source
from autodeploy.recon import detect

pytestmark = pytest.mark.property

DRIVERS = {
    "python": {
        "psycopg2-binary": "postgresql",
        "psycopg[binary]": "postgresql",
        "asyncpg": "postgresql",
        "mysqlclient": "mysql",
        "PyMySQL": "mysql",
        "redis": "redis",
        "celery[redis]": "redis",
        "pymongo": "mongodb",
        "motor": "mongodb",
    },
    "node": {
        "pg": "postgresql",
        "pg-promise": "postgresql",
        "mysql2": "mysql",
        "ioredis": "redis",
        "redis": "redis",
        "mongodb": "mongodb",
        "mongoose": "mongodb",
    },
    "go": {
        "github.com/lib/pq": "postgresql",
        "github.com/jackc/pgx/v5": "postgresql",
        "gorm.io/driver/postgres": "postgresql",
        "github.com/go-sql-driver/mysql": "mysql",
        "github.com/redis/go-redis/v9": "redis",
        "go.mongodb.org/mongo-driver": "mongodb",
    },
}
NO_SERVER = {
    "python": ("aiosqlite", "sqlalchemy", "celery", "redis-lock-fake", "pg-utils", "Flask-Caching"),
    "node": ("better-sqlite3", "sqlite3", "sequelize", "typeorm", "pg-format", "redis-mock-x"),
    "go": ("gorm.io/gorm", "gorm.io/driver/sqlite", "modernc.org/sqlite", "github.com/lib/pqx"),
}
IMAGES = {
    "postgres": "postgresql",
    "postgres:16-alpine": "postgresql",
    "docker.io/postgis/postgis:16-3.4": "postgresql",
    "mysql:8": "mysql",
    "mariadb@sha256:0123": "mysql",
    "registry.example.org:5000/team/redis:7": "redis",
    "valkey/valkey": "redis",
    "mongo:7": "mongodb",
    "nginx": None,
    "redis-commander": None,
    "dpage/pgadmin4": None,
    "mongo-express:1": None,
}
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def python(drivers, idle):
    lines = [*drivers, *(f"# {name}" for name in idle)]
    return {"requirements.txt": "flask\n" + "\n".join(lines) + "\n"}


def node(drivers, idle):
    document = {
        "dependencies": {"express": "4", **dict.fromkeys(drivers, "1")},
        "devDependencies": dict.fromkeys([one for one in idle if one not in drivers], "1"),
    }
    return {"package.json": json.dumps(document, indent=2)}


def go(drivers, idle):
    lines = [f"\t{name} v1.0.0" for name in drivers]
    lines += [f"\t{name} v1.0.0 // indirect" for name in idle if name not in drivers]
    return {"go.mod": "module x\n\nrequire (\n" + "\n".join(lines) + "\n)\n"}


WRITE = {"python": python, "node": node, "go": go}


@given(st.sampled_from(sorted(DRIVERS)), st.data())
def test_databases(language, data):
    table = DRIVERS[language]
    drivers = data.draw(st.lists(st.sampled_from(sorted(table)), unique=True, max_size=4))
    others = data.draw(st.lists(st.sampled_from(NO_SERVER[language]), unique=True))
    idle = data.draw(st.lists(st.sampled_from(sorted(table)), unique=True, max_size=3))
    images = data.draw(st.lists(st.sampled_from(sorted(IMAGES)), unique=True, max_size=3))
    order = data.draw(st.permutations([*drivers, *others]))
    files = WRITE[language](order, idle)
    if images:
        services = {f"s{number}": {"image": image} for number, image in enumerate(images)}
        services["web"] = {"build": ".", "environment": ["REDIS_URL=redis://x", "DB=mysql"]}
        files[data.draw(st.sampled_from(COMPOSE))] = yaml.safe_dump({"services": services})
    wanted = {table[one] for one in drivers} | {IMAGES[one] for one in images} - {None}
    stack = read(files)
    assert stack.language == language
    assert list(stack.databases) == sorted(wanted)
    said = {one.value for one in stack.evidence if one.fact == "databases"}
    assert said == wanted


ENGINES = {
    "django.db.backends.postgresql": "postgresql",
    "django.contrib.gis.db.backends.postgis": "postgresql",
    "django.db.backends.mysql": "mysql",
    "django.db.backends.sqlite3": None,
}


@given(
    st.sampled_from(sorted(ENGINES)), st.sampled_from(["literal", "update", "url"]), st.booleans()
)
def test_django_settings(engine, form, redis):
    scheme = {"postgresql": "postgres", "mysql": "mysql", None: "sqlite"}[ENGINES[engine]]
    text = {
        "literal": f"DATABASES = {{'default': {{'ENGINE': '{engine}', 'NAME': 'redis'}}}}\n",
        "update": f"DATABASES = {{}}\nDATABASES['default'] = dict(ENGINE='{engine}')\n",
        "url": f"DATABASES = {{'default': dj_database_url.config(default='{scheme}://u@h/db')}}\n",
    }[form]
    comment = "# ENGINE = 'django.db.backends.oracle' redis://x mysql\n"
    if redis:
        text += "CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache'}}\n"
    stack = read(
        {
            "requirements.txt": "Django\n",
            "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n",
            "site1/settings.py": comment + text,
        }
    )
    wanted = {ENGINES[engine], "redis" if redis else None} - {None}
    assert list(stack.databases) == sorted(wanted)


def read(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return detect(Source(url="x", checkout=Path(folder), commit=None, name="x"))
