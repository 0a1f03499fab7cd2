"""The search in the head of every page: one exact hit opens at once, several are listed by kind."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered, TenantRequest
from core.services.sending.search import FoundJob, SearchResult

_LONGEST = 300


async def search(request: TenantRequest) -> Rendered | Redirect:
    asked = request.query.get("q", "").strip()[:_LONGEST]
    found = await request.use_cases.search(request.tenant.id, asked)
    if address := _only_one(request, found):
        return Redirect(address)
    nothing = not (found.jobs or found.work_orders or found.sends or found.customers)
    status = HTTPStatus.NOT_FOUND if nothing and asked else HTTPStatus.OK
    return Rendered("jobs/found.html", {"searched": asked, "found": found, "nothing": nothing}, status)


async def search_own(request: PageRequest) -> Redirect:
    """The search on pages without a tenant: in the person's own."""
    if request.person.tenant_id is None:
        return Redirect(request.home)
    tenant = await request.use_cases.find_tenant.by_id(request.person.tenant_id)
    return Redirect(f"/t/{tenant.slug}/find?{urlencode({'q': request.query.get('q', '')})}")


def _only_one(request: TenantRequest, found: SearchResult) -> str:
    """The address of the one thing that was meant, '' if that is not clear."""
    match found.exact:
        case FoundJob(job_id=job_id):
            return f"{request.home}/jobs/{job_id}"
        case None:
            few = len(found.customers) == 1 and not (found.jobs or found.work_orders or found.sends)
            return f"{request.home}/sends?{urlencode({'text': found.customers[0]})}" if few else ""
        case send:
            return f"{request.home}/sends/{send.id}"
