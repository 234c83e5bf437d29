#!/usr/bin/python
"""Make an application's own user on a database server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_user
short_description: Makes an application's least-privilege user on PostgreSQL or MySQL
description:
  - Logs in as the application's user and looks at its rights. Where they are in order that is all,
    and the master user is not needed.
  - Otherwise logs in as the master user, makes or mends the application's user, and looks again.
  - Connections are over TLS, the server's certificate and name verified.
options:
  engine:
    description: What the server speaks.
    type: str
    choices: [postgresql, mysql]
    required: true
  host:
    description: The server's name, for which its certificate must be.
    type: str
    required: true
  port:
    description: Its TCP port.
    type: int
    required: true
  name:
    description: The application's database, which is there already.
    type: str
    required: true
  user:
    description: The application's user.
    type: str
    required: true
  password:
    description: The user's password.
    type: str
    required: true
  master:
    description: The master user; empty where there is none to be asked.
    type: str
    default: ""
  master_password:
    description: The master's password.
    type: str
    default: ""
  ca_file:
    description: The certificates, in PEM, of the authorities that the server's may come from.
    type: path
    required: true
attributes:
  check_mode:
    support: full
    details: Logs in as the application's user alone.
  diff_mode:
    support: partial
    details: What is not in order.
requirements:
  - python3-psycopg2 or python3-pymysql on the host
author: autodeploy
"""

EXAMPLES = r"""
- name: Let the shop into its database
  database_user:
    engine: postgresql
    host: shop.abcdefghijkl.eu-west-1.rds.amazonaws.com
    port: 5432
    name: shop
    user: shop_app
    password: "{{ vault_password }}"
    master: boss
    master_password: "{{ vault_master_password }}"
    ca_file: /etc/ssl/certs/rds-ca.pem
  no_log: true
"""

RETURN = r"""
problems:
  description: What was not in order before; empty where nothing was changed.
  returned: success
  type: list
  elements: str
"""

import os
import re
from contextlib import closing

from ansible.module_utils import database_mysql, database_postgresql
from ansible.module_utils.basic import AnsibleModule, missing_required_lib

ENGINES = {"postgresql": database_postgresql, "mysql": database_mysql}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
LONGEST = 63


def refusal(params, longest):
    """Why these parameters cannot be used, without any password; None where they can."""
    for option in ("name", "user", "master"):
        value, most = params[option], LONGEST if option == "name" else longest
        if (value or option != "master") and not (NAME.fullmatch(value) and len(value) <= most):
            return f"{option} {value!r} is no name: letters, digits and _, at most {most}"
    if params["user"] == params["master"]:
        return "the application's user must be another than the master user"
    for option in ("password", "master_password"):
        if "\0" in params[option]:
            return f"{option} holds a NUL"
    return None if params["password"] else "password is empty"


def missing(engine, params):
    """What the host lacks; None where it lacks nothing."""
    if engine.MISSING:
        return missing_required_lib(engine.LIBRARY)
    if not os.path.exists(params["ca_file"]):
        return f"there is no {params['ca_file']}: give the authorities' certificates"
    return None


def look(engine, params):
    """What is not in order about the application's user, asked as that user."""
    try:
        connection = engine.connect(params, params["user"], params["password"])
    except engine.Error as error:
        return [f"{params['user']} cannot log in: {str(error).strip()}"]
    with closing(connection):
        return engine.problems(connection, params["name"], params["user"])


def mend(engine, params):
    """Make the user, or set it right, as the master user."""
    connection = engine.connect(params, params["master"], params["master_password"])
    with closing(connection):
        engine.mend(connection, params["name"], params["user"], params["password"])


def carry_out(module, engine, params):
    """Look, and where it is needed mend and look again."""
    problems = look(engine, params)
    diff = {"before": "".join(f"{one}\n" for one in problems), "after": ""}
    if problems and not module.check_mode:
        if not params["master"]:
            module.fail_json(msg=f"{'; '.join(problems)}; and no master user is given to mend it")
        try:
            mend(engine, params)
        except engine.Error as error:
            module.fail_json(msg=f"as {params['master']}: {str(error).strip()}")
        left = look(engine, params)
        if left:
            module.fail_json(msg=f"after all was mended: {'; '.join(left)}")
    module.exit_json(changed=bool(problems), problems=problems, diff=diff)


def main():
    secret = {"type": "str", "no_log": True}
    required = {"type": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "engine": {**required, "choices": list(ENGINES)},
            "host": required,
            "port": {"type": "int", "required": True},
            "name": required,
            "user": required,
            "password": {**secret, "required": True},
            "master": {"type": "str", "default": ""},
            "master_password": {**secret, "default": ""},
            "ca_file": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    engine, params = ENGINES[module.params["engine"]], module.params
    refused, lacking = refusal(params, engine.LONGEST), missing(engine, params)
    if refused or (lacking and not module.check_mode):
        module.fail_json(msg=refused or lacking)
    if lacking:
        module.exit_json(changed=True, problems=[lacking])
    try:
        carry_out(module, engine, params)
    except engine.Error as error:
        module.fail_json(msg=str(error).strip())


if __name__ == "__main__":
    main()
