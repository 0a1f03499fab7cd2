"""Keys of programs: a tenant's, or the operators' own. The key itself stands on one answer and nowhere else."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from adapters.inbound.server.problem import status_of
from core.model.access.api_key import Scope
from core.model.shared.errors import BadInput
from core.services.access.api_keys import KeyRequest, NewKey

SCOPES = {
    Scope.READ: "Look at everything",
    Scope.SEND: "Send jobs, try again, cancel",
    Scope.SETTLE: "Settle doubts, say that something was done by hand",
    Scope.MANAGE: "Change connections, mappings, people and keys",
}


async def list_keys(request: PageRequest) -> Rendered:
    return await _drawn(request)


async def create_key(request: PageRequest) -> Rendered:
    """Answered by the page itself: another address could not show the key without somebody keeping it."""
    scopes = frozenset(scope for scope in SCOPES if f"scope.{scope}" in request.form)
    key_request = KeyRequest(
        name=request.form.get("name", ""),
        tenant_id=request.owner_id,
        scopes=scopes if request.owner_id else frozenset(),
    )
    try:
        made = await request.use_cases.api_keys.create(key_request, request.caller)
    except BadInput as error:
        return await _drawn(request, error=error)
    return await _drawn(request, made=made)


async def revoke_key(request: PageRequest) -> Redirect:
    await request.use_cases.api_keys.revoke(request.owner_id, request.path["key"], request.caller)
    return Redirect(f"{request.home}/keys?done=revoked")


async def _drawn(request: PageRequest, *, made: NewKey | None = None, error: BadInput | None = None) -> Rendered:
    return Rendered(
        "keys.html",
        {
            "keys": await request.use_cases.api_keys.list(request.owner_id),
            "scopes": SCOPES if request.owner_id else {},
            "made": made,
            "error": error,
            "done": request.query.get("done", ""),
        },
        status_of(error) if error else HTTPStatus.OK,
    )
