"""What a provider says about a person, in the names of OpenID Connect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from identity_server.methods.oidc_method.refusals import ProviderRefused

_TEXTS: Final = (
    "oid",
    "name",
    "given_name",
    "family_name",
    "last_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "hd",
    "team",
    "nonce",
    "acr",
)
_TRUTHS: Final = ("email_verified", "phone_number_verified", "nonce_supported")
#: A subject is part of an identifier; the standard allows 255 characters.
_LONGEST_SUBJECT: Final = 255


@dataclass(frozen=True)
class Claims:
    """Who a provider says somebody is.

    Attributes:
        subject: what tells the provider's accounts apart; never reused, never an address.
        values: the standard's claims that have a value of the right type.
        raw: all that the provider sent.
    """

    issuer: str
    subject: str
    values: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    def for_mapper(self) -> dict[str, Any]:
        """What the mapper sees as ``claims``; what is empty is left out."""
        return {"iss": self.issuer, "sub": self.subject, **self.values, "raw_claims": dict(self.raw)}

    @property
    def acr(self) -> str:
        """The level that the provider says it reached."""
        return str(self.values.get("acr") or "")

    @property
    def amr(self) -> list[str]:
        """The ways in which the provider says it made sure."""
        return list(self.values.get("amr") or ())


def claims_of(raw: Mapping[str, Any], *, issuer: str = "", subject: str = "", **known: Any) -> Claims:
    """The claims behind a provider's answer.

    Args:
        issuer, subject: what stands for ``iss`` and ``sub`` where the vendor calls them otherwise.
        known: claims that the vendor calls otherwise, by their standard names.

    Raises:
        ProviderRefused: without an issuer or a usable subject.
    """
    named = {**raw, **known}
    issuer, subject = issuer or _text(named.get("iss")), subject or _text(named.get("sub"))
    if not issuer or not subject or len(subject) > _LONGEST_SUBJECT:
        raise ProviderRefused("The provider did not say who signed in.")
    values: dict[str, Any] = {}
    for names, read in _READERS:
        values.update({name: value for name in names if (value := read(named.get(name)))})
    return Claims(issuer, subject, values, raw)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _truth(value: object) -> bool:
    """Some vendors send truth values as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _list(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


_READERS: Final[tuple[tuple[tuple[str, ...], Callable[[object], Any]], ...]] = (
    (_TEXTS, _text),
    (_TRUTHS, _truth),
    (("updated_at",), _number),
    (("amr",), _list),
)
