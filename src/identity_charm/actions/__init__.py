"""The actions by name. A new one is a parameter class, a function, a line here, and its entry in ``actions.yaml``."""

from collections.abc import Mapping
from typing import Any

from . import factors, identities, migration, passwords, sessions
from .action import Action
from .selection import OneIdentity

ACTIONS: Mapping[str, Action[Any]] = {
    "create-admin-account": Action(identities.Account, identities.create_admin_account),
    "delete-identity": Action(OneIdentity, identities.delete_identity),
    "get-identity": Action(OneIdentity, identities.get_identity),
    "invalidate-identity-sessions": Action(OneIdentity, sessions.invalidate_identity_sessions),
    "list-oidc-accounts": Action(OneIdentity, factors.list_oidc_accounts),
    "reset-identity-mfa": Action(factors.SecondFactor, factors.reset_identity_mfa),
    "reset-password": Action(passwords.NewPassword, passwords.reset_password),
    "run-migration": Action(migration.Migration, migration.run_migration, needs_server=False),
    "unlink-oidc-account": Action(factors.LinkedAccount, factors.unlink_oidc_account),
}
