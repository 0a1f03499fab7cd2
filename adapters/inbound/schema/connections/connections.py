"""Connections as they are shown, without their secrets, and what a look at one found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from adapters.inbound.schema.connections.connection_settings import ShownSettings
from adapters.inbound.schema.findings import FindingOut, HoldOut, ItemsHoldOut
from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.setting_fields import shown_settings
from core.model.connections.connection import Connection
from core.model.connections.settings import CONNECTION_SETTINGS
from core.model.sending.answer import CheckState, CheckStep
from core.model.shared.finding import Finding
from core.model.work_orders.item import DEFAULT_KINDS


class ConnectionOut(ShownSettings):
    """`enhanced_auth` says whether a client id and secret are stored; `client_secret_expires_at` is null where nobody
    said when that ends. `former_endpoint_urls` are the addresses that it had before: what was posted there counts as
    posted to the same Spectrum. `items_hold` holds items only, while work orders go on; `restored_at` is when somebody
    last acknowledged a restored backup. `warnings` stop nothing, such as another connection to the same company; null
    where they were not looked for."""

    id: str
    slug: str
    enhanced_auth: bool
    former_endpoint_urls: list[str]
    paused: bool
    hold: HoldOut | None
    warnings: list[FindingOut] | None
    items_hold: ItemsHoldOut | None
    restored_at: Moment | None

    @classmethod
    def of(cls, shown: Connection, warnings: Sequence[Finding] | None = None) -> Self:
        return super().of(
            shown,
            former_endpoint_urls=[str(former.endpoint) for former in shown.former_endpoints],
            warnings=warnings,
            **shown_settings(CONNECTION_SETTINGS, shown) | {"item_kinds": {**DEFAULT_KINDS, **shown.item_kinds}},
        )


class CheckStepOut(Output):
    name: str
    state: CheckState
    detail: str
    code: str | None
    fix: list[str]


class ExaminationOut(Output):
    """`ok` unless a step failed; what cannot be known without writing is `unknown`."""

    connection: str
    ok: bool
    steps: list[CheckStepOut]

    @classmethod
    def of(cls, slug: str, steps: Sequence[CheckStep]) -> Self:
        ok = all(step.state is not CheckState.FAILED for step in steps)
        return super().of(connection=slug, ok=ok, steps=steps)
