"""The table of routes: every call of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.handlers import (
    aliases,
    audit,
    code_lists,
    connections,
    counts,
    creations,
    doubts,
    health,
    jobs,
    keys,
    notifications,
    plugins,
    readiness,
    reconciliations,
    restore,
    sends,
    sign_in_links,
    suggestions,
    tenants,
    unclear_annotations,
    warnings,
    webhook,
)
from adapters.inbound.api.handlers import webhook_endpoints as endpoints
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.server.access import Access
from core.model.mappings.alias_csv import MOST_BYTES
from core.model.mappings.list_csv import MOST_BYTES as LIST_BYTES

Handler = Callable[[Call[Any]], Awaitable[Reply[Any]]]


class Mark(StrEnum):
    """The headers that a call takes or gives, and what it waits for."""

    IDEMPOTENT = "idempotent"
    """Takes an Idempotency-Key, and binds it in the transaction that stores the sends."""
    KEPT = "kept"
    """Takes an Idempotency-Key; its answer is kept for a repeated request. Every POST that makes something else."""
    WAITS = "waits"
    """Takes `Prefer: wait=N`."""
    REMOTE = "remote"
    """May wait for ServiceTrade, Spectrum or an address of the tenant before it answers."""
    IF_MATCH = "if_match"
    """Takes the version that the caller has seen."""
    ETAG = "etag"
    """Gives the version."""
    LOCATION = "location"
    """Gives the address of the new record."""


@dataclass(frozen=True, slots=True)
class Route:
    """`takes` is read from the query of a GET and from the body of other methods.

    `csv` is the text/csv form: a GET answers in CSV if the client prefers it, other methods take a CSV body. Its own
    `takes` is always read from the query. A CSV body has at most `csv_bytes`.
    """

    access: Access
    method: str
    path: str
    handler: Handler
    takes: type[BaseModel]
    gives: type[BaseModel]
    status: int
    marks: frozenset[Mark]
    csv: Route | None = None
    csv_bytes: int = MOST_BYTES

    @property
    def name(self) -> str:
        """The use case's name."""
        return self.handler.__name__


def _route(
    access: Access,
    method: str,
    path: str,
    handler: Handler,
    *marks: Mark,
    status: int = 200,
    csv: Handler | None = None,
    csv_bytes: int = MOST_BYTES,
) -> Route:
    """A route with the models of its handler. An answer without fields has the status 204."""
    takes, gives = _models_of(handler)
    if gives is Nothing:
        status = 204
    side = _route(access, method, path, csv) if csv else None
    if method == "POST" and status in _MAKES and Mark.IDEMPOTENT not in marks:
        marks = (*marks, Mark.KEPT)
    return Route(access, method, path, handler, takes, gives, status, frozenset(marks), side, csv_bytes)


def _models_of(handler: Handler) -> tuple[type[BaseModel], type[BaseModel]]:
    """What a handler takes and gives, from its annotations `Call[takes]` and `Reply[gives]`."""
    call, reply = get_type_hints(handler).values()
    return get_args(call)[0], get_args(reply)[0]


_MAKES = (HTTPStatus.CREATED, HTTPStatus.ACCEPTED)
_OF_A_SEND = (Mark.IDEMPOTENT, Mark.WAITS, Mark.LOCATION)
_T = "/v1/tenants/{tenant}"
_C = f"{_T}/connections/{{connection}}"
_J = f"{_T}/jobs/{{job_id}}"
_S = f"{_T}/sends/{{send_id}}"
_U = f"{_T}/unclear-annotations"
_W = f"{_T}/warnings/{{warning_id}}"
_K = f"{_T}/keys/{{key_id}}"
_A = f"{_T}/aliases/{{alias_id}}"
_E = f"{_T}/webhook-endpoints/{{endpoint_id}}"
_N = f"{_T}/notification-recipients"
_R = f"{_N}/{{recipient_id}}"
_X = f"{_T}/reconciliations"
_NEW = f"{_T}/creations/{{creation_id}}"

