"""What Alembic runs for each command: our migrations, in the transaction of the connection that it was handed."""

from alembic import context

from stasis_app.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
