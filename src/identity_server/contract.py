"""What the charm knows of the server: constants and command lines, on the standard library alone.

The two programs meet in the configuration file, the command line and the admin API; everything that both must
spell alike stands here.
"""

from collections.abc import Sequence

PUBLIC_PORT = 4433
ADMIN_PORT = 4434

ALIVE_PATH = "/admin/health/alive"
READY_PATH = "/admin/health/ready"
METRICS_PATH = "/admin/metrics/prometheus"

#: Where the image keeps the server, and where the charm puts what the server reads.
PROGRAM = "kratos"
CONFIG_FILE = "/etc/config/kratos/kratos.yaml"
#: A configuration that waits for its check.
CANDIDATE_FILE = "/etc/config/kratos/candidate.yaml"
TEMPLATES_FOLDER = "/etc/config/templates"
CA_BUNDLE_FILE = "/etc/ssl/certs/ca-certificates.crt"
DATA_FOLDER = "/var/lib/kratos"
SQLITE_FILE = f"{DATA_FOLDER}/kratos.sqlite"

#: Seconds within which the server ends after SIGTERM; Pebble kills after five.
DRAIN_SECONDS = 4.0

#: Authentication methods whose credentials an administrator may remove as a second factor.
SECOND_FACTORS: Sequence[str] = ("totp", "lookup_secret", "webauthn")


def serve_command(config_file: str = CONFIG_FILE, program: str = PROGRAM) -> list[str]:
    """The command that runs both listeners."""
    return [program, "serve", "all", "--config", config_file]


def courier_command(config_file: str = CONFIG_FILE, program: str = PROGRAM) -> list[str]:
    """The command that delivers queued messages."""
    return [program, "courier", "watch", "--config", config_file]


def migrate_command(program: str = PROGRAM, *, set_aside: bool = False) -> list[str]:
    """The command that brings the database named by the environment's ``DSN`` up to date.

    Args:
        set_aside: move the tables of another server, Ory's Kratos, out of the way.
    """
    return [program, "migrate", "sql", "-e", "--yes", *(["--set-aside-kratos"] if set_aside else [])]


def tables_command(program: str = PROGRAM, *, taken_over: bool = False) -> list[str]:
    """The command that prints, as JSON, what the database named by the environment's ``DSN`` holds.

    ``tables`` is ``none``, ``ours`` or ``kratos``; ``pending`` the number of migrations to apply; ``set_aside`` is
    ``none``, ``waiting`` or ``taken-over``.

    Args:
        taken_over: note in it that all identities of the tables set aside are stored.
    """
    return [program, "migrate", "sql", "tables", "-e", "--format", "json", *(["--taken-over"] if taken_over else [])]


def export_others_command(file: str, config_file: str = CONFIG_FILE, program: str = PROGRAM) -> list[str]:
    """The command that writes those identities of tables set aside that are not stored yet into a new file."""
    words = ["export", "--kratos-tables", "--missing", "--with-credentials", "-o", file]
    return [program, "identities", *words, "--config", config_file]


def import_command(file: str, config_file: str = CONFIG_FILE, program: str = PROGRAM) -> list[str]:
    """The command that stores the identities of a file; it ends with 1 when one is refused."""
    return [program, "identities", "import", file, "--config", config_file]


def version_command(program: str = PROGRAM) -> list[str]:
    """The command that prints ``Version: vX.Y.Z`` on its first line."""
    return [program, "version"]


def check_command(config_file: str, program: str = PROGRAM) -> list[str]:
    """The command that ends with 0 when the server would start with a file, else says why it would not."""
    return [program, "config", "check", "--config", config_file, "--quiet"]
