"""${message}"""

from alembic import op

from engine.store import guards

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    guards.install(op.get_bind())
