"""The resources for jobs, their items and their customers in the sandbox ServiceTrade."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from adapters.sandbox.servicetrade.envelope import DEFAULT_PAGE_SIZE, answer, body_of, page, refusal
from adapters.sandbox.servicetrade.records import job, job_answer, job_item, listed_parties, party, service_request
from adapters.sandbox.servicetrade.state import COMPLETED, JOB, STATUSES, Job, ServiceTradeState
from adapters.sandbox.servicetrade.webhooks import Webhooks

_LISTS = {
    "company": ("companies", DEFAULT_PAGE_SIZE),
    "location": ("locations", 10),
    "contract": ("contracts", DEFAULT_PAGE_SIZE),
    "libitem": ("libItems", DEFAULT_PAGE_SIZE),
}
"""The key and the page size of each list. Those of contracts and library items are inferred [inf]."""


def job_routes(state: ServiceTradeState, webhooks: Webhooks) -> list[web.RouteDef]:
    async def show(request: web.Request) -> web.Response:
        record = request.match_info["id"]
        if record not in state.jobs:
            return refusal(state, 404, "Job not found")
        return answer(state, job_answer(state, record))

    async def list_jobs(request: web.Request) -> web.Response:
        meets = _job_filter(request)
        return page(state, request, "jobs", [job(state, record) for record, one in state.jobs.items() if meets(one)])

    async def change(request: web.Request) -> web.Response:
        """Change a job. PUT is partial and the last write wins [doc]. Writing tags by name is a guess [unknown]."""
        record, body = request.match_info["id"], await body_of(request)
        if record not in state.jobs:
            return refusal(state, 404, "Job not found")
        status, tags = body.get("status"), body.get("tags")
        if status is not None and status not in STATUSES:
            return refusal(state, 400, "status: is not valid")
        if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
            return refusal(state, 400, "tags: must be a list of names")
        found = state.jobs[record]
        if found.refuses_completion and status in COMPLETED and found.status not in COMPLETED:
            return refusal(state, 409, found.refuses_completion)
        changes = [] if status is None else state.set_status(record, status)
        if tags is not None:
            found.tags = tags
        state.touch(record)
        webhooks.happened(JOB, record, "updated", changes)
        return answer(state, job_answer(state, record))

    async def list_items(request: web.Request) -> web.Response:
        if "jobId" not in request.query:
            return refusal(state, 405, "At least one filter is required")
        kind = request.query.get("libItemType")
        rows = [
            job_item(state, record)
            for record, item in state.job_items.items()
            if item.job == request.query["jobId"] and kind in (None, item.kind)
        ]
        return page(state, request, "jobItems", rows)

    async def list_services(request: web.Request) -> web.Response:
        asked = request.query.get("jobId")
        rows = [service_request(state, record) for record, one in state.services.items() if asked in (None, one.job)]
        return page(state, request, "serviceRequests", rows)

    one = r"/api/job/{id:\d+}"
    return [
        web.get("/api/job", list_jobs),
        web.get(one, show),
        web.put(one, change),
        web.get("/api/jobitem", list_items),
        web.get("/api/servicerequest", list_services),
    ]


def party_routes(state: ServiceTradeState) -> list[web.RouteDef]:
    """Companies, locations, contracts and library items, read only."""

    async def show(request: web.Request) -> web.Response:
        kind, record = request.match_info["kind"], request.match_info["id"]
        if record not in state.of_type(kind):
            return refusal(state, 404, f"{kind.capitalize()} not found")
        return answer(state, party(state, kind, record))

    async def list_all(request: web.Request) -> web.Response:
        kind = request.path.rpartition("/")[2]
        key, size = _LISTS[kind]
        return page(state, request, key, listed_parties(state, kind), size)

    return [
        web.get(r"/api/{kind:company|location|contract|libitem}/{id:\d+}", show),
        *(web.get(f"/api/{kind}", list_all) for kind in _LISTS),
    ]


def _job_filter(request: web.Request) -> Callable[[Job], bool]:
    """Return the filter: only scheduled jobs unless a status is given; `all` is all except canceled, `*` all [doc]."""
    query = request.query
    status = query.get("status", "scheduled")
    wanted = {"all": set(STATUSES) - {"canceled"}, "*": set(STATUSES)}.get(status, set(status.split(",")))
    updated_after = _seconds(query.get("updatedAfter"), 0)
    completed_from = _seconds(query.get("completedOnBegin"), None)
    completed_to = _seconds(query.get("completedOnEnd"), None)

    def meets(one: Job) -> bool:
        if one.status not in wanted or one.updated < (updated_after or 0):
            return False
        if "number" in query and one.number != query["number"]:
            return False
        if completed_from is not None and (one.completed_on is None or one.completed_on < completed_from):
            return False
        return completed_to is None or (one.completed_on is not None and one.completed_on <= completed_to)

    return meets


def _seconds(text: str | None, default: int | None) -> int | None:
    return int(text) if text and text.isdecimal() else default
