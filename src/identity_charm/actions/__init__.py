"""The actions by name. A new one is a parameter class, a function, a line here, and its entry in ``actions.yaml``."""

from collections.abc import Mapping
from typing import Any

from . import (
    accounts,
    audit,
    exchange,
    factors,
    identities,
    keys,
    listing,
    migration,
    passwords,
    schemas,
    sessions,
    states,
)
from .action import Action
from .selection import OneIdentity

ACTIONS: Mapping[str, Action[Any]] = {
    "create-admin-account": Action(accounts.Account, accounts.create_admin_account),
    "create-admin-api-key": Action(keys.NewAdminKey, keys.create_admin_api_key, needs_server=False),
    "delete-identity": Action(OneIdentity, identities.delete_identity),
    "export-identities": Action(exchange.Export, exchange.export_identities),
    "get-identity": Action(OneIdentity, identities.get_identity),
    "import-identities": Action(exchange.Import, exchange.import_identities),
    "invalidate-identity-sessions": Action(OneIdentity, sessions.invalidate_identity_sessions),
    "list-audit": Action(audit.SomeEntries, audit.list_audit),
    "list-courier-messages": Action(listing.SomeMessages, listing.list_courier_messages),
    "list-identities": Action(listing.SomeIdentities, listing.list_identities),
    "list-oidc-accounts": Action(OneIdentity, factors.list_oidc_accounts),
    "list-sessions": Action(listing.SomeSessions, listing.list_sessions),
    "remove-admin-api-key": Action(keys.OldAdminKey, keys.remove_admin_api_key, needs_server=False),
    "reset-identity-mfa": Action(factors.SecondFactor, factors.reset_identity_mfa),
    "reset-password": Action(passwords.NewPassword, passwords.reset_password),
    "rotate-secrets": Action(keys.Rotation, keys.rotate_secrets, needs_server=False),
    "run-migration": Action(migration.Migration, migration.run_migration, needs_server=False),
    "set-identity-state": Action(states.NewState, states.set_identity_state),
    "unlink-oidc-account": Action(factors.LinkedAccount, factors.unlink_oidc_account),
    "validate-identity-schema": Action(schemas.Schemas, schemas.validate_identity_schema, needs_server=False),
}
