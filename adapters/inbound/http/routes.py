"""The table of routes: everything the API can be asked, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from adapters.inbound.http.call import Call, In, Out, Reply
from adapters.inbound.http.handlers import audit, connections, doubts, health, jobs, sends, tenants, warnings, webhook
from adapters.inbound.http.handlers import webhook_endpoints as endpoints
from adapters.inbound.http.models.audit import AuditOut, AuditQuery
from adapters.inbound.http.models.connections import ConnectionIn, ConnectionOut, ExaminationOut
from adapters.inbound.http.models.doubts import DoubtOut, DoubtsQuery, VerdictIn
from adapters.inbound.http.models.health import Health
from adapters.inbound.http.models.lines import LedgerLineOut
from adapters.inbound.http.models.plans import PreviewIn, PreviewOut
from adapters.inbound.http.models.send_menu import MenuEntryOut
from adapters.inbound.http.models.sends import CompleteIn, SendIn, SendOut, SendsQuery, SendSummary
from adapters.inbound.http.models.tenants import TenantIn, TenantOut
from adapters.inbound.http.models.warnings import WarningOut, WarningsQuery
from adapters.inbound.http.models.webhook import WebhookOut
from adapters.inbound.http.models.webhook_endpoints import (
    DeliveriesQuery,
    DeliveryOut,
    WebhookEndpointChange,
    WebhookEndpointIn,
    WebhookEndpointOut,
    WebhookEndpointWithSecret,
)
from adapters.inbound.http.models.wire import Nothing, Page


@dataclass(frozen=True, slots=True)
class Route:
    """`takes` is read from the query of a GET and from the body of everything else; `name` is the use case's."""

    method: str
    path: str
    name: str
    handler: Callable[[Call[Any]], Awaitable[Reply[Any]]]
    takes: type[BaseModel]
    gives: type[BaseModel]
    status: int


def _route(
    method: str,
    path: str,
    handler: Callable[[Call[In]], Awaitable[Reply[Out]]],
    takes: type[In],
    gives: type[Out],
    status: int = 200,
) -> Route:
    """The type checker holds `takes` and `gives` against what the handler really takes and gives."""
    return Route(method, path, handler.__name__, handler, takes, gives, status)


_TENANT = "/v1/tenants/{tenant}"
_CONNECTION = _TENANT + "/connections/{connection}"
_JOB = _TENANT + "/jobs/{job_id}"
_SEND = _TENANT + "/sends/{send_id}"
_ENDPOINTS = _TENANT + "/webhook-endpoints"
_ENDPOINT = _ENDPOINTS + "/{endpoint_id}"

ROUTES: tuple[Route, ...] = (
    _route("GET", "/livez", health.livez, Nothing, Health),
    _route("GET", "/readyz", health.readyz, Nothing, Health),
    _route("POST", "/v1/tenants", tenants.add_tenant, TenantIn, TenantOut, 201),
    _route("GET", "/v1/tenants", tenants.list_tenants, Nothing, Page[TenantOut]),
    _route("GET", _TENANT, tenants.find_tenant, Nothing, TenantOut),
    _route("POST", _TENANT + "/connections", connections.add_connection, ConnectionIn, ConnectionOut, 201),
    _route("GET", _TENANT + "/connections", connections.list_connections, Nothing, Page[ConnectionOut]),
    _route("GET", _CONNECTION, connections.find_connection, Nothing, ConnectionOut),
    _route("POST", _CONNECTION + "/test", connections.examine_connection, Nothing, ExaminationOut),
    _route("POST", _CONNECTION + "/pause", connections.pause_connection, Nothing, ConnectionOut),
    _route("POST", _CONNECTION + "/resume", connections.resume_connection, Nothing, ConnectionOut),
    _route("GET", _JOB + "/send-menu", jobs.send_menu, Nothing, Page[MenuEntryOut]),
    _route("POST", _JOB + "/preview", jobs.preview_send, PreviewIn, PreviewOut),
    _route("POST", _JOB + "/complete", sends.complete_job, CompleteIn, SendOut, 202),
    _route("POST", _TENANT + "/sends", sends.request_send, SendIn, SendOut, 202),
    _route("GET", _TENANT + "/sends", sends.list_sends, SendsQuery, Page[SendSummary]),
    _route("GET", _SEND, sends.show_send, Nothing, SendOut),
    _route("POST", _SEND + "/retry", sends.retry_send, Nothing, SendOut),
    _route("POST", _SEND + "/cancel", sends.cancel_send, Nothing, SendOut),
    _route("GET", _TENANT + "/doubts", doubts.list_doubts, DoubtsQuery, Page[DoubtOut]),
    _route("POST", _TENANT + "/doubts/{line_id}/settle", doubts.settle_doubt, VerdictIn, LedgerLineOut),
    _route("GET", _TENANT + "/servicetrade-webhook", webhook.show_webhook, Nothing, WebhookOut),
    _route("PUT", _TENANT + "/servicetrade-webhook", webhook.switch_webhook_on, Nothing, WebhookOut),
    _route("DELETE", _TENANT + "/servicetrade-webhook", webhook.switch_webhook_off, Nothing, Nothing, 204),
    _route("POST", _ENDPOINTS, endpoints.add_webhook_endpoint, WebhookEndpointIn, WebhookEndpointWithSecret, 201),
    _route("GET", _ENDPOINTS, endpoints.list_webhook_endpoints, Nothing, Page[WebhookEndpointOut]),
    _route("GET", _ENDPOINT, endpoints.find_webhook_endpoint, Nothing, WebhookEndpointOut),
    _route("PATCH", _ENDPOINT, endpoints.change_webhook_endpoint, WebhookEndpointChange, WebhookEndpointOut),
    _route("DELETE", _ENDPOINT, endpoints.remove_webhook_endpoint, Nothing, Nothing, 204),
    _route("POST", _ENDPOINT + "/rotate-secret", endpoints.rotate_webhook_secret, Nothing, WebhookEndpointWithSecret),
    _route("POST", _ENDPOINT + "/test", endpoints.try_webhook_endpoint, Nothing, DeliveryOut),
    _route("GET", _ENDPOINT + "/deliveries", endpoints.list_deliveries, DeliveriesQuery, Page[DeliveryOut]),
    _route("GET", _TENANT + "/audit", audit.list_audit, AuditQuery, Page[AuditOut]),
    _route("GET", _TENANT + "/warnings", warnings.list_warnings, WarningsQuery, Page[WarningOut]),
    _route("POST", _TENANT + "/warnings/{warning_id}/dismiss", warnings.dismiss_warning, Nothing, Nothing, 204),
)
