"""Checks ID tokens (OpenID Connect Core 1.0, 3.1.3.7): who signed them, for whom, and when.

Only public keys verify: a token that is unsigned, or signed with a shared secret, is refused whatever its header says,
so that nobody signs with a public key's text as the secret.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import orjson

from identity_server.ciphers.comparison import compare
from identity_server.methods.oidc_method.key_sets import Key, KeySets
from identity_server.methods.oidc_method.refusals import ProviderRefused

#: Each algorithm with the kind of key that it needs.
ALGORITHMS: Final[Mapping[str, str]] = {
    **{f"{family}{bits}": "RSA" for family in ("RS", "PS") for bits in (256, 384, 512)},
    **{f"ES{bits}": "EC" for bits in (256, 384, 512)},
    "EdDSA": "OKP",
}
_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
#: How far clocks may be apart.
LEEWAY: Final = 60.0
_MOST_BYTES: Final = 64 * 1024
_SMALLEST_RSA: Final = 2048


async def signed_claims(token: str, jwks: str, keys: KeySets, allowed: Collection[str] = ()) -> dict[str, Any]:
    """The claims of a token that one of the issuer's keys signed.

    Args:
        jwks: where the issuer's keys are.
        allowed: the algorithms that the issuer says it uses; empty for RS256 alone.

    Raises:
        ProviderRefused: the token is not signed like that.
        ApiError: 502 when the keys cannot be read.
    """
    import jwt

    if len(token) > _MOST_BYTES:
        raise ProviderRefused("The provider's token is too long.")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise ProviderRefused("The provider's token cannot be read.") from None
    algorithm = str(header.get("alg"))
    if algorithm not in ALGORITHMS or algorithm not in (set(allowed) or {"RS256"}):
        raise ProviderRefused(f"The provider's token is signed with {algorithm[:20]!r}, which is not allowed.")
    kid = header.get("kid")
    for key in await keys.candidates(jwks, kid if isinstance(kid, str) else ""):
        claims = _verified(token, key, algorithm)
        if claims is not None:
            return claims
    raise ProviderRefused("The provider's token is signed with none of the provider's keys.")


def _verified(token: str, key: Key, algorithm: str) -> dict[str, Any] | None:
    import jwt

    if not fits(key, algorithm):
        return None
    try:
        found = jwt.PyJWK(dict(key), algorithm)
        if getattr(found.key, "key_size", _SMALLEST_RSA) < _SMALLEST_RSA and key.get("kty") == "RSA":
            return None
        payload = jwt.PyJWS().decode(token, found, algorithms=[algorithm])
        claims = orjson.loads(payload)
    except (jwt.PyJWTError, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def fits(key: Key, algorithm: str) -> bool:
    """Whether a key is for signing, and for this algorithm."""
    if key.get("kty") != ALGORITHMS[algorithm] or key.get("use", "sig") != "sig":
        return False
    if key.get("alg", algorithm) != algorithm:
        return False
    return algorithm not in _CURVES or key.get("crv") == _CURVES[algorithm]


def check(
    claims: Mapping[str, Any],
    *,
    issuers: Collection[str],
    audiences: Sequence[str],
    nonce: str = "",
    now: float | None = None,
) -> None:
    """Refuses what was made by somebody else, for somebody else, for another sign-in, or at another time.

    Args:
        issuers: who may have made it.
        audiences: our client ids; the first is the one that asks for codes.
        nonce: what was sent along; a token must then carry it, and none when nothing was sent.

    Raises:
        ProviderRefused: with what is wrong.
    """
    if claims.get("iss") not in issuers:
        raise ProviderRefused("The provider's token was issued by somebody else.")
    named = claims.get("aud")
    for_whom = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    if not set(audiences).intersection(item for item in for_whom if isinstance(item, str)):
        raise ProviderRefused("The provider's token was issued for another client.")
    if len(for_whom) > 1 and "azp" not in claims:
        raise ProviderRefused("The provider's token is for several clients and does not say which one asked for it.")
    if "azp" in claims and claims["azp"] not in audiences:
        raise ProviderRefused("The provider's token was asked for by another client.")
    _check_times(claims, time.time() if now is None else now)
    carried = claims.get("nonce", "")
    if not isinstance(carried, str) or not compare(carried, nonce):
        raise ProviderRefused("The provider's token belongs to another sign-in.")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    def moment(name: str, default: float | None = None) -> float:
        value = claims.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ProviderRefused(f"The provider's token has no proper {name}.")
        return float(value)

    if moment("exp") + LEEWAY <= now:
        raise ProviderRefused("The provider's token has expired.")
    if moment("iat", now) > now + LEEWAY or moment("nbf", now) > now + LEEWAY:
        raise ProviderRefused("The provider's token is from the future; the clocks of both servers differ.")
