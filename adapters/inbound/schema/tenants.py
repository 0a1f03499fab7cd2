"""Tenants in requests and answers. Answers never contain passwords or client secrets."""

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
        """The login. Raises BadInput (TENANT_INVALID) if fields are missing or both ways are given."""
        match (self.username, self.password, self.client_id, self.client_secret):
            case (str(username), SecretStr() as password, None, None) if username and password:
                return PasswordLogin(username, Secret(password.get_secret_value()))
            case (None, None, str(client_id), SecretStr() as secret) if client_id and secret:
                return ClientLogin(client_id, Secret(secret.get_secret_value()))
        raise BadInput(
            "The request does not say how to sign in to ServiceTrade.",
            code="TENANT_INVALID",
            fix="Give username and password, or client_id and client_secret.",
            errors=[FieldError("/servicetrade", "username with password, or client_id with client_secret; not both")],
        )


class TenantIn(Input):
    slug: Text
    name: Text
    servicetrade: ServiceTradeIn


class ServiceTradePatch(Input):
    """A new address, or a complete new login: `username` and `password`, or `client_id` and `client_secret`."""

    base_url: Text | None = None
    username: Text | None = None
    password: SecretStr | None = None
    client_id: Text | None = None
    client_secret: SecretStr | None = None

    def login(self) -> Login | None:
        """The new login; None if only the address changes. Raises BadInput (TENANT_INVALID)."""
        if not self.model_fields_set - {"base_url"}:
            return None
        return ServiceTradeIn(
            username=self.username, password=self.password, client_id=self.client_id, client_secret=self.client_secret
        ).login()


class TenantPatch(Input):
    """Fields that are not given do not change."""

    name: Text | None = None
    servicetrade: ServiceTradePatch | None = None
    plugin_defaults: dict[str, dict[str, JsonValue] | None] | None = Field(
        default=None,
        description="By plugin name: its configuration on connections that set nothing else. null removes it.",
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