ROUTES: tuple[Route, ...] = (
    _route(Access.PUBLIC, "GET", "/livez", health.check_alive),
    _route(Access.PUBLIC, "GET", "/readyz", health.check_ready),
    _route(Access.OPERATOR, "POST", "/v1/keys", keys.create_operator_key, status=201),
    _route(Access.OPERATOR, "GET", "/v1/audit", audit.list_operator_audit),
    _route(Access.OPERATOR, "GET", "/v1/keys", keys.list_operator_keys),
    _route(Access.OPERATOR, "POST", "/v1/keys/{key_id}/rotate", keys.rotate_operator_key, status=201),
    _route(Access.OPERATOR, "DELETE", "/v1/keys/{key_id}", keys.revoke_operator_key),
    _route(Access.READ, "GET", "/v1/plugins", plugins.list_plugins),
    _route(Access.READ, "GET", "/v1/plugins/{plugin}/schema", plugins.show_plugin_schema),
    _route(Access.OPERATOR, "POST", "/v1/tenants", tenants.add_tenant, Mark.REMOTE, Mark.LOCATION, status=201),
    _route(Access.OPERATOR, "GET", "/v1/tenants", tenants.list_tenants),
    _route(Access.READ, "GET", _T, tenants.find_tenant),
    _route(Access.OPERATOR, "GET", f"{_T}/export", tenants.export_tenant),
    _route(Access.OPERATOR, "PATCH", _T, tenants.change_tenant, Mark.REMOTE),
    _route(Access.OPERATOR, "DELETE", _T, tenants.remove_tenant, Mark.REMOTE),
    _route(Access.MANAGE, "POST", f"{_T}/pause", tenants.pause_tenant),
    _route(Access.MANAGE, "POST", f"{_T}/resume", tenants.resume_tenant),
    _route(
        Access.MANAGE,
        "POST",
        f"{_T}/connections",
        connections.add_connection,
        Mark.REMOTE,
        Mark.ETAG,
        Mark.LOCATION,
        status=201,
    ),
    _route(Access.READ, "GET", f"{_T}/connections", connections.list_connections),
    _route(Access.READ, "GET", _C, connections.find_connection, Mark.ETAG),
    _route(Access.MANAGE, "PATCH", _C, connections.change_connection, Mark.REMOTE, Mark.IF_MATCH, Mark.ETAG),
    _route(Access.MANAGE, "DELETE", _C, connections.remove_connection, Mark.IF_MATCH),
    _route(Access.MANAGE, "POST", f"{_C}/test", connections.examine_connection, Mark.REMOTE),
    _route(Access.MANAGE, "POST", f"{_C}/rotate-secret", connections.rotate_secret, Mark.REMOTE, Mark.ETAG, Mark.KEPT),
    _route(Access.READ, "GET", f"{_C}/readiness", readiness.check_readiness, Mark.REMOTE),
    _route(Access.MANAGE, "POST", f"{_C}/codes", readiness.set_code, Mark.REMOTE),
    _route(Access.READ, "GET", f"{_C}/code-lists", code_lists.show_code_lists),
    _route(Access.READ, "GET", f"{_C}/codes", code_lists.find_codes),
    _route(Access.MANAGE, "POST", f"{_C}/codes/refresh", code_lists.refresh_codes),
    _route(
        Access.MANAGE,
        "POST",
        f"{_C}/codes/import",
        code_lists.import_codes,
        csv=code_lists.import_codes_file,
        csv_bytes=LIST_BYTES,
    ),
    _route(Access.READ, "GET", f"{_C}/suggestions", suggestions.list_suggestions),
    _route(Access.READ, "GET", f"{_C}/suggestions/search", suggestions.show_search),
    _route(Access.MANAGE, "POST", f"{_C}/suggestions/search", suggestions.start_search, status=202),
    _route(Access.MANAGE, "POST", f"{_C}/suggestions/confirm", suggestions.confirm_suggestions, status=202),
    _route(Access.MANAGE, "POST", f"{_C}/suggestions/leave", suggestions.leave_records),
    _route(Access.MANAGE, "POST", f"{_C}/suggestions/reopen", suggestions.reopen_records),
    _route(Access.MANAGE, "POST", f"{_C}/rehearsals", plugins.rehearse_plugins, Mark.REMOTE),
    _route(Access.MANAGE, "POST", f"{_C}/pause", connections.pause_connection, Mark.ETAG),
    _route(Access.MANAGE, "POST", f"{_C}/resume", connections.resume_connection, Mark.ETAG),
    _route(Access.READ, "GET", f"{_C}/restore", restore.show_restore, Mark.REMOTE),
    _route(Access.SETTLE, "POST", f"{_C}/restore/acknowledge", restore.acknowledge_restore, Mark.REMOTE, Mark.ETAG),
    _route(Access.READ, "GET", f"{_T}/jobs", jobs.find_job, Mark.REMOTE),
    _route(Access.READ, "GET", f"{_J}/send-menu", jobs.show_send_menu),
    _route(Access.READ, "POST", f"{_J}/preview", jobs.preview_send, Mark.REMOTE),
    _route(Access.READ, "GET", f"{_J}/standing-items", jobs.show_standing_items, Mark.REMOTE),
    _route(Access.SEND, "POST", f"{_J}/standing-items", jobs.declare_items, Mark.REMOTE),
    _route(Access.SEND, "POST", f"{_J}/complete", sends.complete_job, Mark.REMOTE, *_OF_A_SEND, status=202),
    _route(Access.SEND, "POST", f"{_T}/sends", sends.request_send, Mark.REMOTE, *_OF_A_SEND, status=202),
    _route(Access.READ, "GET", f"{_T}/sends", sends.list_sends),
    _route(Access.SEND, "POST", f"{_T}/sends/batch", sends.request_batch, Mark.IDEMPOTENT, Mark.LOCATION, status=202),
    _route(Access.SEND, "POST", f"{_T}/sends/retry", sends.retry_batch, Mark.LOCATION, status=202),
    _route(Access.SEND, "POST", f"{_T}/sends/cancel", sends.cancel_batch, Mark.LOCATION, status=202),
    _route(Access.READ, "GET", f"{_T}/batches/{{batch_id}}", sends.show_batch),
    _route(Access.READ, "GET", _S, sends.show_send),
    _route(Access.READ, "GET", f"{_S}/attempts", sends.list_attempts),
    _route(Access.SETTLE, "POST", f"{_S}/mark-done", sends.mark_done),
    _route(Access.READ, "GET", f"{_S}/events", sends.follow_send),
    _route(Access.SEND, "POST", f"{_S}/retry", sends.retry_send),
    _route(Access.SEND, "POST", f"{_S}/cancel", sends.cancel_send),
    _route(Access.READ, "GET", f"{_T}/doubts", doubts.list_doubts),
    _route(Access.SETTLE, "POST", f"{_T}/doubts/{{line_id}}/settle", doubts.settle_doubt),
    _route(Access.READ, "GET", _U, unclear_annotations.list_unclear_annotations),
    _route(Access.SETTLE, "POST", f"{_U}/{{annotation_id}}/settle", unclear_annotations.settle_annotation),
    _route(Access.READ, "POST", f"{_C}/creations/preview", creations.preview_creation, Mark.REMOTE),
    _route(
        Access.MANAGE, "POST", f"{_C}/creations", creations.request_creation, Mark.REMOTE, Mark.LOCATION, status=202
    ),
    _route(Access.READ, "GET", f"{_T}/creations", creations.list_creations),
    _route(Access.READ, "GET", _NEW, creations.show_creation),
    _route(Access.SETTLE, "POST", f"{_NEW}/settle", creations.settle_creation),
    _route(Access.MANAGE, "POST", f"{_NEW}/cancel", creations.cancel_creation),
    _route(Access.MANAGE, "POST", f"{_NEW}/keep-code", creations.set_created_code),
    _route(Access.READ, "GET", f"{_T}/servicetrade-webhook", webhook.show_webhook, Mark.REMOTE),
    _route(Access.MANAGE, "PUT", f"{_T}/servicetrade-webhook", webhook.switch_webhook_on, Mark.REMOTE),
    _route(Access.MANAGE, "DELETE", f"{_T}/servicetrade-webhook", webhook.switch_webhook_off, Mark.REMOTE),
    _route(Access.READ, "GET", f"{_T}/aliases", aliases.list_aliases, csv=aliases.export_aliases),
    _route(Access.MANAGE, "POST", f"{_T}/aliases", aliases.set_aliases, csv=aliases.import_aliases),
    _route(Access.MANAGE, "DELETE", _A, aliases.remove_alias),
    _route(Access.READ, "GET", f"{_A}/history", aliases.list_former_codes),
    _route(Access.MANAGE, "POST", f"{_T}/keys", keys.create_key, status=201),
    _route(Access.MANAGE, "GET", f"{_T}/keys", keys.list_keys),
    _route(Access.MANAGE, "POST", f"{_K}/rotate", keys.rotate_key, status=201),
    _route(Access.MANAGE, "DELETE", _K, keys.revoke_key),
    _route(Access.MANAGE, "POST", f"{_T}/sign-in-links", sign_in_links.make_sign_in_link, status=201),
    _route(Access.MANAGE, "POST", f"{_T}/webhook-endpoints", endpoints.add_webhook_endpoint, Mark.LOCATION, status=201),
    _route(Access.READ, "GET", f"{_T}/webhook-endpoints", endpoints.list_webhook_endpoints),
    _route(Access.READ, "GET", _E, endpoints.find_webhook_endpoint),
    _route(Access.MANAGE, "PATCH", _E, endpoints.change_webhook_endpoint),
    _route(Access.MANAGE, "DELETE", _E, endpoints.remove_webhook_endpoint),
    _route(Access.MANAGE, "POST", f"{_E}/rotate-secret", endpoints.rotate_webhook_secret, Mark.KEPT),
    _route(Access.MANAGE, "POST", f"{_E}/test", endpoints.try_webhook_endpoint, Mark.REMOTE),
    _route(Access.MANAGE, "POST", f"{_E}/redeliveries", endpoints.redeliver, status=202),
    _route(Access.READ, "GET", f"{_E}/deliveries", endpoints.list_deliveries),
    _route(Access.MANAGE, "POST", _N, notifications.add_recipient, Mark.LOCATION, status=201),
    _route(Access.READ, "GET", _N, notifications.list_recipients),
    _route(Access.READ, "GET", _R, notifications.find_recipient),
    _route(Access.MANAGE, "PATCH", _R, notifications.change_recipient),
    _route(Access.MANAGE, "DELETE", _R, notifications.remove_recipient),
    _route(Access.MANAGE, "POST", f"{_R}/test", notifications.try_recipient, Mark.REMOTE),
    _route(Access.READ, "GET", f"{_R}/messages", notifications.list_messages),
    _route(Access.SEND, "POST", _X, reconciliations.start_reconciliation, Mark.LOCATION, status=202),
    _route(Access.READ, "GET", _X, reconciliations.list_reconciliations),
    _route(Access.READ, "GET", f"{_X}/{{reconciliation_id}}", reconciliations.show_reconciliation),
    _route(
        Access.READ,
        "GET",
        f"{_X}/{{reconciliation_id}}/jobs",
        reconciliations.list_reconciled_jobs,
        csv=reconciliations.export_reconciled_jobs,
    ),
    _route(Access.READ, "GET", f"{_T}/audit", audit.list_audit),
    _route(Access.READ, "GET", f"{_T}/counts", counts.show_counts),
    _route(Access.READ, "GET", f"{_T}/warnings", warnings.list_warnings),
    _route(Access.SEND, "POST", f"{_W}/dismiss", warnings.dismiss_warning),
)

HEALTH = tuple(route for route in ROUTES if route.path in ("/livez", "/readyz"))
"""The routes of a worker, which has no others."""
