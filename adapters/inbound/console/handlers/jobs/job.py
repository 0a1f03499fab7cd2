"""A job: its Send menu, what a send would write, the Send button, and the items that others posted."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.days_chart import day_words
from adapters.inbound.console.handlers.codes.code_inputs import given_codes, once_of, sent_page, typed_codes
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from adapters.inbound.console.words import STATES
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.planning.job import looks_like_id
from core.model.planning.job_description import JobDescription
from core.model.planning.standing_items import Standing
from core.model.shared.errors import BadInput, CallerMends, JobferryError, NotFound
from core.model.shared.time_zone import day_of
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode, is_service
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.planning.prepare_send import MenuEntry, SendPreview
from core.services.sending.request_send import PlanBlocked, PlanChanged, SendRequest
from core.services.sending.show_code_forms import CodeForm

_TICK = "item."
_CHOICE = ("connection", "items", "tasks", "complete", "adopt")
_NUMBERS = ("WO_NUMBER_CHANGED", "WO_NUMBER_TAKEN")
"""Findings that block a send until somebody confirms the known work order number."""


async def find_job(request: TenantRequest) -> Rendered | Redirect:
    """Find a job by number or id: job numbers are shorter than ServiceTrade's ids."""
    asked = request.query.get("job", "").strip()
    if looks_like_id(asked):
        return Redirect(_found(request, asked))
    try:
        job_id = await request.use_cases.find_job(request.tenant.id, asked) if asked else ""
    except NotFound:
        job_id = ""
    if job_id:
        return Redirect(_found(request, job_id))
    return Rendered("jobs/find.html", {"asked": asked}, HTTPStatus.NOT_FOUND if asked else HTTPStatus.OK)


def _found(request: TenantRequest, job_id: str) -> str:
    """The job's address, with the connection and the items that the form chose."""
    query = urlencode({name: request.query[name] for name in ("connection", "items") if request.query.get(name)})
    return f"{request.home}/jobs/{job_id}" + (f"?{query}" if query else "")


async def show_job(request: TenantRequest) -> Rendered:
    return await _shown(request, request.query)


async def choose_items(request: TenantRequest) -> Redirect:
    """Show what the choice in the form would send; for browsers without a script."""
    return Redirect(_address(request, request.form))


async def send_job(request: TenantRequest) -> Rendered | Redirect:
    """Send the plan on the page. If the job or the choice is another one than its plan's, show the new plan instead."""
    asked, send_request = request.form, _send_request(request)
    key = f"console-{asked.get('once') or secrets.token_hex(8)}"[:100]
    try:
        send = await request.use_cases.request_send(request.tenant.id, send_request, idempotency_key=key)
    except (PlanChanged, PlanBlocked):
        return await _shown(request, asked, changed=True)
    return Redirect(f"{request.home}/sends/{send.id}")


def _send_request(request: TenantRequest) -> SendRequest:
    """What the form asks for: its choice, and the plan that it shows."""
    asked = request.form
    return SendRequest(
        connection=asked.get("connection", ""),
        job_id=request.path["job_id"],
        requested_by=request.by,
        adopt=asked.get("adopt") == "1",
        plan_hash=asked.get("plan_hash") or None,
        items=_mode(asked.get("items", "")),
        tasks=_tasks(asked),
        completes=bool(asked.get("complete")),
        request_id=request.request_id,
    )


async def set_codes_of_job(request: TenantRequest) -> Rendered | Redirect:
    """Save the codes and send the plan on the page with them, or only save and show the plan with them."""
    asked, job_id = request.form, request.path["job_id"]
    slug = asked.get("connection", "")
    try:
        given = given_codes(asked)
        if asked.get("do") == "save":
            await request.use_cases.set_codes.save(request.tenant.id, slug, given, by=request.by)
            return Redirect(_address(request, asked))
        once = once_of(asked, job_id)
        sent = await request.use_cases.set_codes.send(
            request.tenant.id, _send_request(request), given, others=bool(asked.get("others")), by=request.by, once=once
        )
    except PlanChanged:
        return await _shown(request, asked, changed=True, typed=typed_codes(asked))
    except CodeSetMeanwhile as error:  # the fields show theirs
        return await _shown(request, asked, error=error)
    except CallerMends as error:
        return await _shown(request, asked, error=error, typed=typed_codes(asked))
    return Redirect(f"{request.home}/{sent_page(sent)}")


