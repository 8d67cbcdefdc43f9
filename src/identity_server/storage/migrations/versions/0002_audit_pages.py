"""Indexes for pages of the audit trail, which nobody has written so far."""

from alembic import op

revision = "0002"
down_revision = "0001"

_INDEXES = {
    "audit_events_at": ["at", "id"],
    "audit_events_identity": ["identity_id", "at", "id"],
    "audit_events_actor": ["actor", "at", "id"],
    "audit_events_event": ["event", "at", "id"],
}


def upgrade() -> None:
    """Indexes by time, alone and behind each filter."""
    op.drop_index("audit_events_identity", "audit_events")
    for name, columns in _INDEXES.items():
        op.create_index(name, "audit_events", columns, unique=False)


def downgrade() -> None:
    """Takes it back."""
    for name in _INDEXES:
        op.drop_index(name, "audit_events")
    op.create_index("audit_events_identity", "audit_events", ["identity_id", "id"], unique=False)
