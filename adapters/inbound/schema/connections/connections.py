"""Connections as they are shown, without their secrets, and what a look at one found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from adapters.inbound.schema.connections.connection_in import ExternalSyncModel, PluginModel, ReadBackModel
from adapters.inbound.schema.findings import FindingOut, HoldOut, ItemsHoldOut
from adapters.inbound.schema.schema_base import Moment, Output
from core.model.connections.client_secret import SecretRotation
from core.model.connections.connection import (
    Connection,
    LongText,
    NonStock,
    OnCompletion,
    Overwrite,
)
from core.model.sending.answer import CheckState, CheckStep
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import DEFAULT_KINDS, ItemKind


class ConnectionOut(Output):
    """`enhanced_auth` says whether a client id and secret are stored; `client_secret_expires_at` is null where nobody
    said when that ends. `former_endpoint_urls` are the addresses that it had before: what was posted there counts as
    posted to the same Spectrum. `items_hold` holds items only, while work orders go on; `restored_at` is when somebody
    last acknowledged a restored backup. `warnings` stop nothing, such as another connection to the same company; null
    where they were not looked for."""

    id: str
    slug: str
    name: str
    external_system: str
    endpoint_url: str
    former_endpoint_urls: list[str]
    company_code: str
    enhanced_auth: bool
    secret_rotation: SecretRotation
    secret_days: int | None
    client_secret_expires_at: Moment | None
    ca_certificate: str | None
    leading_character: str
    default_work_order_type: str
    lead_source: str
    long_text: LongText
    overwrite: Overwrite
    failure_tag: str | None
    external_sync: ExternalSyncModel | None
    plugins: list[PluginModel]
    item_kinds: dict[str, ItemKind]
    default_warehouse: str
    non_stock_fallback: NonStock
    on_completion: OnCompletion
    completion_start_date: Moment | None
    items_on_resend: ItemsMode
    read_back: ReadBackModel | None
    paused: bool
    hold: HoldOut | None
    warnings: list[FindingOut] | None
    items_hold: ItemsHoldOut | None
    restored_at: Moment | None

    @classmethod
    def of(cls, shown: Connection, warnings: Sequence[Finding] | None = None) -> ConnectionOut:
        sync = shown.external_sync
        return cls(
            id=shown.id,
            slug=shown.slug,
            name=shown.name,
            external_system=shown.external_system,
            endpoint_url=str(shown.endpoint),
            former_endpoint_urls=[str(former.endpoint) for former in shown.former_endpoints],
            company_code=shown.company_code,
            enhanced_auth=shown.enhanced_auth,
            secret_rotation=shown.secret_rotation,
            secret_days=shown.secret_days,
            client_secret_expires_at=shown.client_secret_expires_at,
            ca_certificate=shown.ca_certificate,
            leading_character=shown.leading_character,
            default_work_order_type=shown.default_work_order_type,
            lead_source=shown.lead_source,
            long_text=shown.long_text,
            overwrite=shown.overwrite,
            failure_tag=shown.failure_tag,
            external_sync=ExternalSyncModel(path=sync.path, body=sync.body) if sync else None,
            plugins=[PluginModel(name=use.name, config=use.config, hooks=use.hooks) for use in shown.plugins],
            item_kinds={**DEFAULT_KINDS, **shown.item_kinds},
            default_warehouse=shown.default_warehouse,
            non_stock_fallback=shown.non_stock_fallback,
            on_completion=shown.on_completion,
            completion_start_date=shown.completion_start_date,
            items_on_resend=shown.items_on_resend,
            read_back=_read_back(shown),
            paused=shown.paused,
            hold=HoldOut.of(shown.hold) if shown.hold else None,
            warnings=None if warnings is None else [FindingOut.of(found) for found in warnings],
            items_hold=ItemsHoldOut.of(shown.items_hold) if shown.items_hold else None,
            restored_at=shown.restored_at,
        )


def _read_back(shown: Connection) -> ReadBackModel | None:
    return ReadBackModel.model_validate(asdict(shown.read_back)) if shown.read_back else None


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
    def of(cls, slug: str, steps: Sequence[CheckStep]) -> ExaminationOut:
        return cls(
            connection=slug,
            ok=all(step.state is not CheckState.FAILED for step in steps),
            steps=[
                CheckStepOut(name=s.name, state=s.state, detail=s.detail, code=s.code, fix=list(s.fix)) for s in steps
            ],
        )
