"""Brings the database to the schema that the application expects; safe to be run again."""

from app import connect

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    said text NOT NULL
)
"""

if __name__ == "__main__":
    with connect() as connection:
        connection.execute(SCHEMA)
