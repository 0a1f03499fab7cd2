"""What a tenant's form asks for: every setting as it is described, and how Jobferry signs in."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.inbound.console.forms import Field
from adapters.inbound.console.setting_inputs import inputs
from core.model.tenants.settings import SERVICETRADE, TENANT, TENANT_SETTINGS

_SLUG = Field(
    group=TENANT,
    name="slug",
    label="Short name",
    required=True,
    help="Lower-case letters, digits and dashes. It is part of addresses and cannot be changed.",
)
_LOGIN = (
    Field(group=SERVICETRADE, name="servicetrade.username", label="User name"),
    Field(group=SERVICETRADE, name="servicetrade.password", label="Password", kind="secret"),
    Field(group=SERVICETRADE, name="servicetrade.client_id", label="Client id"),
    Field(group=SERVICETRADE, name="servicetrade.client_secret", label="Client secret", kind="secret"),
)
"""Secrets are no settings: they are stored apart."""


def tenant_fields() -> Sequence[Field]:
    """Every input of a new tenant."""
    return [
        _SLUG,
        *_LOGIN,
        *(field for one in TENANT_SETTINGS if one.setting.in_forms for field in inputs(one, None)),
    ]
