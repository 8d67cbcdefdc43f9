"""The console entry ``kratos``."""

import sys
from collections.abc import Sequence

import click

from identity_server.cli.groups import Entry, group

_ABOUT = """An identity server with the API, the configuration and the command line of Ory Kratos.

Without any configuration, "kratos serve" starts a server of its own with a data folder, a database and secrets.
"""

_IDENTITIES = {
    "import": Entry("identities_import:import_identities", "Create identities from files, by the million if need be."),
    "get": Entry("identities:get_identity", "Show identities."),
    "list": Entry("identities:list_identities", "List identities."),
    "delete": Entry("identities:delete_identity", "Delete identities."),
    "validate": Entry("identities_validate:validate_identity", "Check identities against their schema."),
    "patch": Entry("identities:patch_identity", "Change an identity with a JSON patch."),
}


def _one_kind(verb: str, about: str, also: str = "") -> click.Command:
    """``kratos VERB identity`` and ``kratos VERB identities``."""
    entry = _IDENTITIES[verb]
    plural = verb in ("list", "import")
    names = ("identities", "identity") if plural else ("identity", "identities")
    entries = {names[0]: entry, names[1]: Entry(entry.target, entry.help, hidden=True)}
    return group(also or verb, about, entries)


list_ = _one_kind("list", "List resources of a running server.")
ls = _one_kind("list", "List resources of a running server.", "ls")
get = _one_kind("get", "Show resources of a running server.")
delete = _one_kind("delete", "Delete resources of a running server.")
import_ = _one_kind("import", "Import resources into a running server.")
validate = _one_kind("validate", "Check resources.")
patch = _one_kind("patch", "Change resources of a running server.")
identities = group(
    "identities",
    "Identities of a running server, or of its database.",
    {**_IDENTITIES, "export": Entry("identities_export:export_identities", "Write all identities as JSON lines.")},
)

remote = group(
    "remote",
    "Ask a running server about itself.",
    {
        "status": Entry("remote:status", "Whether it is alive and ready."),
        "version": Entry("remote:version", "Its version."),
    },
)
courier = group("courier", "Deliver messages.", {"watch": Entry("courier:watch", "Deliver queued messages.")})
cleanup = group("cleanup", "Remove what has expired.", {"sql": Entry("cleanup:sql", "Remove it from the database.")})
hashers = group(
    "hashers",
    "Find out what password hashes cost here.",
    {
        "argon2": Entry("hashers:argon2", "Argon2id."),
    },
)
format_ = group("format", "Format files.", {"jsonnet": Entry("jsonnet_commands:format_files", "Format Jsonnet.")})
lint = group(
    "lint",
    "Check files.",
    {
        "lint": Entry("jsonnet_commands:lint_files", "Check Jsonnet."),
        "jsonnet": Entry("jsonnet_commands:lint_files", "Check Jsonnet.", hidden=True),
    },
)
admin_keys = group(
    "admin-keys",
    "Keys for the admin API.",
    {
        "create": Entry("admin_keys:create", "Make a key and print it, this once."),
        "list": Entry("admin_keys:list_keys", "List the keys of the database."),
        "revoke": Entry("admin_keys:revoke", "Remove a key."),
    },
)
api_keys = group(
    "api-keys",
    "Keys that machine identities sign in with.",
    {
        "create": Entry("api_keys:create", "Make a key for an identity and print it, this once."),
        "list": Entry("api_keys:list_keys", "List the keys of an identity."),
        "revoke": Entry("api_keys:revoke", "Take a key away."),
    },
)
config = group("config", "Look at the configuration.", {"check": Entry("config_check:check", "Check it and show it.")})
migrate = group(
    "migrate",
    "Bring data up to date.",
    {
        "sql": Entry("migrate:sql", "Bring the database up to date."),
    },
)

root = group(
    "kratos",
    _ABOUT,
    {
        "serve": Entry("serve:serve", "Run the server."),
        "migrate": Entry("main:migrate", "Bring data up to date."),
        "courier": Entry("main:courier", "Deliver messages."),
        "cleanup": Entry("main:cleanup", "Remove what has expired."),
        "admin-keys": Entry("main:admin_keys", "Keys for the admin API."),
        "api-keys": Entry("main:api_keys", "Keys that machine identities sign in with."),
        "audit": Entry("audit:audit", "Read the audit trail of a running server."),
        "config": Entry("main:config", "Look at the configuration."),
        "doctor": Entry("doctor:doctor", "Look at everything that a server needs."),
        "identities": Entry("main:identities", "Identities of a running server, or of its database."),
        "list": Entry("main:list_", "List resources of a running server."),
        "ls": Entry("main:ls", hidden=True),
        "get": Entry("main:get", "Show resources of a running server."),
        "delete": Entry("main:delete", "Delete resources of a running server."),
        "import": Entry("main:import_", "Import resources into a running server."),
        "validate": Entry("main:validate", "Check resources."),
        "patch": Entry("main:patch", "Change resources of a running server."),
        "remote": Entry("main:remote", "Ask a running server about itself."),
        "hashers": Entry("main:hashers", "Find out what password hashes cost here."),
        "format": Entry("main:format_", "Format files."),
        "lint": Entry("main:lint", "Check files."),
        "jsonnet": Entry("jsonnet_commands:jsonnet", "Evaluate, check and format Jsonnet.", hidden=True),
        "version": Entry("version:version", "Show this program's version."),
    },
)


def main(args: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit status, 1 for every kind of failure as Kratos has it."""
    try:
        status = root.main(args=list(args) if args is not None else None, prog_name="kratos", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 0 if isinstance(error, click.exceptions.NoArgsIsHelpError) else 1
    except (click.Abort, EOFError, KeyboardInterrupt):
        click.echo("Aborted.", err=True)
        return 1
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main())
