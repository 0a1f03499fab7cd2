"""The table of routes: every call of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from adapters.inbound.api.call import Call, In, Out, Reply
from adapters.inbound.api.handlers import (
    aliases,
    audit,
    connections,
    doubts,
    health,
    jobs,
    keys,
    plugins,
    readiness,
    restore,
    sends,
    sign_in_links,
    tenants,
    warnings,
    webhook,
)
from adapters.inbound.api.handlers import webhook_endpoints as endpoints
from adapters.inbound.schema.aliases import (
    AliasesIn,
    AliasesQuery,
    AliasesSetOut,
    AliasExportQuery,
    AliasImportOut,
    AliasImportQuery,
    AliasOut,
    FormerAliasOut,
)
from adapters.inbound.schema.audit import AuditOut, AuditQuery
from adapters.inbound.schema.connections.connection_in import ConnectionIn
from adapters.inbound.schema.connections.connection_patch import ConnectionPatch
from adapters.inbound.schema.connections.connections import ConnectionOut, ExaminationOut
from adapters.inbound.schema.connections.plugins import PluginOut, PluginSchemaOut
from adapters.inbound.schema.connections.rehearsals import RehearsalIn, RehearsalOut
from adapters.inbound.schema.health import Health
from adapters.inbound.schema.keys import KeyOut, NewKeyOut, OperatorKeyIn, RotateKeyIn, TenantKeyIn
from adapters.inbound.schema.readiness import CodeIn, ReadinessOut
from adapters.inbound.schema.schema_base import Csv, Nothing, Page, PageQuery
from adapters.inbound.schema.sending.doubts import DoubtOut, DoubtsQuery, VerdictIn
from adapters.inbound.schema.sending.lines import LedgerLineOut
from adapters.inbound.schema.sending.plans import PreviewIn, PreviewOut
from adapters.inbound.schema.sending.restore import AcknowledgeIn, RestoreOut
from adapters.inbound.schema.sending.send_menu import MenuEntryOut
from adapters.inbound.schema.sending.sends import (
    BatchIn,
    BatchOut,
    CompleteIn,
    MarkDoneIn,
    RetryIn,
    SendIn,
    SendOut,
    SendsQuery,
    SendSummary,
)
from adapters.inbound.schema.sending.standing_items import (
    ItemsDeclaredOut,
    StandingItemsIn,
    StandingItemsOut,
    StandingItemsQuery,
)
from adapters.inbound.schema.sending.warnings import WarningOut
from adapters.inbound.schema.sign_in_links import SignInLinkIn, SignInLinkOut
from adapters.inbound.schema.tenants import TenantIn, TenantOut, TenantPatch
from adapters.inbound.schema.webhook import WebhookOut
from adapters.inbound.schema.webhook_endpoints import (
    DeliveriesQuery,
    DeliveryOut,
    WebhookEndpointIn,
    WebhookEndpointOut,
    WebhookEndpointPatch,
    WebhookEndpointWithSecret,
)
from adapters.inbound.server.access import Access
from adapters.inbound.server.event_stream import EventStream


@dataclass(frozen=True, slots=True)
class CsvSide:
    """The text/csv form of a route: a GET answers in CSV if the client prefers it, other methods take a CSV body.

    `takes` is read from the query.
    """

    name: str
    handler: Callable[[Call[Any]], Awaitable[Reply[Any]]]
    takes: type[BaseModel]
    gives: type[BaseModel]


class Mark(StrEnum):
    """The headers that a call takes or gives, for the OpenAPI document."""

    IDEMPOTENT = "idempotent"
    """Takes an Idempotency-Key."""
    WAITS = "waits"
    """Takes `Prefer: wait=N`."""
    IF_MATCH = "if_match"
    """Takes the version that the caller has seen."""
    ETAG = "etag"
    """Gives the version."""
    LOCATION = "location"
    """Gives the address of the new record."""


@dataclass(frozen=True, slots=True)
class Route:
    """`takes` is read from the query of a GET and from the body of other methods. `name` is the use case's name."""

    access: Access
    method: str
    path: str
    name: str
    handler: Callable[[Call[Any]], Awaitable[Reply[Any]]]
    takes: type[BaseModel]
    gives: type[BaseModel]
    status: int
    marks: frozenset[Mark]
    csv: CsvSide | None = None


