"""The history of the service's database. `migrate(database)` brings any earlier one to the newest form."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from bitgoeul.database import Database

_LOCK = 0x6269_7467  # any number; it keeps two services that start at once from migrating at once


def config_for(database: Database) -> Config:
    """Alembic's settings without a file: it would mute the service's loggers."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["database"] = database
    return config


def migrate(database: Database) -> None:
    """Bring the database to the newest form, in one transaction; the newest form stays as it is."""
    config = config_for(database)
    with database.writing() as connection:
        if not database.sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
