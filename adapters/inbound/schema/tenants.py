"""Tenants in and out. Passwords and client secrets go in and never come back."""

from __future__ import annotations

from pydantic import Field, JsonValue, SecretStr

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret
from core.model.tenants.tenant import DEFAULT_BASE_URL, ClientLogin, Login, PasswordLogin, Tenant


class ServiceTradeIn(Input):
    """Either `username` and `password`, or `client_id` and `client_secret`."""

    base_url: Text = DEFAULT_BASE_URL
    username: Text | None = None
    password: SecretStr | None = None
    client_id: Text | None = None
    client_secret: SecretStr | None = None

    def login(self) -> Login:
        """Raises BadInput, pointing at what is missing or too much."""
        match (self.username, self.password, self.client_id, self.client_secret):
            case (str(username), SecretStr() as password, None, None) if username and password:
                return PasswordLogin(username, Secret(password.get_secret_value()))
            case (None, None, str(client_id), SecretStr() as secret) if client_id and secret:
                return ClientLogin(client_id, Secret(secret.get_secret_value()))
        raise BadInput(
            "It is not clear how to sign in to ServiceTrade.",
            code="TENANT_INVALID",
            fix="Give username and password, or client_id and client_secret.",
            errors=[FieldError("/servicetrade", "username with password, or client_id with client_secret; not both")],
        )


class TenantIn(Input):
    slug: Text
    name: Text
    servicetrade: ServiceTradeIn


class ServiceTradePatch(Input):
    """Another address, or another login, whole: `username` and `password`, or `client_id` and `client_secret`."""

    base_url: Text | None = None
    username: Text | None = None
    password: SecretStr | None = None
    client_id: Text | None = None
    client_secret: SecretStr | None = None

    def login(self) -> Login | None:
        """None where only the address is named. Raises BadInput."""
        if not self.model_fields_set - {"base_url"}:
            return None
        return ServiceTradeIn(
            username=self.username, password=self.password, client_id=self.client_id, client_secret=self.client_secret
        ).login()


class TenantPatch(Input):
    """What is not named stays."""

    name: Text | None = None
    servicetrade: ServiceTradePatch | None = None
    plugin_defaults: dict[str, dict[str, JsonValue] | None] | None = Field(
        default=None,
        description="By a plugin's name: what its configuration has where a connection says nothing. null removes one.",
    )


class ServiceTradeOut(Output):
    base_url: str


class TenantOut(Output):
    id: str
    slug: str
    name: str
    servicetrade: ServiceTradeOut
    paused: bool
    plugin_defaults: dict[str, dict[str, JsonValue]]
    created_at: Moment | None

    @classmethod
    def of(cls, tenant: Tenant) -> TenantOut:
        return cls(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            servicetrade=ServiceTradeOut(base_url=tenant.base_url),
            paused=tenant.paused,
            plugin_defaults={name: dict(config) for name, config in tenant.plugin_defaults.items()},
            created_at=tenant.created_at,
        )
