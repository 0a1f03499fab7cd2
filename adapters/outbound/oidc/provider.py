"""The provider's metadata (addresses) and signing keys. Both are cached for some time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from yarl import URL

from adapters.outbound.oidc.refusals import wrong_setup
from adapters.outbound.oidc.transport import Transport
from ports.clock import Clock

KEPT_SECONDS = 3600.0
_WELL_KNOWN = "/.well-known/openid-configuration"
PublicKey = RSAKey | ECKey
_KINDS: Mapping[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """`by_form`: the provider accepts our secret only in the form. `names_itself`: answers have `iss` (RFC 9207)."""

    authorization: str
    token: str
    keys: str
    by_form: bool
    names_itself: bool


class Provider:
    def __init__(self, issuer: str, name: str, transport: Transport, clock: Clock) -> None:
        self.issuer = issuer
        self.name = name
        self._transport = transport
        self._clock = clock
        self._metadata: tuple[float, ProviderMetadata] | None = None
        self._keys: tuple[float, tuple[PublicKey, ...]] | None = None

    async def metadata(self) -> ProviderMetadata:
        """Return the metadata. Raises TimeMends (IDENTITY_UNREACHABLE), and OperatorMends (IDENTITY_SETUP) if the
        provider is not the configured one."""
        if self._metadata is None or self._old(self._metadata[0]):
            document = await self._transport.read(self.issuer.rstrip("/") + _WELL_KNOWN)
            self._metadata = (self._clock.boot_seconds(), self._understood(document))
        return self._metadata[1]

    async def keys(self, *, anew: bool = False) -> tuple[PublicKey, ...]:
        """Return the keys that check signatures. `anew` reads them again. Raises the same errors as `metadata`."""
        if anew or self._keys is None or self._old(self._keys[0]):
            document = await self._transport.read((await self.metadata()).keys)
            self._keys = (self._clock.boot_seconds(), _public_keys(document))
        return self._keys[1]

    def _old(self, since: float) -> bool:
        return self._clock.boot_seconds() - since >= KEPT_SECONDS

    def _understood(self, document: Mapping[str, Any]) -> ProviderMetadata:
        if document.get("issuer") != self.issuer:
            called = str(document.get("issuer"))[:200]
            shown = called if called.isascii() and called.isprintable() else "something else"
            raise wrong_setup(
                self.name, f"the provider's issuer is {shown}, and JOBFERRY_OIDC_ISSUER must be exactly the same."
            )
        ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return ProviderMetadata(
            authorization=self._address(document, "authorization_endpoint"),
            token=self._address(document, "token_endpoint"),
            keys=self._address(document, "jwks_uri"),
            by_form=isinstance(ways, list) and "client_secret_basic" not in ways,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _address(self, document: Mapping[str, Any], field: str) -> str:
        """Return an address of the provider. It must be https, unless the operator configured a provider without."""
        named = document.get(field)
        try:
            url = URL(named) if isinstance(named, str) else URL()
        except ValueError:
            url = URL()
        if not url.host or url.scheme not in ("https", URL(self.issuer).scheme):
            raise wrong_setup(self.name, f"the provider's metadata has no usable {field}.")
        return str(named)


def _public_keys(document: Mapping[str, Any]) -> tuple[PublicKey, ...]:
    """Return the keys with a known type. Others are ignored: providers also publish keys for other uses."""
    listed = document.get("keys")
    found: list[PublicKey] = []
    for one in listed if isinstance(listed, list) else []:
        kind = _KINDS.get(str(one.get("kty"))) if isinstance(one, dict) and one.get("use", "sig") == "sig" else None
        if kind:
            with suppress(JoseError, ValueError, TypeError):
                found.append(kind.import_key(one))
    return tuple(found)
