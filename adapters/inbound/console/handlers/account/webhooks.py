"""Webhook endpoints: programs that receive events about sends. Only the answer that makes a secret shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from adapters.inbound.console.forms import problems_of
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import StateWords
from adapters.inbound.schema.webhook_endpoints import WebhookEndpointIn, WebhookEndpointOut, WebhookEndpointPatch
from adapters.inbound.server.reading import read_document
from core.model.shared.errors import BadInput, FieldError, JobferryError
from core.model.shared.secret import Secret
from core.model.webhooks.event import SUBSCRIBABLE, DeliveriesAgain, DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint

SHOWN = 50
_EVENT = "event."
EVENTS: Mapping[EventType, str] = {
    EventType.SEND_SUCCEEDED: "A job was sent",
    EventType.SEND_FAILED: "A send needs attention",
    EventType.SEND_IN_DOUBT: "An item must be checked in Spectrum",
    EventType.CONNECTION_HELD: "A connection is held",
    EventType.TEST: "Test event",
}
_DELIVERIES: Mapping[DeliveryState, StateWords] = {
    DeliveryState.PENDING: StateWords("Waiting", "calm", "…"),
    DeliveryState.DELIVERED: StateWords("Delivered", "good", "✓"),
    DeliveryState.FAILED: StateWords("Failed", "alarm", "!"),
}


async def list_endpoints(request: TenantRequest) -> Rendered:
    return await _list(request)


async def add_endpoint(request: TenantRequest) -> Rendered:
    """Show the secret on this answer: a redirect could show it only if it were stored readable."""
    form = request.form
    try:
        asked = read_document(
            {"url": form.get("url", "").strip(), "description": form.get("description", ""), "events": _ticked(form)},
            WebhookEndpointIn,
        )
        added, secret = await request.use_cases.webhook_endpoints.add(
            request.tenant.id, asked.url, events=asked.events, description=asked.description, by=request.by
        )
    except JobferryError as error:
        return await _list(request, error)
    return await _endpoint(request, added, secret=secret)


async def show_endpoint(request: TenantRequest) -> Rendered:
    return await _endpoint(request, await _found(request))


async def save_endpoint(request: TenantRequest) -> Rendered | Redirect:
    form, found = request.form, await _found(request)
    try:
        asked = read_document(
            {"url": form.get("url", "").strip(), "description": form.get("description", ""), "events": _ticked(form)},
            WebhookEndpointPatch,
        )
        # An unchanged address is not given: a new one ends the record of failures.
        await request.use_cases.webhook_endpoints.change(
            request.tenant.id,
            found.id,
            url=asked.url if asked.url != found.url else None,
            events=asked.events,
            description=asked.description,
            by=request.by,
        )
    except JobferryError as error:
        return await _endpoint(request, found, error=error)
    return _done(request, "saved")


async def pause_endpoint(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=True)


async def resume_endpoint(request: TenantRequest) -> Redirect:
    return await _set_paused(request, paused=False)


async def try_endpoint(request: TenantRequest) -> Redirect:
    tried = await request.use_cases.webhook_endpoints.test(
        request.tenant.id, request.path["endpoint_id"], by=request.by
    )
    return _done(request, "arrived" if tried.state is DeliveryState.DELIVERED else "not-arrived")


async def redeliver_events(request: TenantRequest) -> Rendered | Redirect:
    """Post one event again, or all since the moment of the form."""
    found = await _found(request)
    try:
        done = await request.use_cases.webhook_endpoints.redeliver(
            request.tenant.id, found.id, _chosen_again(request), by=request.by
        )
    except JobferryError as error:
        return await _endpoint(request, found, error=error)
    if not done.count:
        return _done(request, "nothing-again")
    return _done(request, "again-later" if done.endpoint.paused else "again")


def _chosen_again(request: TenantRequest) -> DeliveriesAgain:
    """A moment in the form is one of the tenant's time zone; of a time that clocks show twice it is the first."""
    if event := request.form.get("event", ""):
        return DeliveriesAgain(event_id=event)
    try:
        since = datetime.fromisoformat(request.form.get("since", "")).replace(tzinfo=request.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        since = None
    if since is None:
        pointer = FieldError("/since", "a day and a time")
        raise BadInput("Say from when on.", fix="Give a day and a time.", errors=[pointer])
    return DeliveriesAgain(since=since, only_failed="only_failed" in request.form)


async def rotate_endpoint_secret(request: TenantRequest) -> Rendered:
    found, secret = await request.use_cases.webhook_endpoints.rotate_secret(
        request.tenant.id, request.path["endpoint_id"], by=request.by
    )
    return await _endpoint(request, found, secret=secret, rotated=True)


async def remove_endpoint(request: TenantRequest) -> Rendered | Redirect:
    """Remove the endpoint if the box is ticked as confirmation."""
    found = await _found(request)
    if "sure" not in request.form:
        error = BadInput("Nothing was removed.", fix="Tick the box to confirm, then remove the endpoint.")
        return await _endpoint(request, found, error=error)
    await request.use_cases.webhook_endpoints.remove(request.tenant.id, found.id, by=request.by)
    return Redirect(f"{request.home}/webhooks?done=removed")


async def _set_paused(request: TenantRequest, *, paused: bool) -> Redirect:
    await request.use_cases.webhook_endpoints.change(
        request.tenant.id, request.path["endpoint_id"], paused=paused, by=request.by
    )
    return _done(request, "paused" if paused else "resumed")


async def _found(request: TenantRequest) -> WebhookEndpoint:
    return await request.use_cases.webhook_endpoints.find(request.tenant.id, request.path["endpoint_id"])


def _ticked(form: Mapping[str, str]) -> list[str]:
    """The chosen events; all of them is the same as none: every event, also one that comes later."""
    chosen = [kind.value for kind in SUBSCRIBABLE if f"{_EVENT}{kind}" in form]
    return [] if len(chosen) == len(SUBSCRIBABLE) else chosen


def _done(request: TenantRequest, what: str) -> Redirect:
    return Redirect(f"{request.home}/webhooks/{request.path['endpoint_id']}?done={what}")


def state_words(endpoint: WebhookEndpoint) -> StateWords:
    if endpoint.paused:
        return StateWords("Paused", "quiet", "–")
    return StateWords("Failing", "alarm", "!") if endpoint.failing_since else StateWords("On", "good", "✓")


async def _list(request: TenantRequest, error: JobferryError | None = None) -> Rendered:
    found = await request.use_cases.webhook_endpoints.all(request.tenant.id)
    return Rendered(
        "account/webhooks.html",
        {
            "endpoints": [(WebhookEndpointOut.to(request.caller, one), state_words(one)) for one in found],
            "done": request.query.get("done", ""),
            **_form(request, error),
        },
        error=error,
    )


async def _endpoint(
    request: TenantRequest,
    found: WebhookEndpoint,
    *,
    secret: Secret | None = None,
    rotated: bool = False,
    error: JobferryError | None = None,
) -> Rendered:
    page = await request.use_cases.webhook_endpoints.deliveries(
        request.tenant.id, found.id, limit=SHOWN, before=request.before
    )
    return Rendered(
        "account/webhook.html",
        {
            "endpoint": WebhookEndpointOut.to(request.caller, found),
            "state_words": state_words(found),
            "deliveries": [(one, _DELIVERIES[one.state]) for one in page.deliveries],
            "older": urlencode({"before": page.next_before}) if page.next_before else "",
            "secret": secret.reveal() if secret else "",
            "rotated": rotated,
            "done": request.query.get("done", ""),
            **_form(request, error, found),
        },
        error=error,
    )


def _form(request: TenantRequest, error: JobferryError | None, found: WebhookEndpoint | None = None) -> dict[str, Any]:
    """The values of the form: as it was filled in after an error, otherwise of the endpoint."""
    form = request.form
    if error and "url" in form:
        given = {"url": form["url"], "description": form.get("description", "")}
        chosen = {EventType(kind) for kind in SUBSCRIBABLE if f"{_EVENT}{kind}" in form}
    else:
        given = {"url": found.url if found else "", "description": found.description if found else ""}
        chosen = set[EventType](found.events if found and found.events else SUBSCRIBABLE)
    return {
        "given": given,
        "chosen": chosen,
        "events": {kind: EVENTS[kind] for kind in SUBSCRIBABLE},
        "event_words": EVENTS,
        "problems": problems_of(error) if isinstance(error, BadInput) else {},
    }