async def _shown(
    request: TenantRequest,
    asked: Mapping[str, str],
    *,
    changed: bool = False,
    error: JobferryError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Rendered:
    job_id = request.path["job_id"]
    menu = await request.use_cases.send_menu(request.tenant.id, job_id)
    chosen, choice = _chosen(menu, asked.get("connection", "")), None
    mode, adopt = _mode(asked.get("items", "")), asked.get("adopt") == "1"
    if chosen:
        job, preview = await asyncio.gather(_described(request), _preview(request, chosen, asked))
    else:
        job, preview = await _described(request), None
        if job and menu and not asked.get("connection"):
            choice = await request.use_cases.describe_job.connection_of(request.tenant.id, job, menu)
        if choice and (chosen := _chosen(menu, choice.slug)):
            preview = await _preview(request, chosen, asked)
    code_form: CodeForm | None = None
    sends_tasks = False
    if chosen and preview:
        connection = await request.use_cases.find_connection(request.tenant.id, chosen.connection)
        sends_tasks = connection.sends_tasks
        code_form = await request.use_cases.show_code_forms.of_plan(request.tenant.id, connection, preview.plan)
    return Rendered(
        "jobs/job.html",
        {
            "job_id": job_id,
            "job": job,
            "status": job.status.replace("_", " ").capitalize() if job else "",
            "scheduled": day_words(day_of(request.zone, job.scheduled)) if job and job.scheduled else "",
            "choice": choice,
            "menu": menu,
            "chosen": chosen,
            "states": STATES,
            "mode": mode,
            "modes": list(ItemsMode),
            "tasks_modes": list(TasksMode) if sends_tasks else [],
            "adopt": adopt,
            "adopt_address": _adopt_address(request, chosen, asked, preview),
            "preview": preview,
            "plan": preview.plan if preview else None,
            "button_words": _button_words(chosen, preview) if chosen and preview else "",
            "why_not": _why_not(request, chosen, preview),
            "ask_what_stands": _asks_what_stands(preview),
            "said": bool(asked.get("said")),
            "changed": changed,
            "once": secrets.token_hex(16),
            "code_form": code_form,
            "typed": typed or {},
        },
        HTTPStatus.CONFLICT if changed else HTTPStatus.OK,
        error=error,
    )


async def _described(request: TenantRequest) -> JobDescription | None:
    """What ServiceTrade says of the job; None if it cannot be read now. Raises NotFound for a job that is not there."""
    try:
        return await request.use_cases.describe_job(request.tenant.id, request.path["job_id"])
    except NotFound:
        raise
    except JobferryError:
        return None


async def _preview(request: TenantRequest, chosen: MenuEntry, asked: Mapping[str, str]) -> SendPreview:
    return await request.use_cases.preview_send(
        request.tenant.id,
        chosen.connection,
        request.path["job_id"],
        adopt=asked.get("adopt") == "1",
        items=_mode(asked.get("items", "")),
        tasks=_tasks(asked),
        completing=bool(asked.get("complete")),
    )


def _chosen(menu: Sequence[MenuEntry], slug: str) -> MenuEntry | None:
    """The chosen entry; an only connection is chosen automatically."""
    if len(menu) == 1 and not slug:
        return menu[0]
    return next((entry for entry in menu if entry.connection == slug), None)


def _why_not(request: TenantRequest, chosen: MenuEntry | None, preview: SendPreview | None) -> str:
    """Why the button cannot be pressed, '' if it can."""
    if chosen is None or preview is None:
        return "Choose a connection first."
    if not request.may("send"):
        return request.refusal
    blockers = len(preview.plan.blockers)
    return f"{blockers} problem{'s block' if blockers > 1 else ' blocks'} this send." if blockers else ""


def _button_words(chosen: MenuEntry, preview: SendPreview) -> str:
    """What the button does, such as "Send Job to Spectrum with 3 items"."""
    plan = preview.plan
    ids = {line.item_id for line in plan.lines}
    tasks = sum(map(is_service, ids))
    items = len(ids) - tasks
    words = chosen.label
    if items:
        words += f" with {items} item{'s' if items > 1 else ''}{' again' if plan.items is ItemsMode.AGAIN else ''}"
    elif plan.items is not ItemsMode.NONE:
        words += " without items"
    if tasks:
        words += f" and {tasks} task{'s' if tasks > 1 else ''}{' again' if plan.tasks is TasksMode.AGAIN else ''}"
    if plan.completes and not preview.job_completed:
        words = f"Complete the job, and {words[:1].lower()}{words[1:]}"
    return words


def _asks_what_stands(preview: SendPreview | None) -> bool:
    held = preview.plan.items_held if preview else None
    return held is not None and held.code == ITEMS_UNKNOWN


def _adopt_address(
    request: TenantRequest, chosen: MenuEntry | None, asked: Mapping[str, str], preview: SendPreview | None
) -> str:
    if not (chosen and preview and any(found.code in _NUMBERS for found in preview.plan.blockers)):
        return ""
    return _address(request, {**asked, "connection": chosen.connection, "adopt": "1"})


def _address(request: TenantRequest, choice: Mapping[str, str]) -> str:
    """The page's address with this choice."""
    query = urlencode({name: choice[name] for name in _CHOICE if choice.get(name)})
    return f"{request.home}/jobs/{request.path['job_id']}?{query}"


def _mode(text: str) -> ItemsMode:
    return next((mode for mode in ItemsMode if mode.value == text), ItemsMode.NONE)


def _tasks(asked: Mapping[str, str]) -> TasksMode:
    """The choice of tasks, which the form shows only with items."""
    chosen = next((mode for mode in TasksMode if mode.value == asked.get("tasks")), TasksMode.NEW_ONLY)
    return chosen if _mode(asked.get("items", "")) is not ItemsMode.NONE else TasksMode.NEW_ONLY


async def declare_items(request: TenantRequest) -> Redirect:
    """Store the answer, then return to the job, which shows what is left to send."""
    job_id, slug = request.path["job_id"], request.form.get("connection", "")
    await request.use_cases.declare_items(
        request.tenant.id, slug, job_id, _standing(request), reason=request.form.get("reason", ""), by=request.by
    )
    query = urlencode({"connection": slug, "items": request.form.get("items", ""), "said": "1"})
    return Redirect(f"{request.home}/jobs/{job_id}?{query}")


def _standing(request: TenantRequest) -> Standing:
    """The answer. Raises BadInput if the ticks and the choice contradict each other."""
    said = request.form.get("standing", "")
    ticked = [name.removeprefix(_TICK) for name in request.form if name.startswith(_TICK)]
    match said, bool(ticked):
        case "some", True:
            return ticked
        case "all" | "none", False:
            return said
        case "all" | "none", True:
            message = "You chose all or none, but items are ticked."
        case "some", False:
            message = "No item is ticked."
        case _:
            message = "The form does not say which items are in Spectrum."
    raise BadInput(message, fix="Go back and choose all, none, or these, and tick each item that is there.")
