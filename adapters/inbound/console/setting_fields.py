"""What the forms of tenants and connections ask for: every setting as it is described, so a new one is asked for, too;
and the secrets, which are no settings: they are stored apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from adapters.inbound.console.forms import Field
from core.model.connections.creation_settings import NEW_RECORDS
from core.model.connections.item_settings import ITEMS
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.connections.optional_settings import MORE_IN_SPECTRUM
from core.model.connections.settings import (
    BACK_TO_SERVICETRADE,
    COMPLETED_JOBS,
    CONNECTION_SETTINGS,
    ENHANCED_AUTHENTICATION,
    NAME,
    SPECTRUM,
    ExternalSync,
)
from core.model.connections.task_settings import TASKS
from core.model.shared.setting import DescribedSetting
from core.model.shared.time_zone import time_zones
from core.model.tenants.settings import SERVICETRADE, TENANT, TENANT_SETTINGS
from core.model.work_orders.item import DEFAULT_KINDS, LABOR, ItemKind

FOLDED = (ENHANCED_AUTHENTICATION, COMPLETED_JOBS, ITEMS, TASKS, MORE_IN_SPECTRUM, NEW_RECORDS, BACK_TO_SERVICETRADE)
"""Groups that most connections leave alone."""
_CONNECTION_SLUG = Field(
    group=NAME,
    name="slug",
    label="Short name",
    required=True,
    help="Lower-case letters, digits and dashes. It is part of addresses and cannot be changed.",
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
"""The secrets of a connection, each before the setting that is named."""
_TENANT_SLUG = Field(
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


def connection_fields(shown: Mapping[str, Any] | None) -> Sequence[Field]:
    """Every input: of a connection as the API shows it, or of a new one."""
    fields = [] if shown else [_CONNECTION_SLUG]
    for one in CONNECTION_SETTINGS:
        if one.setting.in_forms:
            fields += [*_BEFORE.get(one.name, ()), *_inputs(one, shown)]
    return fields


def tenant_fields() -> Sequence[Field]:
    """Every input of a new tenant."""
    return [
        _TENANT_SLUG,
        *_LOGIN,
        *(field for one in TENANT_SETTINGS if one.setting.in_forms for field in _inputs(one, None)),
    ]


def own_tenant_fields() -> Sequence[Field]:
    """The inputs of a tenant's own settings, without those of its sign-in."""
    own = (one for one in TENANT_SETTINGS if not one.setting.within)
    return [field for one in own for field in (_inputs(one, None) if one.setting.in_forms else (_input(one, "json"),))]


def sign_in_fields() -> Sequence[Field]:
    """The inputs of a tenant's sign-in to ServiceTrade. What is left empty stays as it is."""
    within = (one for one in TENANT_SETTINGS if one.setting.within)
    return [*_LOGIN, *(replace(field, required=False) for one in within for field in _inputs(one, None))]


def _inputs(one: DescribedSetting, shown: Mapping[str, Any] | None) -> Iterator[Field]:
    """The inputs of one setting; `shown` is the whole as the API shows it, None for a new one."""
    if one.type == Mapping[str, ItemKind]:
        kinds = shown[one.public_name] if shown else DEFAULT_KINDS
        for item_type in sorted({*DEFAULT_KINDS, *kinds} - {LABOR}):
            yield _input(one, "choice", f".{item_type}", f"Items of the type {item_type}", required=True)
    elif one.type == ExternalSync | None:
        yield _input(one, "text", ".path", f"{one.setting.title} path", help="Such as /externalsync.")
        yield _input(
            one,
            "json",
            ".body",
            f"{one.setting.title} body",
            help="As JSON; its texts may hold {job_id}, {system}, {status} and {message}.",
        )
    elif one.type == Mapping[str, str]:
        yield _input(one, "pairs")
    elif one.type == tuple[MaintenanceWindow, ...]:
        yield _input(one, "lines", help="One on each line.")
    elif one.name == "time_zone":
        yield replace(_input(one, "choice"), options={name: name for name in sorted(time_zones())})
    elif isinstance(one.type, type) and issubclass(one.type, Enum):
        yield _input(one, "choice", required=True)
    elif one.type is bool:
        yield _input(one, "check")
    else:
        kind = "long" if one.setting.long else "number" if one.type == int | None else "text"
        yield _input(one, kind, required=one.required)


def _input(
    one: DescribedSetting, kind: str, below: str = "", label: str = "", help: str = "", *, required: bool = False
) -> Field:
    found = one.setting
    unit = f" ({found.unit})" if found.unit else ""
    return Field(
        group=found.group,
        name=f"{one.path}{below}",
        label=label or f"{found.title}{unit}",
        kind=kind,
        required=required,
        options=found.words,
        help=f"{found.help} {help}".strip(),
    )
