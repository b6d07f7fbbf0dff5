"""${message}"""

from alembic import op

from engine.store import guards

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    guards.remove(op.get_bind())
    ${upgrades if upgrades else "pass"}
    guards.install(op.get_bind())
