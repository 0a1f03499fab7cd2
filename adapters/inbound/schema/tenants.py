"""Tenants in requests and answers. Answers never contain passwords or client secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import ConfigDict, JsonValue, SecretStr, create_model
from pydantic.config import JsonDict

from adapters.inbound.schema.schema_base import Input, Moment, Output, Text
from adapters.inbound.schema.setting_fields import (
    changes_of,
    may_be_left_out,
    new_fields,
    patch_fields,
    settings_of,
    shown_fields,
    shown_settings,
)
from adapters.inbound.schema.terms import eg
from core.model.shared.errors import BadInput, FieldError
from core.model.shared.secret import Secret
from core.model.tenants.settings import TENANT_SETTINGS
from core.model.tenants.tenant import ClientLogin, Login, PasswordLogin, Tenant

_OWN = [one for one in TENANT_SETTINGS if not one.setting.within]
_OF_SERVICETRADE = [one for one in TENANT_SETTINGS if one.setting.within == "servicetrade"]
_EXAMPLE: JsonDict = {"username": "integration@example.com", "password": "the user's password"}
_LOGIN = ("username", "password", "client_id", "client_secret")

if TYPE_CHECKING:
    NewTenant = Input
    NewServiceTrade = Input
    TenantChange = Input
    ServiceTradeChange = Input
    ShownTenant = Output
    ServiceTradeOut = Output
else:
    NewTenant = create_model("NewTenant", __base__=Input, **new_fields(_OWN))
    NewServiceTrade = create_model("NewServiceTrade", __base__=Input, **new_fields(_OF_SERVICETRADE))
    TenantChange = create_model("TenantChange", __base__=Input, **patch_fields(_OWN))
    ServiceTradeChange = create_model("ServiceTradeChange", __base__=Input, **patch_fields(_OF_SERVICETRADE))
    ShownTenant = create_model("ShownTenant", __base__=Output, **shown_fields(_OWN))
    ServiceTradeOut = create_model(
        "ServiceTradeOut",
        __base__=Output,
        __doc__="How Jobferry reaches ServiceTrade, without the login.",
        **shown_fields(_OF_SERVICETRADE),
    )


class ServiceTradeIn(NewServiceTrade):
    """How Jobferry signs in to ServiceTrade: either `username` and `password`, or `client_id` and `client_secret`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    username: Annotated[Text, eg("integration@example.com")] | None = None
    """Name of a ServiceTrade user made for Jobferry."""
    password: Annotated[SecretStr, eg("the user's password")] | None = None
    """Password of that user. Stored encrypted and never shown again."""
    client_id: Annotated[Text, eg(None)] | None = None
    """Id of an OAuth client, instead of `username`."""
    client_secret: Annotated[SecretStr, eg(None)] | None = None
    """Secret of that client. Stored encrypted and never shown again."""

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


class TenantIn(NewTenant):
    """A new tenant: one ServiceTrade account."""

    slug: Annotated[Text, eg("cardinal")]
    """Short name for addresses and programs: lower-case letters, digits and hyphens. It cannot be changed later."""
    servicetrade: ServiceTradeIn
    """Its ServiceTrade account. The login is tested before anything is stored."""

    def tenant(self) -> Tenant:
        """Without id, which the use case gives. Raises BadInput, naming every wrong field."""
        settings = settings_of(_OWN, self) | settings_of(_OF_SERVICETRADE, self.servicetrade)
        return Tenant(id="", slug=self.slug, **settings)


class ServiceTradePatch(ServiceTradeChange):
    """A new address, or a complete new login: `username` and `password`, or `client_id` and `client_secret`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    username: Annotated[Text, eg("integration@example.com")] | None = None
    """Name of a ServiceTrade user made for Jobferry."""
    password: Annotated[SecretStr, eg("the user's password")] | None = None
    """Password of that user. Stored encrypted and never shown again."""
    client_id: Annotated[Text, eg(None)] | None = None
    """Id of an OAuth client, instead of `username`."""
    client_secret: Annotated[SecretStr, eg(None)] | None = None
    """Secret of that client. Stored encrypted and never shown again."""

    def login(self) -> Login | None:
        """The new login; None if it does not change. Raises BadInput (TENANT_INVALID)."""
        if not self.model_fields_set & {*_LOGIN}:
            return None
        return ServiceTradeIn(**{name: getattr(self, name) for name in _LOGIN}).login()


class TenantPatch(TenantChange):
    """A merge patch: what is not named stays, null goes back to the default. `servicetrade` null changes nothing."""

    servicetrade: ServiceTradePatch | None = may_be_left_out("The address, or a new login.")
    plugin_defaults: dict[str, dict[str, JsonValue] | None] | None = may_be_left_out(
        "By plugin name: its configuration on connections that set nothing else. null for a plugin removes its"
        " configuration, null instead of the object removes all."
    )

    def edit(self, before: Tenant) -> Tenant:
        """The settings that are wanted. Raises BadInput, naming every wrong field."""
        changes = changes_of(_OWN, self)
        if self.servicetrade:
            changes |= changes_of(_OF_SERVICETRADE, self.servicetrade)
        if self.plugin_defaults is not None:
            changes["plugin_defaults"] = before.with_plugin_defaults(self.plugin_defaults).plugin_defaults
        return replace(before, **changes)

    def login(self) -> Login | None:
        """The new login; None if it does not change. Raises BadInput (TENANT_INVALID)."""
        return self.servicetrade.login() if self.servicetrade else None


class TenantOut(ShownTenant):
    """A tenant: one ServiceTrade account, without its login."""

    id: Annotated[str, eg("ten_01KJPV4V00EXAMPLE0000000T1")]
    """Id of the tenant, given by Jobferry. Calls name it by its `slug`."""
    slug: Annotated[str, eg("cardinal")]
    """Short name of the tenant. It stands in addresses and never changes."""
    servicetrade: ServiceTradeOut
    """How Jobferry reaches ServiceTrade. The login is never shown."""
    paused: bool
    """Whether somebody has paused it: all its sends wait."""
    created_at: Moment | None
    """When it was added."""

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        shown = shown_settings(_OWN, tenant)
        return super().of(tenant, servicetrade=shown_settings(_OF_SERVICETRADE, tenant), **shown)
