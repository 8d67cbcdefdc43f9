"""All rooms, in the order in which they are asked."""

from identity_server.methods.code_method import CodeMethod
from identity_server.methods.identifier_first_method import IdentifierFirstMethod
from identity_server.methods.interface import Method
from identity_server.methods.link_method import LinkMethod
from identity_server.methods.lookup_secret_method import LookupSecretMethod
from identity_server.methods.oidc_method import OidcMethod
from identity_server.methods.passkey_method import PasskeyMethod
from identity_server.methods.password_method import PasswordMethod
from identity_server.methods.profile_method import ProfileMethod
from identity_server.methods.totp_method import TotpMethod
from identity_server.methods.webauthn_method import WebauthnMethod


def rooms() -> list[Method]:
    """The methods of this server."""
    return [
        ProfileMethod(),
        IdentifierFirstMethod(),
        OidcMethod(),
        PasswordMethod(),
        CodeMethod(),
        LinkMethod(),
        TotpMethod(),
        PasskeyMethod(),
        WebauthnMethod(),
        LookupSecretMethod(),
    ]
