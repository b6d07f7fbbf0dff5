"""The schema's history (Alembic), run by `run.upgrade`. Each revision ends with `guards.install`."""
