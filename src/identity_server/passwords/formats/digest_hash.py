"""One digest over password and salt: LDAP's ``{SSHA…}``, and ``$md5$``, ``$sha1$``, ``$sha256$``, ``$sha512$``.

The latter carry a template: ``$sha256$pf=<template>$<salt>$<digest>``, all in base64, where the template is
text with ``{SALT}`` and ``{PASSWORD}`` in it. MD5 also comes without both: ``$md5$<digest>``.
"""

import hashlib
import re
from dataclasses import dataclass, field

from identity_server.ciphers.comparison import compare
from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.formats.pieces import decode, fields, key
from identity_server.passwords.limits import Limits

_LDAP = {"{SSHA}": "sha1", "{SSHA256}": "sha256", "{SSHA512}": "sha512"}
_DIGESTS = ("md5", "sha1", "sha256", "sha512")
_TEMPLATED = re.compile(r"\$\w+\$pf=(?P<template>[^$]+)\$(?P<salt>[^$]*)\$(?P<digest>[^$]+)", re.ASCII)
_BARE_MD5 = re.compile(r"\$md5\$(?P<digest>[^$]+)", re.ASCII)
_PLACES = re.compile(rb"\{SALT\}|\{PASSWORD\}")
_PASSWORD = b"{PASSWORD}"


@dataclass(frozen=True)
class DigestHash:
    """``digest`` as hashlib names it."""

    algorithm: str
    digest: str
    template: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def matches(self, password: bytes) -> bool:
        """Both places are filled in one pass: a password that reads ``{SALT}`` stays as it is."""
        text = _PLACES.sub(lambda place: password if place[0] == _PASSWORD else self.salt, self.template)
        return compare(hashlib.new(self.digest, text, usedforsecurity=False).digest(), self.key)


def parse_ldap(text: str, limits: Limits) -> DigestHash | None:
    prefix = next((name for name in _LDAP if text.startswith(name)), None)
    if prefix is None:
        return None
    digest = _LDAP[prefix]
    size = hashlib.new(digest, usedforsecurity=False).digest_size
    value = key(text.removeprefix(prefix), f"the text behind {prefix}")
    if len(value) < size:
        raise UnsupportedHash(f"the text behind {prefix} must hold {size} bytes of digest and then the salt")
    return DigestHash(prefix.strip("{}").lower(), digest, b"{PASSWORD}{SALT}", value[size:], value[:size])


def parse_sha(text: str, limits: Limits) -> DigestHash | None:
    return _templated(text, _DIGESTS[1:])


def parse_md5(text: str, limits: Limits) -> DigestHash | None:
    bare = _BARE_MD5.fullmatch(text)
    if bare is not None:
        return _checked("md5", _PASSWORD, b"", key(bare["digest"], "md5 digest"))
    return _templated(text, _DIGESTS[:1])


def _templated(text: str, digests: tuple[str, ...]) -> DigestHash | None:
    digest = next((name for name in digests if text.startswith(f"${name}$")), None)
    if digest is None:
        return None
    found = fields(_TEMPLATED, text, digest)
    template = decode(found["template"], f"{digest} template")
    if _PASSWORD not in template:
        raise UnsupportedHash(f"{digest} template must contain {{PASSWORD}}")
    return _checked(digest, template, decode(found["salt"], f"{digest} salt"), key(found["digest"], f"{digest} digest"))


def _checked(digest: str, template: bytes, salt: bytes, secret: bytes) -> DigestHash:
    size = hashlib.new(digest, usedforsecurity=False).digest_size
    if len(secret) != size:
        raise UnsupportedHash(f"{digest} digest must have {size} bytes")
    return DigestHash(digest, digest, template, salt, secret)
