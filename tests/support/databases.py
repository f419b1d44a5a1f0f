"""The database of one test process, and its way back to the beginning after each test."""

from typing import Protocol

from django.db import connections

from tests.support.postgres import Cluster
from tests.support.postgres_database import PostgresDatabase
from tests.support.sqlite_database import SqliteDatabase
from tests.support.surroundings import Surroundings, database_url


class Database(Protocol):
    def create(self) -> None:
        """Makes it, or makes it anew, as `migrate` leaves an empty one."""

    def drop(self) -> None: ...


def database(here: Surroundings) -> Database:
    url = database_url(here, here.worker)
    if here.engine == "sqlite":
        return SqliteDatabase(url, here.data)
    return PostgresDatabase(here.server, url, here.data)


def begin_anew(kept: Database) -> None:
    connections.close_all()
    kept.create()


def start_server(here: Surroundings) -> Cluster | None:
    """The PostgreSQL server that this run needs and does not yet have."""
    if here.engine != "postgres" or not here.is_owner or not here.uses_own_cluster:
        return None
    cluster = Cluster(here.run)
    cluster.start()
    return cluster
