"""The keyword ``ory.sh/kratos``: what a trait is for."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from jsonschema import Draft7Validator

from .errors import DocumentError

KEYWORD: Final = "ory.sh/kratos"
Via = Literal["email", "sms"]

_FLAG: Final = {"type": "boolean"}
_VIA: Final = {"enum": ["email", "sms"]}


def _closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


_RULES: Final = Draft7Validator(
    _closed(
        credentials=_closed(
            password=_closed(identifier=_FLAG),
            webauthn=_closed(identifier=_FLAG),
            passkey=_closed(display_name=_FLAG),
            totp=_closed(account_name=_FLAG),
            code=_closed(identifier=_FLAG, via=_VIA),
        ),
        verification=_closed(via=_VIA),
        recovery=_closed(via=_VIA),
        organizations=_closed(matcher={"enum": ["email_domain"]}),
    )
)

#: What an address that will be verified must declare itself to be.
VERIFIABLE_FORMATS: Final = frozenset(("email", "tel", "date", "time", "date-time", "no-validate"))


@dataclass(frozen=True, slots=True)
class Extension:
    """The keyword's value.

    Attributes:
        identifies: credentials that the trait identifies an account for: ``password``, ``webauthn``.
        code_via: the channel of one-time codes for signing in.
        verification_via, recovery_via: the channel that the trait is an address of.
        totp_account_name, passkey_display_name: whether the trait names the account in an authenticator.
    """

    identifies: tuple[str, ...] = ()
    code_via: Via | None = None
    verification_via: Via | None = None
    recovery_via: Via | None = None
    totp_account_name: bool = False
    passkey_display_name: bool = False

    @property
    def is_identifier(self) -> bool:
        """Whether somebody can sign in with the trait."""
        return bool(self.identifies or self.code_via)


def parse(schema: dict[str, Any]) -> Extension | None:
    """The keyword in one subschema, or None.

    Raises:
        DocumentError: the keyword has members that do not exist, or a verifiable trait has no format.
    """
    value = schema.get(KEYWORD)
    if value is None:
        return None
    error = next(iter(_RULES.iter_errors(value)), None)
    if error is not None:
        raise DocumentError(f"{'/'.join([KEYWORD, *map(str, error.absolute_path)])} {_explained(error)}")
    if "verification" in value and schema.get("format") not in VERIFIABLE_FORMATS:
        allowed = ", ".join(sorted(VERIFIABLE_FORMATS))
        raise DocumentError(f"a trait with {KEYWORD}/verification needs a format, one of {allowed}")
    return _extension(value)


def _extension(value: dict[str, Any]) -> Extension:
    credentials: dict[str, Any] = value.get("credentials", {})
    code = credentials.get("code", {})
    return Extension(
        identifies=tuple(name for name in ("password", "webauthn") if credentials.get(name, {}).get("identifier")),
        code_via=code.get("via", "email") if code.get("identifier") else None,
        verification_via=value.get("verification", {}).get("via"),
        recovery_via=value.get("recovery", {}).get("via"),
        totp_account_name=credentials.get("totp", {}).get("account_name", False),
        passkey_display_name=credentials.get("passkey", {}).get("display_name", False),
    )


def _explained(error: Any) -> str:
    match error.validator:
        case "additionalProperties":
            return f"knows only {', '.join(error.schema['properties'])}"
        case "enum":
            return f"must be one of {', '.join(error.validator_value)}"
        case _:
            return f"must be of type {error.validator_value}"
