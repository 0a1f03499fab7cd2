"""OpenID Connect: authorization code with PKCE, and a complete check of the ID token.

Reasons: docs/decisions/0030-sign-in-with-openid-connect.md.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus

from yarl import URL

from adapters.net.public_address import Network
from adapters.outbound.oidc.auth_state import SECRET_BYTES, AuthState
from adapters.outbound.oidc.id_token import InvalidIdToken, KeyUnknown, claims_of, key_of
from adapters.outbound.oidc.provider import Provider, ProviderMetadata
from adapters.outbound.oidc.refusals import not_certain, refused, unreachable, wrong_setup
from adapters.outbound.oidc.transport import DEADLINE_SECONDS, Transport
from core.model.shared.secret import Secret
from ports.clock import Clock
from ports.identity import AuthorizationRequest, Identity, Verified
from ports.random import Random

_CLIENT_REFUSED = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The registration of this installation at the provider. `back` is the redirect address."""

    id: str
    secret: Secret
    back: str


class OidcIdentity(Identity):
    def __init__(
        self,
        *,
        issuer: str,
        name: str,
        client: Client,
        clock: Clock,
        random: Random,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._name = name
        self._client = client
        self._clock = clock
        self._random = random
        self._transport = Transport(name, allowed_networks, hosted, deadline_seconds)
        self._provider = Provider(issuer, name, self._transport, clock)

    @property
    def name(self) -> str:
        return self._name

    async def begin(self, page: str) -> AuthorizationRequest:
        kept = AuthState.make(self._random.token(SECRET_BYTES), self._clock.now(), page)
        places = await self._provider.metadata()
        asked = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": self._client.back,
            "scope": "openid email",
            "state": kept.state,
            "nonce": kept.nonce,
            "code_challenge": kept.challenge,
            "code_challenge_method": "S256",
        }
        return AuthorizationRequest(str(URL(places.authorization).update_query(asked)), kept.text)

    async def finish(self, answer: Mapping[str, str], kept: str) -> Verified:
        begun = self._begun_here(answer, kept)
        places = await self._provider.metadata()
        if answer.get("iss", None if places.names_itself else self._provider.issuer) != self._provider.issuer:
            raise not_certain(self._name, "the answer comes from another provider: its iss is not right")
        if "error" in answer:
            raise self._refused_there(answer["error"])
        if not answer.get("code"):
            raise not_certain(self._name, "the answer carries no code")
        token = await self._exchange(places, answer["code"], begun.verifier)
        try:
            claims = await self._claims(token, begun.nonce)
        except InvalidIdToken as error:
            raise not_certain(self._name, str(error)) from error
        return Verified(self._email(claims), begun.page)

    async def examine(self) -> None:
        """Check that the provider answers, is the configured one, and has keys. Raises the same errors as `begin`."""
        await self._provider.metadata()
        if not await self._provider.keys(anew=True):
            raise wrong_setup(self._name, "the provider publishes no key that can check a signature.")

    def _begun_here(self, answer: Mapping[str, str], text: str) -> AuthState:
        """Check that this browser began the sign-in, or attackers could sign others in to an account of their own."""
        kept = AuthState.read(text)
        if kept is None or not hmac.compare_digest(answer.get("state", "").encode(), kept.state.encode()):
            raise refused("This sign-in did not begin in this browser, or was used already.", "state not right")
        if not kept.alive(self._clock.now()):
            raise refused("This sign-in took longer than ten minutes.", "begun too long ago")
        return kept

    def _refused_there(self, error: str) -> Exception:
        if error == "access_denied":
            return refused(f"{self._name} did not let you in, or you cancelled there.", "access_denied")
        if error in ("temporarily_unavailable", "server_error"):
            return unreachable(self._name, "it reports an internal error.")
        if error in (*_CLIENT_REFUSED, "invalid_request", "unsupported_response_type"):
            return wrong_setup(self._name, f"the provider refuses the request ({error}).")
        return refused(f"{self._name} did not sign you in.", "the provider answers with an error")

    async def _exchange(self, places: ProviderMetadata, code: str, verifier: str) -> str:
        """Return the ID token for a code. A code works once."""
        secret = self._client.secret.reveal()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.back,
            "code_verifier": verifier,
        }
        headers = {}
        if places.by_form:
            form |= {"client_id": self._client.id, "client_secret": secret}
        else:
            pair = f"{quote_plus(self._client.id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, document = await self._transport.post(places.token, headers, form)
        token = document.get("id_token")
        if status == HTTPStatus.OK and isinstance(token, str):
            return token
        if status == HTTPStatus.UNAUTHORIZED or document.get("error") in _CLIENT_REFUSED:
            raise wrong_setup(self._name, "the provider refuses the client id or the client secret.")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise unreachable(self._name, f"it answers with HTTP {status}.")
        raise not_certain(self._name, f"no ID token for the code (HTTP {status})")

    async def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """Return the claims of the token. An unknown key may be new, so the keys are read once more."""
        try:
            key = key_of(token, await self._provider.keys())
        except KeyUnknown:
            key = key_of(token, await self._provider.keys(anew=True))
        return claims_of(
            token, key, issuer=self._provider.issuer, client_id=self._client.id, nonce=nonce, now=self._clock.now()
        )

    def _email(self, claims: Mapping[str, Any]) -> str:
        email = claims.get("email")
        if not isinstance(email, str) or not email.isprintable() or "@" not in email:
            raise refused(
                f"{self._name} did not say which e-mail address is yours.",
                "no email in the ID token",
                "Ask its administrator to give the claims email and email_verified to Jobferry.",
            )
        if claims.get("email_verified") is not True:
            raise refused(
                f"{self._name} has not verified your e-mail address.",
                "email_verified is not true",
                "Verify the address there, or ask its administrator, and sign in again.",
            )
        return email
