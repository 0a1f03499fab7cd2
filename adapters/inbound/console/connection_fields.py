"""What a connection's form asks for: every setting as it is described, and the secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.inbound.console.forms import Field
from adapters.inbound.console.setting_inputs import inputs
from core.model.connections.settings import (
    BACK_TO_SERVICETRADE,
    COMPLETED_JOBS,
    CONNECTION_SETTINGS,
    ENHANCED_AUTHENTICATION,
    ITEMS,
    NAME,
    SPECTRUM,
)

FOLDED = (ENHANCED_AUTHENTICATION, COMPLETED_JOBS, ITEMS, BACK_TO_SERVICETRADE)
"""Groups that most connections leave alone."""
_SLUG = Field(
    group=NAME,
    name="slug",
    label="Short name",
    required=True,
    help="Lower-case letters, digits and dashes. It stands in addresses and stays as it is.",
)
_BEFORE: Mapping[str, Sequence[Field]] = {
    "ca_certificate": (
        Field(
            group=SPECTRUM,
            name="authorization_id",
            label="Authorization ID",
            kind="secret",
            help="In Spectrum: System Administration > Installation > Data Exchange. It must list this company and the"
            " services WorkOrderHeader, AddWOMaterialCost and AddWOOtherCharges. It is a password: it is stored"
            " encrypted and never shown again.",
        ),
    ),
    "client_secret_expires_at": (
        Field(
            group=ENHANCED_AUTHENTICATION,
            name="enhanced_auth.client_id",
            label="Client ID",
            help="Only where this is switched on in Spectrum: the Client ID made there.",
        ),
        Field(
            group=ENHANCED_AUTHENTICATION,
            name="enhanced_auth.client_secret",
            label="Client secret",
            kind="secret",
            help="The secret made with it. Stored encrypted, never shown again.",
        ),
    ),
}
"""Secrets are no settings: they are stored apart. Each stands before the setting that is named."""


def connection_fields(shown: Mapping[str, Any] | None) -> Sequence[Field]:
    """Every input: of a connection as the API shows it, or of a new one."""
    fields = [] if shown else [_SLUG]
    for one in CONNECTION_SETTINGS:
        if one.setting.in_forms:
            fields += [*_BEFORE.get(one.name, ()), *inputs(one, shown)]
    return fields
