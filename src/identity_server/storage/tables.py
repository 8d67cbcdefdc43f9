"""The tables, described once for both databases.

Ids, times and JSON are text: ids and times sort as text (RFC 3339 in UTC, canonical UUIDs), and JSON leaves the
database as it is sent. An identity is one row that carries its addresses; ``identity_identifiers`` and
``identity_addresses`` exist to find it and to keep names unique.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql

metadata = MetaData()

#: Compared byte by byte on every database, whatever collation it was created with.
BYTES = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def _id(name: str = "id", **options: object) -> Column[str]:
    return Column(name, BYTES, **options)  # type: ignore[arg-type]


def _owner() -> Column[str]:
    return Column("identity_id", BYTES, ForeignKey("identities.id", ondelete="CASCADE"), nullable=False)


def _required(name: str) -> Column[str]:
    return Column(name, BYTES, nullable=False)


identities = Table(
    "identities",
    metadata,
    _id(primary_key=True),
    _required("schema_id"),
    Column("external_id", BYTES, unique=True),
    Column("organization_id", BYTES),
    _required("state"),
    _required("state_changed_at"),
    _required("traits"),
    Column("metadata_public", BYTES),
    Column("metadata_admin", BYTES),
    _required("verifiable_addresses"),
    _required("recovery_addresses"),
    Column("available_aal", BYTES),
    _required("created_at"),
    _required("updated_at"),
)

identity_credentials = Table(
    "identity_credentials",
    metadata,
    Column("identity_id", BYTES, ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True),
    Column("type", BYTES, primary_key=True),
    _required("identifiers"),
    _required("config"),
    Column("version", Integer, nullable=False, server_default="0"),
    _required("created_at"),
    _required("updated_at"),
)

identity_identifiers = Table(
    "identity_identifiers",
    metadata,
    Column("type", BYTES, primary_key=True),
    Column("identifier", BYTES, primary_key=True),
    _owner(),
    Index("identity_identifiers_identity", "identity_id"),
)

identity_addresses = Table(
    "identity_addresses",
    metadata,
    Column("kind", BYTES, primary_key=True),
    Column("via", BYTES, primary_key=True),
    Column("value", BYTES, primary_key=True),
    _required("address_id"),
    _owner(),
    Index("identity_addresses_identity", "identity_id"),
    Index("identity_addresses_address", "kind", "address_id", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    _id(primary_key=True),
    _owner(),
    Column("token_hash", BYTES, nullable=False, unique=True),
    Column("active", Integer, nullable=False),
    _required("aal"),
    _required("authentication_methods"),
    _required("devices"),
    _required("issued_at"),
    _required("authenticated_at"),
    _required("expires_at"),
    _required("created_at"),
    _required("updated_at"),
    Index("sessions_identity", "identity_id", "created_at"),
    Index("sessions_created", "created_at", "id"),
    Index("sessions_expires", "expires_at"),
)

selfservice_flows = Table(
    "selfservice_flows",
    metadata,
    _id(primary_key=True),
    _required("kind"),
    _required("document"),
    Column("version", Integer, nullable=False, server_default="0"),
    _required("expires_at"),
    Index("selfservice_flows_expires", "expires_at"),
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    _id(primary_key=True),
    _required("kind"),
    _required("flow_id"),
    _required("code_hash"),
    _required("address"),
    _required("via"),
    Column("identity_id", BYTES, ForeignKey("identities.id", ondelete="CASCADE")),
    Column("address_id", BYTES),
    _required("issued_at"),
    _required("expires_at"),
    Column("used_at", BYTES),
    Index("one_time_codes_flow", "flow_id"),
    Index("one_time_codes_identity", "identity_id"),
    Index("one_time_codes_expires", "expires_at"),
)

link_tokens = Table(
    "link_tokens",
    metadata,
    _id(primary_key=True),
    _required("kind"),
    Column("token_hash", BYTES, nullable=False, unique=True),
    Column("flow_id", BYTES),
    Column("identity_id", BYTES, ForeignKey("identities.id", ondelete="CASCADE")),
    Column("address_id", BYTES),
    Column("address", BYTES),
    _required("issued_at"),
    _required("expires_at"),
    Column("used_at", BYTES),
    Index("link_tokens_flow", "flow_id"),
    Index("link_tokens_identity", "identity_id"),
    Index("link_tokens_expires", "expires_at"),
)

#: Every code that somebody submitted: what limits guessing over flows and addresses. Right ones are taken out again.
code_attempts = Table(
    "code_attempts",
    metadata,
    _id(primary_key=True),
    _required("flow_id"),
    _required("subject"),
    _required("attempted_at"),
    Index("code_attempts_flow", "flow_id"),
    Index("code_attempts_subject", "subject", "attempted_at"),
    Index("code_attempts_attempted", "attempted_at"),
)

#: Challenges of security keys that were answered: each counts once, whatever form or copy of a form it came from.
spent_challenges = Table(
    "spent_challenges",
    metadata,
    _id(primary_key=True),
    _required("expires_at"),
    Index("spent_challenges_expires", "expires_at"),
)

session_token_exchanges = Table(
    "session_token_exchanges",
    metadata,
    _id(primary_key=True),
    Column("flow_id", BYTES, nullable=False, unique=True),
    Column("init_code_hash", BYTES, nullable=False, unique=True),
    Column("return_to_code_hash", BYTES, nullable=False),
    Column("session_id", BYTES, ForeignKey("sessions.id", ondelete="CASCADE")),
    Column("sealed_token", BYTES),
    _required("created_at"),
    Index("session_token_exchanges_created", "created_at"),
)

continuity_containers = Table(
    "continuity_containers",
    metadata,
    _id(primary_key=True),
    _required("name"),
    Column("identity_id", BYTES),
    _required("payload"),
    _required("expires_at"),
    Index("continuity_containers_expires", "expires_at"),
)

selfservice_errors = Table(
    "selfservice_errors",
    metadata,
    _id(primary_key=True),
    _required("error"),
    _required("created_at"),
    Column("seen_at", BYTES),
    Index("selfservice_errors_created", "created_at"),
)

#: Messages that are still to be delivered; all others never come up when a worker looks for work.
_UNDELIVERED = text("status IN ('queued', 'processing')")

courier_messages = Table(
    "courier_messages",
    metadata,
    _id(primary_key=True),
    _required("type"),
    _required("status"),
    _required("recipient"),
    # Addresses that differ in spelling only share one, so that limits hold for the person.
    _required("recipient_key"),
    _required("subject"),
    _required("body"),
    Column("html_body", BYTES),
    _required("template_type"),
    _required("template_data"),
    _required("channel"),
    Column("send_count", Integer, nullable=False, server_default="0"),
    Column("request_headers", BYTES),
    # When a queued message is tried, and when the lease of one in processing ends.
    _required("due_at"),
    Column("worker_id", BYTES),
    _required("created_at"),
    _required("updated_at"),
    Index("courier_messages_due", "due_at", "id", postgresql_where=_UNDELIVERED, sqlite_where=_UNDELIVERED),
    Index("courier_messages_recipient", "recipient_key", "created_at"),
    Index("courier_messages_created", "created_at", "id"),
)

courier_dispatches = Table(
    "courier_dispatches",
    metadata,
    _id(primary_key=True),
    Column("message_id", BYTES, ForeignKey("courier_messages.id", ondelete="CASCADE"), nullable=False),
    _required("status"),
    Column("error", BYTES),
    _required("created_at"),
    _required("updated_at"),
    Index("courier_dispatches_message", "message_id"),
)

hook_calls = Table(
    "hook_calls",
    metadata,
    _id(primary_key=True),
    _required("sealed"),
    Column("attempts", Integer, nullable=False),
    # When it is tried again, and when the lease of one under way ends.
    _required("due_at"),
    _required("created_at"),
    Index("hook_calls_due", "due_at", "id"),
)

attempt_counters = Table(
    "attempt_counters",
    metadata,
    _id("key", primary_key=True),
    Column("failures", Integer, nullable=False),
    _required("last_failure_at"),
    Column("blocked_until", BYTES),
    Index("attempt_counters_last", "last_failure_at"),
)

settings_values = Table(
    "server_settings",
    metadata,
    _id("name", primary_key=True),
    _required("value"),
)

admin_keys = Table(
    "admin_keys",
    metadata,
    _id("name", primary_key=True),
    Column("key_hash", BYTES, nullable=False, unique=True),
    _required("scopes"),
    Column("expires_at", BYTES),
    _required("created_at"),
)

#: When API keys were last used, apart from the credentials that hold them: using a key does not write its identity.
api_key_uses = Table(
    "api_key_uses",
    metadata,
    _id("key_id", primary_key=True),
    _owner(),
    _required("last_used_at"),
    Index("api_key_uses_identity", "identity_id"),
)

#: What was done, the trail of the configuration key ``audit.enabled``; identities may be gone since.
audit_events = Table(
    "audit_events",
    metadata,
    _id(primary_key=True),
    _required("at"),
    _required("event"),
    _required("actor"),
    Column("identity_id", BYTES),
    _required("result"),
    _required("document"),
    Index("audit_events_at", "at", "id"),
    Index("audit_events_identity", "identity_id", "at", "id"),
    Index("audit_events_actor", "actor", "at", "id"),
    Index("audit_events_event", "event", "at", "id"),
)
