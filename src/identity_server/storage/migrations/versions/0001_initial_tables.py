"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

#: Compared byte by byte, whatever collation the database was created with.
BYTES = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "admin_keys",
        sa.Column("name", BYTES, nullable=False),
        sa.Column("key_hash", BYTES, nullable=False),
        sa.Column("scopes", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=True),
        sa.Column("created_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("key_hash"),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("at", BYTES, nullable=False),
        sa.Column("event", BYTES, nullable=False),
        sa.Column("actor", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=True),
        sa.Column("result", BYTES, nullable=False),
        sa.Column("document", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_events_identity", "audit_events", ["identity_id", "id"], unique=False)
    op.create_table(
        "attempt_counters",
        sa.Column("key", BYTES, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", BYTES, nullable=False),
        sa.Column("blocked_until", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("attempt_counters_last", "attempt_counters", ["last_failure_at"], unique=False)
    op.create_table(
        "code_attempts",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("flow_id", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("attempted_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("code_attempts_attempted", "code_attempts", ["attempted_at"], unique=False)
    op.create_index("code_attempts_flow", "code_attempts", ["flow_id"], unique=False)
    op.create_index("code_attempts_subject", "code_attempts", ["subject", "attempted_at"], unique=False)
    op.create_table(
        "continuity_containers",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("name", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=True),
        sa.Column("payload", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("continuity_containers_expires", "continuity_containers", ["expires_at"], unique=False)
    op.create_table(
        "courier_messages",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("type", BYTES, nullable=False),
        sa.Column("status", BYTES, nullable=False),
        sa.Column("recipient", BYTES, nullable=False),
        sa.Column("recipient_key", BYTES, nullable=False),
        sa.Column("subject", BYTES, nullable=False),
        sa.Column("body", BYTES, nullable=False),
        sa.Column("html_body", BYTES, nullable=True),
        sa.Column("template_type", BYTES, nullable=False),
        sa.Column("template_data", BYTES, nullable=False),
        sa.Column("channel", BYTES, nullable=False),
        sa.Column("send_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("request_headers", BYTES, nullable=True),
        sa.Column("due_at", BYTES, nullable=False),
        sa.Column("worker_id", BYTES, nullable=True),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("updated_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("courier_messages_created", "courier_messages", ["created_at", "id"], unique=False)
    undelivered = sa.text("status IN ('queued', 'processing')")
    op.create_index(
        "courier_messages_due",
        "courier_messages",
        ["due_at", "id"],
        unique=False,
        postgresql_where=undelivered,
        sqlite_where=undelivered,
    )
    op.create_index("courier_messages_recipient", "courier_messages", ["recipient_key", "created_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("schema_id", BYTES, nullable=False),
        sa.Column("external_id", BYTES, nullable=True),
        sa.Column("organization_id", BYTES, nullable=True),
        sa.Column("state", BYTES, nullable=False),
        sa.Column("state_changed_at", BYTES, nullable=False),
        sa.Column("traits", BYTES, nullable=False),
        sa.Column("metadata_public", BYTES, nullable=True),
        sa.Column("metadata_admin", BYTES, nullable=True),
        sa.Column("verifiable_addresses", BYTES, nullable=False),
        sa.Column("recovery_addresses", BYTES, nullable=False),
        sa.Column("available_aal", BYTES, nullable=True),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("updated_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("external_id"),
    )
    op.create_table(
        "selfservice_errors",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("error", BYTES, nullable=False),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("seen_at", BYTES, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("selfservice_errors_created", "selfservice_errors", ["created_at"], unique=False)
    op.create_table(
        "selfservice_flows",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("document", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("selfservice_flows_expires", "selfservice_flows", ["expires_at"], unique=False)
    op.create_table(
        "server_settings",
        sa.Column("name", BYTES, nullable=False),
        sa.Column("value", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "courier_dispatches",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("message_id", BYTES, nullable=False),
        sa.Column("status", BYTES, nullable=False),
        sa.Column("error", BYTES, nullable=True),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("updated_at", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["courier_messages.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("courier_dispatches_message", "courier_dispatches", ["message_id"], unique=False)
    op.create_table(
        "identity_addresses",
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("via", BYTES, nullable=False),
        sa.Column("value", BYTES, nullable=False),
        sa.Column("address_id", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "via", "value"),
    )
    op.create_index("identity_addresses_address", "identity_addresses", ["kind", "address_id"], unique=True)
    op.create_index("identity_addresses_identity", "identity_addresses", ["identity_id"], unique=False)
    op.create_table(
        "identity_credentials",
        sa.Column("identity_id", BYTES, nullable=False),
        sa.Column("type", BYTES, nullable=False),
        sa.Column("identifiers", BYTES, nullable=False),
        sa.Column("config", BYTES, nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("updated_at", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("identity_id", "type"),
    )
    op.create_table(
        "identity_identifiers",
        sa.Column("type", BYTES, nullable=False),
        sa.Column("identifier", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("type", "identifier"),
    )
    op.create_index("identity_identifiers_identity", "identity_identifiers", ["identity_id"], unique=False)
    op.create_table(
        "link_tokens",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("token_hash", BYTES, nullable=False),
        sa.Column("flow_id", BYTES, nullable=True),
        sa.Column("identity_id", BYTES, nullable=True),
        sa.Column("address_id", BYTES, nullable=True),
        sa.Column("address", BYTES, nullable=True),
        sa.Column("issued_at", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.Column("used_at", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("link_tokens_expires", "link_tokens", ["expires_at"], unique=False)
    op.create_index("link_tokens_flow", "link_tokens", ["flow_id"], unique=False)
    op.create_index("link_tokens_identity", "link_tokens", ["identity_id"], unique=False)
    op.create_table(
        "one_time_codes",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("kind", BYTES, nullable=False),
        sa.Column("flow_id", BYTES, nullable=False),
        sa.Column("code_hash", BYTES, nullable=False),
        sa.Column("address", BYTES, nullable=False),
        sa.Column("via", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=True),
        sa.Column("address_id", BYTES, nullable=True),
        sa.Column("issued_at", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.Column("used_at", BYTES, nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("one_time_codes_expires", "one_time_codes", ["expires_at"], unique=False)
    op.create_index("one_time_codes_flow", "one_time_codes", ["flow_id"], unique=False)
    op.create_index("one_time_codes_identity", "one_time_codes", ["identity_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("identity_id", BYTES, nullable=False),
        sa.Column("token_hash", BYTES, nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("aal", BYTES, nullable=False),
        sa.Column("authentication_methods", BYTES, nullable=False),
        sa.Column("devices", BYTES, nullable=False),
        sa.Column("issued_at", BYTES, nullable=False),
        sa.Column("authenticated_at", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.Column("created_at", BYTES, nullable=False),
        sa.Column("updated_at", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("sessions_created", "sessions", ["created_at", "id"], unique=False)
    op.create_index("sessions_expires", "sessions", ["expires_at"], unique=False)
    op.create_index("sessions_identity", "sessions", ["identity_id", "created_at"], unique=False)
    op.create_table(
        "session_token_exchanges",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("flow_id", BYTES, nullable=False),
        sa.Column("init_code_hash", BYTES, nullable=False),
        sa.Column("return_to_code_hash", BYTES, nullable=False),
        sa.Column("session_id", BYTES, nullable=True),
        sa.Column("sealed_token", BYTES, nullable=True),
        sa.Column("created_at", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flow_id"),
        sa.UniqueConstraint("init_code_hash"),
    )
    op.create_index("session_token_exchanges_created", "session_token_exchanges", ["created_at"], unique=False)
    op.create_table(
        "spent_challenges",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("expires_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("spent_challenges_expires", "spent_challenges", ["expires_at"], unique=False)
    op.create_table(
        "hook_calls",
        sa.Column("id", BYTES, nullable=False),
        sa.Column("sealed", BYTES, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", BYTES, nullable=False),
        sa.Column("created_at", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hook_calls_due", "hook_calls", ["due_at", "id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    op.drop_table("audit_events")
    op.drop_table("admin_keys")
    op.drop_table("hook_calls")
    op.drop_table("spent_challenges")
    op.drop_table("session_token_exchanges")
    op.drop_table("sessions")
    op.drop_table("one_time_codes")
    op.drop_table("link_tokens")
    op.drop_table("identity_identifiers")
    op.drop_table("identity_credentials")
    op.drop_table("identity_addresses")
    op.drop_table("courier_dispatches")
    op.drop_table("server_settings")
    op.drop_table("selfservice_flows")
    op.drop_table("selfservice_errors")
    op.drop_table("identities")
    op.drop_table("courier_messages")
    op.drop_table("continuity_containers")
    op.drop_table("code_attempts")
    op.drop_table("attempt_counters")
