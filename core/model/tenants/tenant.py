"""A tenant: one ServiceTrade account, and how Jobferry signs in to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from core.model.connections.connection import SLUG, SLUG_RULE
from core.model.shared.errors import BadInput, FieldError, NotFound
from core.model.shared.secret import Secret
from core.model.shared.setting import broken_rules
from core.model.tenants.settings import TENANT_SETTINGS, TenantSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant(TenantSettings):
    """A tenant with its settings and its state. Raises BadInput, naming every field that breaks its rule.

    `signed_in_at` is when ServiceTrade last accepted its login in a test, None if it was never tested or was refused
    since. `first_steps_hidden`: an administrator does not want to see the first steps any more.
    """

    id: str
    slug: str
    paused: bool = False
    signed_in_at: datetime | None = field(default=None, compare=False)
    first_steps_hidden: bool = field(default=False, compare=False)
    created_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        errors = [] if SLUG.match(self.slug) else [FieldError("/slug", SLUG_RULE)]
        errors += broken_rules(TENANT_SETTINGS, self)
        if errors:
            raise BadInput(
                "The tenant's settings are not valid: "
                + "; ".join(f"{e.pointer[1:]}: {e.detail}" for e in errors)
                + ".",
                code="TENANT_INVALID",
                fix="Correct the named fields and save again.",
                errors=errors,
            )

    def with_plugin_defaults(self, changes: Mapping[str, Mapping[str, Any] | None]) -> Tenant:
        """This tenant with other defaults for the named plugins; None removes a plugin's."""
        defaults = {**self.plugin_defaults, **changes}
        return replace(self, plugin_defaults={name: config for name, config in defaults.items() if config is not None})


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