def _route(
    access: Access,
    method: str,
    path: str,
    handler: Callable[[Call[In]], Awaitable[Reply[Out]]],
    takes: type[In],
    gives: type[Out],
    status: int = 200,
    *marks: Mark,
    csv: CsvSide | None = None,
) -> Route:
    """The type checker compares `takes` and `gives` with the types of the handler."""
    return Route(access, method, path, handler.__name__, handler, takes, gives, status, frozenset(marks), csv)


def _csv(handler: Callable[[Call[In]], Awaitable[Reply[Out]]], takes: type[In], gives: type[Out]) -> CsvSide:
    return CsvSide(handler.__name__, handler, takes, gives)


_T = "/v1/tenants/{tenant}"
_C = f"{_T}/connections/{{connection}}"
_J = f"{_T}/jobs/{{job_id}}"
_S = f"{_T}/sends/{{send_id}}"
_W = f"{_T}/warnings/{{warning_id}}"
_K = f"{_T}/keys/{{key_id}}"
_A = f"{_T}/aliases/{{alias_id}}"
_E = f"{_T}/webhook-endpoints/{{endpoint_id}}"

ROUTES: tuple[Route, ...] = (
    _route(Access.PUBLIC, "GET", "/livez", health.livez, Nothing, Health),
    _route(Access.PUBLIC, "GET", "/readyz", health.readyz, Nothing, Health),
    _route(Access.OPERATOR, "POST", "/v1/keys", keys.create_operator_key, OperatorKeyIn, NewKeyOut, 201),
    _route(Access.OPERATOR, "GET", "/v1/keys", keys.list_operator_keys, PageQuery, Page[KeyOut]),
    _route(Access.OPERATOR, "POST", "/v1/keys/{key_id}/rotate", keys.rotate_operator_key, RotateKeyIn, NewKeyOut, 201),
    _route(Access.OPERATOR, "DELETE", "/v1/keys/{key_id}", keys.revoke_operator_key, Nothing, Nothing, 204),
    _route(Access.READ, "GET", "/v1/plugins", plugins.list_plugins, Nothing, Page[PluginOut]),
    _route(Access.READ, "GET", "/v1/plugins/{plugin}/schema", plugins.show_plugin_schema, Nothing, PluginSchemaOut),
    _route(Access.OPERATOR, "POST", "/v1/tenants", tenants.add_tenant, TenantIn, TenantOut, 201, Mark.LOCATION),
    _route(Access.OPERATOR, "GET", "/v1/tenants", tenants.list_tenants, PageQuery, Page[TenantOut]),
    _route(Access.READ, "GET", _T, tenants.find_tenant, Nothing, TenantOut),
    _route(Access.OPERATOR, "PATCH", _T, tenants.change_tenant, TenantPatch, TenantOut),
    _route(Access.OPERATOR, "DELETE", _T, tenants.remove_tenant, Nothing, Nothing, 204),
    _route(Access.MANAGE, "POST", f"{_T}/pause", tenants.pause_tenant, Nothing, TenantOut),
    _route(Access.MANAGE, "POST", f"{_T}/resume", tenants.resume_tenant, Nothing, TenantOut),
    _route(
        Access.MANAGE,
        "POST",
        f"{_T}/connections",
        connections.add_connection,
        ConnectionIn,
        ConnectionOut,
        201,
        Mark.ETAG,
        Mark.LOCATION,
    ),
    _route(Access.READ, "GET", f"{_T}/connections", connections.list_connections, PageQuery, Page[ConnectionOut]),
    _route(Access.READ, "GET", _C, connections.find_connection, Nothing, ConnectionOut, 200, Mark.ETAG),
    _route(
        Access.MANAGE,
        "PATCH",
        _C,
        connections.change_connection,
        ConnectionPatch,
        ConnectionOut,
        200,
        Mark.IF_MATCH,
        Mark.ETAG,
    ),
    _route(Access.MANAGE, "DELETE", _C, connections.remove_connection, Nothing, Nothing, 204, Mark.IF_MATCH),
    _route(Access.MANAGE, "POST", f"{_C}/test", connections.examine_connection, Nothing, ExaminationOut),
    _route(
        Access.MANAGE,
        "POST",
        f"{_C}/rotate-secret",
        connections.rotate_secret,
        Nothing,
        ConnectionOut,
        200,
        Mark.ETAG,
    ),
    _route(Access.READ, "GET", f"{_C}/readiness", readiness.check_readiness, Nothing, ReadinessOut),
    _route(Access.MANAGE, "POST", f"{_C}/codes", readiness.set_code, CodeIn, Nothing, 204),
    _route(Access.MANAGE, "POST", f"{_C}/rehearsals", plugins.rehearse_plugins, RehearsalIn, RehearsalOut),
    _route(Access.MANAGE, "POST", f"{_C}/pause", connections.pause_connection, Nothing, ConnectionOut, 200, Mark.ETAG),
    _route(
        Access.MANAGE,
        "POST",
        f"{_C}/resume",
        connections.resume_connection,
        Nothing,
        ConnectionOut,
        200,
        Mark.ETAG,
    ),
    _route(Access.READ, "GET", f"{_C}/restore", restore.show_restore, Nothing, RestoreOut),
    _route(
        Access.SETTLE,
        "POST",
        f"{_C}/restore/acknowledge",
        restore.acknowledge_restore,
        AcknowledgeIn,
        ConnectionOut,
        200,
        Mark.ETAG,
    ),
    _route(Access.READ, "GET", f"{_J}/send-menu", jobs.send_menu, Nothing, Page[MenuEntryOut]),
    _route(Access.READ, "POST", f"{_J}/preview", jobs.preview_send, PreviewIn, PreviewOut),
    _route(Access.READ, "GET", f"{_J}/standing-items", jobs.show_standing_items, StandingItemsQuery, StandingItemsOut),
    _route(Access.SEND, "POST", f"{_J}/standing-items", jobs.declare_items, StandingItemsIn, ItemsDeclaredOut),
    _route(
        Access.SEND,
        "POST",
        f"{_J}/complete",
        sends.complete_job,
        CompleteIn,
        SendOut,
        202,
        Mark.IDEMPOTENT,
        Mark.WAITS,
        Mark.LOCATION,
    ),
    _route(
        Access.SEND,
        "POST",
        f"{_T}/sends",
        sends.request_send,
        SendIn,
        SendOut,
        202,
        Mark.IDEMPOTENT,
        Mark.WAITS,
        Mark.LOCATION,
    ),
    _route(Access.READ, "GET", f"{_T}/sends", sends.list_sends, SendsQuery, Page[SendSummary]),
    _route(
        Access.SEND,
        "POST",
        f"{_T}/sends/batch",
        sends.request_batch,
        BatchIn,
        BatchOut,
        202,
        Mark.IDEMPOTENT,
        Mark.LOCATION,
    ),
    _route(Access.SEND, "POST", f"{_T}/sends/retry", sends.retry_batch, RetryIn, BatchOut, 202, Mark.LOCATION),
    _route(Access.READ, "GET", f"{_T}/batches/{{batch_id}}", sends.show_batch, Nothing, BatchOut),
    _route(Access.READ, "GET", _S, sends.show_send, Nothing, SendOut),
    _route(Access.SETTLE, "POST", f"{_S}/mark-done", sends.mark_done, MarkDoneIn, SendOut),
    _route(Access.READ, "GET", f"{_S}/events", sends.follow_send, Nothing, EventStream),
    _route(Access.SEND, "POST", f"{_S}/retry", sends.retry_send, Nothing, SendOut),
    _route(Access.SEND, "POST", f"{_S}/cancel", sends.cancel_send, Nothing, SendOut),
    _route(Access.READ, "GET", f"{_T}/doubts", doubts.list_doubts, DoubtsQuery, Page[DoubtOut]),
    _route(Access.SETTLE, "POST", f"{_T}/doubts/{{line_id}}/settle", doubts.settle_doubt, VerdictIn, LedgerLineOut),
    _route(Access.READ, "GET", f"{_T}/servicetrade-webhook", webhook.show_webhook, Nothing, WebhookOut),
    _route(Access.MANAGE, "PUT", f"{_T}/servicetrade-webhook", webhook.switch_webhook_on, Nothing, WebhookOut),
    _route(Access.MANAGE, "DELETE", f"{_T}/servicetrade-webhook", webhook.switch_webhook_off, Nothing, Nothing, 204),
    _route(
        Access.READ,
        "GET",
        f"{_T}/aliases",
        aliases.list_aliases,
        AliasesQuery,
        Page[AliasOut],
        csv=_csv(aliases.export_aliases, AliasExportQuery, Csv),
    ),
    _route(
        Access.MANAGE,
        "POST",
        f"{_T}/aliases",
        aliases.set_aliases,
        AliasesIn,
        AliasesSetOut,
        csv=_csv(aliases.import_aliases, AliasImportQuery, AliasImportOut),
    ),
    _route(Access.MANAGE, "DELETE", _A, aliases.remove_alias, Nothing, Nothing, 204),
    _route(Access.READ, "GET", f"{_A}/history", aliases.alias_history, Nothing, Page[FormerAliasOut]),
    _route(Access.MANAGE, "POST", f"{_T}/keys", keys.create_key, TenantKeyIn, NewKeyOut, 201),
    _route(Access.MANAGE, "GET", f"{_T}/keys", keys.list_keys, PageQuery, Page[KeyOut]),
    _route(Access.MANAGE, "POST", f"{_K}/rotate", keys.rotate_key, RotateKeyIn, NewKeyOut, 201),
    _route(Access.MANAGE, "DELETE", _K, keys.revoke_key, Nothing, Nothing, 204),
    _route(
        Access.MANAGE, "POST", f"{_T}/sign-in-links", sign_in_links.make_sign_in_link, SignInLinkIn, SignInLinkOut, 201
    ),
    _route(
        Access.MANAGE,
        "POST",
        f"{_T}/webhook-endpoints",
        endpoints.add_webhook_endpoint,
        WebhookEndpointIn,
        WebhookEndpointWithSecret,
        201,
        Mark.LOCATION,
    ),
    _route(
        Access.READ,
        "GET",
        f"{_T}/webhook-endpoints",
        endpoints.list_webhook_endpoints,
        PageQuery,
        Page[WebhookEndpointOut],
    ),
    _route(Access.READ, "GET", _E, endpoints.find_webhook_endpoint, Nothing, WebhookEndpointOut),
    _route(Access.MANAGE, "PATCH", _E, endpoints.change_webhook_endpoint, WebhookEndpointPatch, WebhookEndpointOut),
    _route(Access.MANAGE, "DELETE", _E, endpoints.remove_webhook_endpoint, Nothing, Nothing, 204),
    _route(
        Access.MANAGE,
        "POST",
        f"{_E}/rotate-secret",
        endpoints.rotate_webhook_secret,
        Nothing,
        WebhookEndpointWithSecret,
    ),
    _route(Access.MANAGE, "POST", f"{_E}/test", endpoints.try_webhook_endpoint, Nothing, DeliveryOut),
    _route(Access.READ, "GET", f"{_E}/deliveries", endpoints.list_deliveries, DeliveriesQuery, Page[DeliveryOut]),
    _route(Access.READ, "GET", f"{_T}/audit", audit.list_audit, AuditQuery, Page[AuditOut]),
    _route(Access.READ, "GET", f"{_T}/warnings", warnings.list_warnings, PageQuery, Page[WarningOut]),
    _route(Access.SEND, "POST", f"{_W}/dismiss", warnings.dismiss_warning, Nothing, Nothing, 204),
)
