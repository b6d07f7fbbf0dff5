"""Alembic's entry: runs the revisions inside the transaction that `run.upgrade` opened."""

from alembic import context

from engine.store.tables import meta

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=meta,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
