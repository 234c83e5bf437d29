"""The databases behind RDS: real PostgreSQL and MariaDB servers on hosts of their own."""
