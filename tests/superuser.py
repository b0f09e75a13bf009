"""A superuser's connection: what an intruder with the whole server in hand could do."""

import os
from pathlib import Path
from typing import Any

import psycopg

from config.embedded import PostgresCluster


def connect(database: str) -> psycopg.Connection[Any]:
    """Autocommitting, and past every trigger."""
    cluster = PostgresCluster(Path(os.environ["CAIRN_HOME"]), durable=False)
    connection = psycopg.connect(cluster.dsn("superuser", database), autocommit=True)
    connection.execute("SET session_replication_role = replica")
    return connection
