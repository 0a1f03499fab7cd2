"""New sites and customers in Spectrum: the preview with every field, the list, and what a person says about one."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.schema.creations import where_to_look
from core.model.creations.creation import CreationKind, CreationState
from core.model.creations.lifecycle import can_settle
from core.model.mappings.alias import CodeSource
from core.model.shared.errors import BadInput, Conflict, JobferryError, NotFound
from core.services.creations.request_creation import CreationRequest

SHOWN = 50
_FIELD = "field."
KINDS = {
    CreationKind.SITE: "site",
    CreationKind.CUSTOMER: "customer",
    CreationKind.CUSTOMER_CHANGE: "change of a customer",
}
STATES = {
    CreationState.QUEUED: ("Waits for the call to Spectrum", "care", "…"),
    CreationState.SENDING: ("Is being sent", "care", "…"),
    CreationState.CREATED: ("In Spectrum", "good", "✓"),
    CreationState.REJECTED: ("Not created", "alarm", "!"),
    CreationState.IN_DOUBT: ("Check in Spectrum", "alarm", "?"),
    CreationState.NOT_CREATED: ("Not in Spectrum", "calm", "–"),
    CreationState.CANCELLED: ("Cancelled", "calm", "–"),
}


async def list_new_records(request: TenantRequest) -> Rendered:
    waiting = request.query.get("show") == "waiting"
    page = await request.use_cases.manage_creations.list(
        request.tenant.id, needs_person=waiting, limit=SHOWN, before=request.before
    )
    older = {"before": page.next, **({"show": "waiting"} if waiting else {})}
    return Rendered(
        "codes/new_records.html",
        {
            "found": page.creations,
            "waiting": waiting,
            "older": urlencode(older) if page.next else "",
            "kinds": KINDS,
            "states": STATES,
        },
    )


async def show_new_record(request: TenantRequest) -> Rendered:
    return await _shown(request)


async def preview_new_record(request: TenantRequest) -> Rendered:
    """What Jobferry proposes. It waits for ServiceTrade."""
    return await _preview(request, None)


async def create_record(request: TenantRequest) -> Rendered | Redirect:
    """Look at the typed values again, or create the record; the pressed button decides."""
    form = request.form
    fields = {name.removeprefix(_FIELD): text for name, text in form.items() if name.startswith(_FIELD)}
    if form.get("do") != "create":
        return await _preview(request, fields)
    keep = next((one for one in CodeSource if one.value == form.get("keep")), CodeSource.ALIAS)
    asked = CreationRequest(
        connection=request.path["connection"],
        kind=_kind(request),
        record_id=request.path["record"],
        fields=fields,
        keep=keep,
        send_again=bool(form.get("send_again")),
        requested_by=request.by,
    )
    try:
        creation = await request.use_cases.request_creation(request.tenant.id, asked)
    except (BadInput, Conflict) as error:
        return await _preview(request, fields, error)
    return Redirect(f"{request.home}/new-records/{creation.id}")


async def settle_new_record(request: TenantRequest) -> Rendered | Redirect:
    outcome = request.form.get("outcome", "")
    if outcome not in ("there", "not_there"):
        raise BadInput("The form does not say whether the record is there.", fix="Press one of the buttons.")
    reason = request.form.get("reason", "")
    try:
        await request.use_cases.manage_creations.settle(
            request.tenant.id, request.path["creation"], there=outcome == "there", reason=reason, by=request.by
        )
    except (BadInput, Conflict) as error:
        return await _shown(request, error)
    return Redirect(f"{request.home}/new-records/{request.path['creation']}")


async def cancel_new_record(request: TenantRequest) -> Rendered | Redirect:
    try:
        await request.use_cases.manage_creations.cancel(request.tenant.id, request.path["creation"], by=request.by)
    except Conflict as error:
        return await _shown(request, error)
    return Redirect(f"{request.home}/new-records/{request.path['creation']}")


async def keep_new_code(request: TenantRequest) -> Rendered | Redirect:
    keep = next((one for one in CodeSource if one.value == request.form.get("keep")), None)
    try:
        await request.use_cases.manage_creations.keep_code(
            request.tenant.id, request.path["creation"], keep, by=request.by
        )
    except Conflict as error:
        return await _shown(request, error)
    return Redirect(f"{request.home}/new-records/{request.path['creation']}")


async def _shown(request: TenantRequest, error: JobferryError | None = None) -> Rendered:
    shown = await request.use_cases.manage_creations.show(request.tenant.id, request.path["creation"])
    return Rendered(
        "codes/new_record.html",
        {
            "one": shown.creation,
            "connection": shown.connection,
            "kinds": KINDS,
            "states": STATES,
            "can_settle": can_settle(shown.creation),
            "where": where_to_look(shown),
            "reason": request.form.get("reason", ""),
        },
        error=error,
    )


async def _preview(
    request: TenantRequest, fields: dict[str, str] | None, error: JobferryError | None = None
) -> Rendered:
    kind = _kind(request)
    preview = await request.use_cases.preview_creation(
        request.tenant.id, request.path["connection"], kind, request.path["record"], fields
    )
    first = [one for one in preview.fields if one.value or one.required or one.problem]
    rest = [one for one in preview.fields if one not in first]
    return Rendered(
        "codes/new_record_form.html",
        {
            "preview": preview,
            "kind": kind,
            "what": KINDS[kind],
            "first": first,
            "rest": rest,
            "keep": request.form.get("keep", CodeSource.ALIAS.value),
            "send_again": bool(request.form.get("send_again")) if fields is not None else True,
        },
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error is None and fields and preview.errors else HTTPStatus.OK,
        error=error,
    )


def _kind(request: TenantRequest) -> CreationKind:
    kind, record = request.path["kind"], request.path["record"]
    if kind not in set(CreationKind) or not (record.isascii() and record.isdecimal() and len(record) <= 16):
        raise NotFound("There is no such record.", fix="Go back to the list of codes.")
    return CreationKind(kind)
