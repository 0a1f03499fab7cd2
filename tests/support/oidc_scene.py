"""A provider of OpenID Connect on a socket of its own, strict as a real one, that signs whatever a test wants it to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_network
from typing import Any

import aiohttp
from aiohttp import web
from joserfc import jws
from joserfc.jwk import RSAKey
from yarl import URL

from adapters.inbound.console.handlers.sign_in import LOCAL_COOKIE
from adapters.inbound.server.listener import ConnectionLimiter, serving
from adapters.outbound.oidc.oidc_identity import Client, OidcIdentity
from adapters.outbound.random import SystemRandom
from core.model.shared.secret import Secret
from ports.clock import Clock
from tests.support.http_scene import UNLIMITED, Scene

PUBLIC = "https://jobferry.example.com"
CLIENT, SECRET = "jobferry & sons", "s3cret:with/odd signs+%"
BACK = f"{PUBLIC}/sign-in/oidc/back"
LOOPBACK = (ip_network("127.0.0.0/8"),)


@cache
def rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """`claims` come on top of the right ones (None takes one away), `token` takes the place of its own, `instead`
    answers where it would describe itself."""

    clock: Clock
    issuer: str = ""
    email: str = "ann@example.com"
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signs_with: str = "first"
    publishes: tuple[str, ...] = ("first",)
    described: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    instead: Callable[[], Awaitable[web.Response]] | None = None
    token: str | None = None
    token_status: int = 200
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    last_code: str = ""
    last_token: str = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/.well-known/openid-configuration", self._describe),
            web.get("/authorize", self._authorize),
            web.post("/token", self._exchange),
            web.get("/jwks", self._keys),
        ]

    async def _describe(self, _: web.Request) -> web.Response:
        self.asked.append("description")
        if self.instead:
            return await self.instead()
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize?tenant=one",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
            | self.described
        )

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        wanted = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": BACK,
            "scope": "openid email",
            "code_challenge_method": "S256",
            "tenant": "one",
        }
        assert {name: asked[name] for name in wanted} == wanted
        answer = {"state": asked["state"]}
        if self.error:
            answer["error"] = self.error
        else:
            self.last_code = answer["code"] = f"code-{len(self.codes)}-that-nobody-else-knows"
            self.codes[self.last_code] = dict(asked)
        return web.Response(status=302, headers={"Location": str(URL(BACK).with_query(answer))})

    async def _exchange(self, request: web.Request) -> web.Response:
        self.asked.append("token")
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._knows(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        begun = self.codes.pop(form["code"], None)
        hashed = _text(hashlib.sha256(form["code_verifier"].encode()).digest())
        if begun is None or begun["code_challenge"] != hashed or form["redirect_uri"] != BACK:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.last_token = self.token if self.token is not None else self.sign(begun["nonce"])
        body = {"access_token": "access", "token_type": "Bearer", "id_token": self.last_token}
        return web.json_response(body, status=self.token_status)

    def _knows(self, request: web.Request, form: Mapping[str, str]) -> bool:
        """As RFC 6749 wants it: both halves encoded as in a form, then Basic."""
        if "token_endpoint_auth_methods_supported" in self.described:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        pair = "jobferry+%26+sons:s3cret%3Awith%2Fodd+signs%2B%25"
        return request.headers.get("Authorization") == f"Basic {base64.b64encode(pair.encode()).decode()}"

    def sign(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "248289761001",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": self.email,
            "email_verified": True,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.signs_with}
        signed = f"{_part(header)}.{_part(claims)}"
        if self.algorithm == "none":
            return f"{signed}."
        if self.algorithm.startswith("HS"):
            public = rsa(self.signs_with).as_pem(private=False)
            return f"{signed}.{_text(hmac.digest(public, signed.encode(), 'sha256'))}"
        body = json.dumps(claims).encode()
        return jws.serialize_compact(header, body, rsa(self.signs_with), algorithms=[self.algorithm])

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        odd = [{"kty": "unheard-of", "kid": "odd"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "first"}, "no key"]
        return web.json_response({"keys": [*odd, *(rsa(kid).as_dict(private=False) for kid in self.publishes)]})


def _part(document: Mapping[str, Any]) -> str:
    return _text(json.dumps(document).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@asynccontextmanager
async def provider(clock: Clock) -> AsyncIterator[Provider]:
    made = Provider(clock)
    app = web.Application()
    app.add_routes(made.routes())
    async with serving(app, "127.0.0.1", 0, ConnectionLimiter(UNLIMITED)) as url:
        made.issuer = url
        yield made


def identity_of(made: Provider, clock: Clock, **more: Any) -> OidcIdentity:
    client = Client(id=CLIENT, secret=Secret(SECRET), back=BACK)
    given: dict[str, Any] = {
        "issuer": made.issuer,
        "name": "Cardinal ID",
        "client": client,
        "clock": clock,
        "random": SystemRandom(),
        "allowed_networks": LOOPBACK,
    }
    return OidcIdentity(**given | more)


@dataclass
class Visitor:
    """A browser that goes from page to page one step at a time. `said` is the text of the last page."""

    scene: Scene
    cookies: dict[str, str] = field(default_factory=dict)
    said: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    async def step(self, address: str) -> str:
        """Where this address leads, '' if it is a page. Addresses of the public name are answered by the scene."""
        address = address.removeprefix(PUBLIC)
        ours = address.startswith("/")
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items()) if ours else ""
        async with (
            aiohttp.ClientSession() as http,
            http.get(
                URL(self.scene.url + address if ours else address, encoded=True),
                headers={"Cookie": kept} if kept else {},
                allow_redirects=False,
            ) as answer,
        ):
            self.status, self.said, self.headers = answer.status, await answer.text(), answer.headers.copy()
            for name, morsel in answer.cookies.items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return self.headers.get("Location", "")

    async def to_the_door(self, page: str = "") -> str:
        """Through the provider, as far as the address that leads back."""
        return await self.step(await self.step(f"/sign-in/oidc{f'?next={page}' if page else ''}"))

    async def sign_in(self, page: str = "") -> str:
        """Where it ends; '' for a page that says why not."""
        return await self.step(await self.to_the_door(page))

    @property
    def signed_in(self) -> bool:
        return LOCAL_COOKIE in self.cookies
