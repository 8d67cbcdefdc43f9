"""Signatures of keys: public keys in COSE's form (RFC 9052, 9053, 8230, 8812) and the algorithms that we ask for."""

from collections.abc import Callable
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from identity_server.methods.security_keys.authenticator_data import cbor

_EC2, _RSA, _OKP = 2, 3, 1
_CURVES: Final[dict[int, Callable[[], ec.EllipticCurve]]] = {1: ec.SECP256R1, 2: ec.SECP384R1, 3: ec.SECP521R1}
_ED25519: Final = 6
_ECDSA: Final[dict[int, Callable[[], hashes.HashAlgorithm]]] = {
    -7: hashes.SHA256,
    -35: hashes.SHA384,
    -36: hashes.SHA512,
}
_PKCS1: Final[dict[int, Callable[[], hashes.HashAlgorithm]]] = {
    -257: hashes.SHA256,
    -258: hashes.SHA384,
    -259: hashes.SHA512,
}
_PSS: Final[dict[int, Callable[[], hashes.HashAlgorithm]]] = {
    -37: hashes.SHA256,
    -38: hashes.SHA384,
    -39: hashes.SHA512,
}
_EDDSA: Final = -8
#: Larger ones take longer to check than a sign-in may; smaller ones can be broken.
_RSA_BITS: Final = range(2048, 8193)
_LARGEST_EXPONENT: Final = 2**32

Check = Callable[[bytes, bytes], None]


class UnusableKey(ValueError):
    """A public key that is damaged, or of an algorithm that we do not ask for."""


def is_signed(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the key signed the data.

    Raises:
        UnusableKey: when the key cannot be used.
    """
    try:
        usable(public_key)(signature, data)
    except InvalidSignature:
        return False
    return True


def usable(public_key: bytes) -> Check:
    """What raises ``InvalidSignature`` for signatures that are not the key's.

    Raises:
        UnusableKey: when the key cannot be used.
    """
    try:
        fields = cbor(public_key)
        if not isinstance(fields, dict):
            raise UnusableKey("the public key is no map")
        return _KINDS[fields[1]](fields)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise UnusableKey("the public key cannot be used") from error


def _elliptic(fields: dict[int, Any]) -> Check:
    curve, digest = _CURVES[fields[-1]](), _ECDSA[fields[3]]()
    x, y = int.from_bytes(fields[-2], "big"), int.from_bytes(fields[-3], "big")
    key = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
    return lambda signature, data: key.verify(signature, data, ec.ECDSA(digest))


def _rsa(fields: dict[int, Any]) -> Check:
    number, exponent = int.from_bytes(fields[-1], "big"), int.from_bytes(fields[-2], "big")
    if number.bit_length() not in _RSA_BITS or exponent > _LARGEST_EXPONENT:
        raise UnusableKey("the RSA key is too small or too large")
    key = rsa.RSAPublicNumbers(exponent, number).public_key()
    if fields[3] in _PKCS1:
        digest = _PKCS1[fields[3]]()
        return lambda signature, data: key.verify(signature, data, padding.PKCS1v15(), digest)
    digest = _PSS[fields[3]]()
    # RFC 8230 §2: the salt is as long as the digest.
    scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return lambda signature, data: key.verify(signature, data, scheme, digest)


def _edwards(fields: dict[int, Any]) -> Check:
    if fields[3] != _EDDSA or fields[-1] != _ED25519:
        raise UnusableKey("only Ed25519 is known of its kind")
    return ed25519.Ed25519PublicKey.from_public_bytes(fields[-2]).verify


_KINDS: Final[dict[int, Callable[[dict[int, Any]], Check]]] = {_EC2: _elliptic, _RSA: _rsa, _OKP: _edwards}
