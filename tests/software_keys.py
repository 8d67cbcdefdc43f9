"""Security keys made of software: they answer as browsers do, rightly or as an attacker would."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN, SITE = "https://app.test", "app.test"


def text(octets: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(value: str) -> bytes:
    """The bytes behind it."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass(frozen=True)
class Pair:
    """A key pair: its public half in COSE's form, and what signs."""

    cose: dict[int, Any]
    sign: Callable[[bytes], bytes]


def elliptic(algorithm: int = -7) -> Pair:
    """ECDSA: ES256, ES384 or ES512."""
    curve, number, digest = {
        -7: (ec.SECP256R1(), 1, hashes.SHA256()),
        -35: (ec.SECP384R1(), 2, hashes.SHA384()),
        -36: (ec.SECP521R1(), 3, hashes.SHA512()),
    }[algorithm]
    private = ec.generate_private_key(curve)
    point, size = private.public_key().public_numbers(), (curve.key_size + 7) // 8
    cose = {1: 2, 3: algorithm, -1: number, -2: point.x.to_bytes(size, "big"), -3: point.y.to_bytes(size, "big")}
    return Pair(cose, lambda data: private.sign(data, ec.ECDSA(digest)))


def with_rsa(algorithm: int = -257, bits: int = 2048) -> Pair:
    """RSA, PKCS #1 v1.5 or PSS."""
    private = rsa.generate_private_key(65537, bits)
    numbers = private.public_key().public_numbers()
    digest = {257: hashes.SHA256(), 258: hashes.SHA384(), 259: hashes.SHA512()}.get(-algorithm)
    pss = {37: hashes.SHA256(), 38: hashes.SHA384(), 39: hashes.SHA512()}.get(-algorithm)
    cose = {1: 3, 3: algorithm, -1: numbers.n.to_bytes(bits // 8, "big"), -2: b"\x01\x00\x01"}
    if digest is not None:
        return Pair(cose, lambda data: private.sign(data, padding.PKCS1v15(), digest))
    assert pss is not None
    scheme = padding.PSS(padding.MGF1(pss), pss.digest_size)
    return Pair(cose, lambda data: private.sign(data, scheme, pss))


def edwards() -> Pair:
    """Ed25519."""
    private = ed25519.Ed25519PrivateKey.generate()
    return Pair({1: 1, 3: -8, -1: 6, -2: private.public_key().public_bytes_raw()}, private.sign)


@dataclass
class SoftwareKey:
    """A key.

    Attributes:
        count: how often it was used; a step of 0 makes a key that does not count.
        user: the handle of the user whom it was made for.
    """

    pair: Pair = field(default_factory=elliptic)
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    model: bytes = bytes(16)
    count: int = 0
    step: int = 1
    user: bytes = b""
    flags: int = PRESENT | VERIFIED

    def create(self, options: Any, origin: str = ORIGIN, **client: Any) -> dict[str, Any]:
        """The answer to ``navigator.credentials.create``."""
        public = _public(options)
        self.user = octets(public["user"]["id"])
        said = self._client("webauthn.create", public, origin, client)
        attested = self.model + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(self.pair.cose)
        data = self._header(public["rp"]["id"], ATTESTED) + attested
        response = {
            "clientDataJSON": text(said),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(response)

    def get(self, options: Any, origin: str = ORIGIN, *, site: str = "", **client: Any) -> dict[str, Any]:
        """The answer to ``navigator.credentials.get``."""
        public = _public(options)
        said = self._client("webauthn.get", public, origin, client)
        data = self._header(site or public["rpId"])
        response = {
            "clientDataJSON": text(said),
            "authenticatorData": text(data),
            "signature": text(self.pair.sign(data + hashlib.sha256(said).digest())),
            "userHandle": text(self.user),
        }
        return self._answer(response)

    def _header(self, site: str, more: int = 0) -> bytes:
        self.count += self.step
        flags = bytes([self.flags | more])
        return hashlib.sha256(site.encode()).digest() + flags + self.count.to_bytes(4, "big")

    @staticmethod
    def _client(kind: str, public: dict[str, Any], origin: str, more: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": public["challenge"], "origin": origin, "crossOrigin": False, **more}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}


def _public(options: Any) -> dict[str, Any]:
    parsed = json.loads(options) if isinstance(options, str) else options
    parsed = parsed.get("credentialOptions", parsed)
    return dict(parsed["publicKey"])
