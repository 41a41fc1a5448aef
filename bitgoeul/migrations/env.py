"""Alembic runs this. The connection and its transaction come from `migrate`."""

from __future__ import annotations

from alembic import context

from bitgoeul.database import METADATA
from bitgoeul.exchange import tables as tables  # puts its tables on METADATA
from bitgoeul.gpus import tables as gpu_tables  # noqa: F401  likewise
from bitgoeul.hackathon import judging_tables as judging_tables
from bitgoeul.hackathon import tables as hackathon_tables  # noqa: F401  likewise
from bitgoeul.people import tables as people_tables  # noqa: F401  likewise

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
