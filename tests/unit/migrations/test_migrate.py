"""The database's history leads to exactly the tables that the code knows, on both databases."""

from __future__ import annotations

import logging

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bitgoeul.database import METADATA, Database
from bitgoeul.migrations import migrate
from tests.services import needs, postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
        yield database
        database.close()
        return
    needs.file(postgres.binary("initdb"), "postgresql")
    with postgres.server() as server:
        database = Database(server.url)
        yield database
        database.close()


def test_the_history_makes_the_tables_that_the_code_knows(database):
    migrate(database)
    with database.reading() as connection:
        different = compare_metadata(MigrationContext.configure(connection), METADATA)

    assert different == []


def test_migrating_again_changes_nothing_and_keeps_what_is_there(database):
    migrate(database)
    with database.writing() as connection:
        connection.execute(text("insert into chain_head (id, sequence, chain) values (1, 7, 'x')"))
    migrate(database)
    with database.reading() as connection:
        kept = connection.execute(text("select sequence from chain_head")).scalar_one()

    assert kept == 7


def test_migrating_mutes_no_logger(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'db.sqlite'}")
    migrate(database)
    database.close()

    assert not logging.getLogger("bitgoeul.exchange").disabled
    assert logging.getLogger().handlers is not None
