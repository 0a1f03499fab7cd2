"""Checks an ID token: issuer, audience, time, signature, and that it belongs to this sign-in.

The checks are those of OpenID Connect Core, 3.1.3.7.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from adapters.outbound.oidc.provider import PublicKey

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that only the provider can make. `none` and shared secrets are never accepted."""
LEEWAY_SECONDS = 60
_KIND = {"R": "RSA", "P": "RSA", "E": "EC"}
_BROKEN = (JoseError, ValueError, TypeError, AttributeError, RecursionError)
# Header members that RFC 7515 does not define must be ignored, not refused.
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


class InvalidIdToken(Exception):
    """The token is not valid. The text says why and contains no part of the token."""


class KeyUnknown(InvalidIdToken):
    """The token is signed with a key that is not among the known keys."""


def key_of(token: str, keys: Sequence[PublicKey]) -> PublicKey:
    """Return the key that the token names. Raises KeyUnknown, InvalidIdToken."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm, kid = header["alg"], header.get("kid")
    except _BROKEN as error:
        raise InvalidIdToken("the token cannot be read") from error
    if algorithm not in ALGORITHMS:
        raise InvalidIdToken("the token's signature algorithm is not accepted")
    fitting = [
        key
        for key in keys
        if key.key_type == _KIND[algorithm[0]] and key.alg in (None, algorithm) and kid in (None, key.kid)
    ]
    if len(fitting) != 1:
        raise KeyUnknown("the token's key is not one of the provider's")
    return fitting[0]


def claims_of(
    token: str, key: PublicKey, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """Return the checked claims. Raises InvalidIdToken."""
    try:
        claims = jwt.decode(token, key, registry=_REGISTRY).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
    except _BROKEN as error:
        named = getattr(error, "claim", "")
        why = f"its {named} is not right" if named in ("iss", "aud", "exp", "iat", "nbf") else "its signature is wrong"
        raise InvalidIdToken(f"the token does not hold: {why}") from error
    _check_audience(claims, client_id)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(errors="replace"), nonce.encode()):
        raise InvalidIdToken("the token answers another sign-in: its nonce is not right")
    return claims


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Check that a token for several audiences was made for this client."""
    authorized = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if authorized != client_id and (several or authorized is not None):
        raise InvalidIdToken("the token was made for another client: its azp is not right")
