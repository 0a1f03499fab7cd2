"""A tenant: one ServiceTrade account, and how Jobferry signs in to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from core.model.connections.connection import SLUG
from core.model.shared.errors import BadInput, FieldError, NotFound
from core.model.shared.secret import Secret

DEFAULT_BASE_URL = "https://api.servicetrade.com/api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """`plugin_defaults` holds by plugin name the configuration values that apply if a connection sets none."""

    id: str
    slug: str
    name: str
    base_url: str = DEFAULT_BASE_URL
    paused: bool = False
    plugin_defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    created_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        errors = []
        if not SLUG.match(self.slug):
            errors.append(FieldError("/slug", "use lower-case letters, digits and dashes (at most 40)"))
        if not self.name.strip() or len(self.name) > 80:
            errors.append(FieldError("/name", "give a name of 1 to 80 characters"))
        if not _is_http_url(self.base_url):
            errors.append(FieldError("/servicetrade/base_url", "an http(s) address such as " + DEFAULT_BASE_URL))
        if errors:
            raise BadInput(
                "The tenant's settings are not valid: "
                + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors)
                + ".",
                code="TENANT_INVALID",
                fix="Correct the named fields and save again.",
                errors=errors,
            )


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """Session login: `POST /auth` with user name and password."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class ClientLogin:
    """OAuth2 client credentials: `POST /oauth2/token`."""

    client_id: str
    client_secret: Secret


Login = PasswordLogin | ClientLogin


@dataclass(frozen=True, slots=True)
class ServiceTradeAccount:
    """All that a call to ServiceTrade needs. Session and budget are kept by `tenant_id`."""

    tenant_id: str
    base_url: str
    login: Login


def tenant_missing(slug: str) -> NotFound:
    return NotFound(f"There is no tenant {slug}.", code="TENANT_NOT_FOUND", fix="List the tenants.")


def _is_http_url(text: str) -> bool:
    """Whether it is a plain http(s) address: it cannot hold a secret, and all parsers see the same host."""
    if any(ch.isspace() or not ch.isprintable() or ch in "\\@?#" for ch in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
