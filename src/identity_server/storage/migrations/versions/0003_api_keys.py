"""When the API keys of machine identities were last used; the keys themselves are credentials."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

#: Compared byte by byte, whatever collation the database was created with.
BYTES = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """A table apart from the credentials, so that using a key does not write its identity."""
    op.create_table(
        "api_key_uses",
        sa.Column("key_id", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=False),
        sa.Column("last_used_at", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_index("api_key_uses_identity", "api_key_uses", ["identity_id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("api_key_uses")
