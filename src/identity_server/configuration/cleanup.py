"""The keys that say what is cleaned up, how often and how fast."""

EVERY = "database.cleanup.every"
BATCH = "database.cleanup.batch_size"
PAUSE = "database.cleanup.sleep.tables"
KEEP = "database.cleanup.older_than"
RETENTION = "audit.retention"
#: How long a guess counts.
GUESSING = tuple(
    f"security.brute_force.{key}" for key in ("per_identifier.forget_after", "per_address.window", "codes.window")
)
