"""Go: what its files say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from autodeploy.recon.databases import drivers
from autodeploy.recon.fact import CONVENTION, DECLARED, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.go import mains, module
from autodeploy.recon.health import lexical_health
from autodeploy.recon.tree import Tree
from autodeploy.recon.variables import IN_GO, in_text

LANGUAGE = "go"
BINARY = "out"
# Frameworks before routers: an application that has both is built on the first.
FRAMEWORKS = {
    "github.com/gin-gonic/gin": "gin",
    "github.com/labstack/echo": "echo",
    "github.com/gofiber/fiber": "fiber",
    "github.com/beego/beego": "beego",
    "github.com/astaxie/beego": "beego",
    "github.com/revel/revel": "revel",
    "github.com/gobuffalo/buffalo": "buffalo",
    "github.com/kataras/iris": "iris",
    "github.com/go-martini/martini": "martini",
    "github.com/cloudwego/hertz": "hertz",
    "github.com/zeromicro/go-zero": "go-zero",
    "github.com/go-kratos/kratos": "kratos",
    "github.com/danielgtaylor/huma": "huma",
    "github.com/go-fuego/fuego": "fuego",
    "github.com/gocraft/web": "gocraft-web",
    "github.com/urfave/negroni": "negroni",
    "github.com/emicklei/go-restful": "go-restful",
    "github.com/go-chi/chi": "chi",
    "github.com/gorilla/mux": "gorilla-mux",
    "github.com/julienschmidt/httprouter": "httprouter",
    "goji.io": "goji",
    "github.com/valyala/fasthttp": "fasthttp",
}
DRIVERS = drivers(
    postgresql="github.com/lib/pq github.com/jackc/pgx gorm.io/driver/postgres "
    "github.com/go-pg/pg github.com/uptrace/bun/driver/pgdriver gopkg.in/pg.v4 gopkg.in/pg.v5 "
    "github.com/bmizerany/pq github.com/uptrace/bun/dialect/pgdialect",
    mysql="github.com/go-sql-driver/mysql gorm.io/driver/mysql github.com/go-mysql-org/go-mysql "
    "github.com/uptrace/bun/dialect/mysqldialect github.com/ziutek/mymysql",
    redis="github.com/redis/go-redis github.com/go-redis/redis github.com/gomodule/redigo "
    "github.com/garyburd/redigo github.com/redis/rueidis github.com/hibiken/asynq "
    "github.com/mediocregopher/radix gopkg.in/redis.v5 github.com/gocraft/work",
    mongodb="go.mongodb.org/mongo-driver github.com/qiniu/qmgo gopkg.in/mgo.v2 "
    "github.com/globalsign/mgo github.com/kamva/mgm",
)
PORT = re.compile(r"\"(?:0\.0\.0\.0|localhost|127\.0\.0\.1)?:(\d{2,5})\"|\"(\d{4,5})\"")


def claim(tree: Tree) -> Fact | None:
    """How sure it is that the repository is Go: a module with something to run is."""
    manifest = tree.first("go.mod", "go.work")
    if manifest:
        return Fact(LANGUAGE, manifest, None, DECLARED if mains.mains(tree) else DERIVED)
    source = next((name for name in tree.files() if name.endswith(".go")), None)
    return Fact(LANGUAGE, source, None, GUESSED) if source else None


def facts(tree: Tree) -> Candidates:
    """Everything that Go's files say."""
    needed = list(module.required(tree))
    main = mains.chosen(tree)
    sources = mains.files(tree, main.value) if main else []
    manifest = tree.first("go.mod", "go.work")
    return {
        "framework": list(_known(needed, FRAMEWORKS))[:1],
        "package_manager": [Fact("gomod", manifest)] if manifest else [],
        "runtime_version": list(module.versions(tree)),
        "databases": list(_known(needed, DRIVERS)),
        "build_command": [_command(f"go build -o {BINARY} {_package(main)}", main)] if main else [],
        "start_command": [_command(f"./{BINARY}", main)] if main else [],
        "main_package": [_command(main.value or ".", main)] if main else [],
        "port": list(_ports(tree, sources)),
        "variables": list(in_text(tree, sources, IN_GO)),
        "health_path": list(lexical_health(tree, sources)),
    }


def deployable(tree: Tree) -> bool:
    """Whether the folder is a module with a main package."""
    return tree.has("go.mod") and bool(mains.mains(tree))


def workspace(tree: Tree) -> list[str]:
    """The folders of go.work."""
    return [folder for folder in module.folders(tree) if folder]


def _known(needed: list[Fact], known: dict[str, str]) -> Iterator[Fact]:
    for path, name in known.items():
        for fact in needed:
            if f"{fact.value}/".startswith(f"{path}/"):
                yield Fact(name, fact.file, fact.line)


def _package(main: Fact) -> str:
    return f"./{main.value}" if main.value else "."


def _command(command: str, main: Fact) -> Fact:
    return Fact(command, main.file, main.line, main.confidence)


def _ports(tree: Tree, sources: list[str]) -> Iterator[Fact]:
    for path in sources:
        for found, line in islice(tree.matches(path, PORT), 1):
            yield Fact(found[1] or found[2], path, line, CONVENTION)
