"""Placeholder until the branch with the table is merged."""

FOR_PYTHON: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "psycopg2": (("libpq-dev",), ("libpq5",)),
    "mysqlclient": (("default-libmysqlclient-dev",), ("libmariadb3",)),
}
