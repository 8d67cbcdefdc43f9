"""Names of events: Kratos' tracing events where it has one for the matter, ours for what only this server does.

What Kratos names and nobody decides by is left out: flows that begin, sessions that are looked at, deliveries.
"""

from typing import Final

IDENTITY_CREATED: Final = "IdentityCreated"
IDENTITY_UPDATED: Final = "IdentityUpdated"
IDENTITY_DELETED: Final = "IdentityDeleted"
SESSION_ISSUED: Final = "SessionIssued"
SESSION_CHANGED: Final = "SessionChanged"
SESSION_EXTENDED: Final = "SessionLifespanExtended"
SESSION_REVOKED: Final = "SessionRevoked"
API_KEY_CREATED: Final = "ApiKeyCreated"
API_KEY_REVOKED: Final = "ApiKeyRevoked"
RECOVERY_BY_ADMIN: Final = "RecoveryInitiatedByAdmin"
REGISTRATION_SUCCEEDED: Final = "RegistrationSucceeded"
REGISTRATION_FAILED: Final = "RegistrationFailed"
LOGIN_SUCCEEDED: Final = "LoginSucceeded"
LOGIN_FAILED: Final = "LoginFailed"
SETTINGS_SUCCEEDED: Final = "SettingsSucceeded"
SETTINGS_FAILED: Final = "SettingsFailed"
RECOVERY_SUCCEEDED: Final = "RecoverySucceeded"
RECOVERY_FAILED: Final = "RecoveryFailed"
VERIFICATION_SUCCEEDED: Final = "VerificationSucceeded"
VERIFICATION_FAILED: Final = "VerificationFailed"

#: Everything that the trail may hold.
EVENTS: Final = (
    IDENTITY_CREATED,
    IDENTITY_UPDATED,
    IDENTITY_DELETED,
    SESSION_ISSUED,
    SESSION_CHANGED,
    SESSION_EXTENDED,
    SESSION_REVOKED,
    API_KEY_CREATED,
    API_KEY_REVOKED,
    RECOVERY_BY_ADMIN,
    REGISTRATION_SUCCEEDED,
    REGISTRATION_FAILED,
    LOGIN_SUCCEEDED,
    LOGIN_FAILED,
    SETTINGS_SUCCEEDED,
    SETTINGS_FAILED,
    RECOVERY_SUCCEEDED,
    RECOVERY_FAILED,
    VERIFICATION_SUCCEEDED,
    VERIFICATION_FAILED,
)

#: What a change is called when it is what a flow is for. Whoever comes through a provider may sign up in a login and
#: sign in by a registration.
FULFILS: Final = {
    "registration": {IDENTITY_CREATED: REGISTRATION_SUCCEEDED, SESSION_ISSUED: LOGIN_SUCCEEDED},
    "login": {
        SESSION_ISSUED: LOGIN_SUCCEEDED,
        SESSION_CHANGED: LOGIN_SUCCEEDED,
        IDENTITY_CREATED: REGISTRATION_SUCCEEDED,
    },
    "settings": {IDENTITY_UPDATED: SETTINGS_SUCCEEDED},
    "recovery": {SESSION_ISSUED: RECOVERY_SUCCEEDED},
    "verification": {VERIFICATION_SUCCEEDED: VERIFICATION_SUCCEEDED},
}
FAILS: Final = {
    "registration": REGISTRATION_FAILED,
    "login": LOGIN_FAILED,
    "settings": SETTINGS_FAILED,
    "recovery": RECOVERY_FAILED,
    "verification": VERIFICATION_FAILED,
}
