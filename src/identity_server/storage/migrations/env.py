"""Runs the migrations on the connection that ``storage.migrate`` hands over."""

from alembic import context

from identity_server.storage import tables
from identity_server.storage.migrate import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=False,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
