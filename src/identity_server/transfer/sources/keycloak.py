"""Users of a Keycloak realm export, with ``kc.sh export --users realm_file`` or one of its files of users.

What the schema has no trait for is kept in ``metadata_admin.keycloak``, so that nothing is lost. A credential that this
server cannot check refuses its user: without a second factor the account would be easier to enter than it was.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from identity_server import times
from identity_server.transfer import texts
from identity_server.transfer.sources.json_rows import items
from identity_server.transfer.sources.keycloak_credentials import NotTaken, take
from identity_server.transfer.sources.row import Row

#: Traits that a field of Keycloak's usually is called.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "email": ("email",),
    "username": ("username", "user_name", "login"),
    "firstName": ("name.first", "first_name", "firstName", "given_name", "name.given"),
    "lastName": ("name.last", "last_name", "lastName", "family_name", "name.family"),
}
_KEPT = ("requiredActions", "realmRoles", "clientRoles", "groups", "federationLink")


class KeycloakRealm:
    """The users of a realm.

    Args:
        traits: names of the schema's traits, such as ``name.first``.
        renamed: Keycloak's fields (``username``, ``attributes.phone``) by the trait that they fill.
        drops_unsupported: take users without the credentials that this server cannot check.
    """

    def __init__(
        self,
        stream: IO[bytes],
        traits: Collection[str],
        renamed: Mapping[str, str] | None = None,
        *,
        drops_unsupported: bool = False,
    ) -> None:
        self._stream = stream
        self._traits = traits
        self._renamed = {trait.removeprefix("traits."): field for trait, field in (renamed or {}).items()}
        self._drops = drops_unsupported

    def rows(self) -> Iterator[Row]:
        """Every user; accounts of clients are no people and are skipped."""
        for number, user in enumerate(items(self._stream, "users.item"), 1):
            yield self._row(number, user)

    def _row(self, number: int, user: Any) -> Row:
        if not isinstance(user, dict):
            return Row(number, fault="It is no JSON object.")
        if client := user.get("serviceAccountClientId"):
            return Row(number, fault=f"It is the account of the client {client}, not of a person.", skipped=True)
        try:
            return Row(number, self._record(user), as_text=True)
        except NotTaken as error:
            return Row(number, fault=str(error))
        except (AttributeError, TypeError, ValueError, OverflowError):
            return Row(number, fault="It does not have the form of Keycloak's users.")

    def _record(self, user: dict[str, Any]) -> dict[str, Any]:
        fields = _fields(user)
        traits, used = self._filled(fields)
        credentials, dropped = take(user, drops_unsupported=self._drops)
        email = user.get("email")
        created = user.get("createdTimestamp")
        record: dict[str, Any] = {
            "traits": texts.nested((path, value) for path, value in traits.items()),
            "state": "inactive" if user.get("enabled") is False else "active",
            "metadata_admin": {"keycloak": _rest(user, fields, used, dropped)},
            "credentials": credentials,
        }
        if user.get("id") and _is_uuid(str(user["id"])):
            record["id"] = str(user["id"])
        if created:
            record["created_at"] = times.text(datetime.fromtimestamp(int(created) / 1000, UTC))
        if email and user.get("emailVerified"):
            record["verifiable_addresses"] = [{"value": str(email), "via": "email", "verified": True}]
        return record

    def _filled(self, fields: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """The traits by their paths, and the fields that they hold whole."""
        traits: dict[str, Any] = {}
        used: set[str] = set()
        for trait in dict.fromkeys([*self._traits, *self._renamed]):
            field = self._field_of(trait)
            values = fields.get(field)
            if not values:
                continue
            traits[trait] = values[0] if len(values) == 1 else values
            if len(values) == 1:
                used.add(field)
        return traits, used

    def _field_of(self, trait: str) -> str:
        if trait in self._renamed:
            return self._renamed[trait]
        usual = next((field for field, names in _USUAL.items() if trait in names), "")
        return usual or f"attributes.{trait}"


def _fields(user: Mapping[str, Any]) -> dict[str, list[str]]:
    """All fields that a trait can be filled from; each is a list, as attributes are."""
    found = {name: [str(user[name])] for name in _USUAL if user.get(name)}
    for name, values in (user.get("attributes") or {}).items():
        found[f"attributes.{name}"] = [str(each) for each in (values if isinstance(values, list) else [values])]
    return found


def _rest(user: Mapping[str, Any], fields: Mapping[str, Any], used: set[str], dropped: list[str]) -> dict[str, Any]:
    """What no trait holds."""
    rest: dict[str, Any] = {name: user[name] for name in ("id", *_KEPT) if user.get(name)}
    for field, values in fields.items():
        if field in used:
            continue
        section, _, name = field.rpartition(".") if field.startswith("attributes.") else ("", "", field)
        if section:
            rest.setdefault("attributes", {})[name] = values
        else:
            rest[name] = values[0]
    if dropped:
        rest["dropped_credentials"] = dropped
    return rest


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
