"""Keys of programs: a tenant's, or the operators' own. The key itself stands on one answer and nowhere else."""

from __future__ import annotations

from http import HTTPStatus

from adapters.inbound.console.visit import Arrival, Drawn, GoTo
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


async def list_keys(visit: Arrival) -> Drawn:
    return await _drawn(visit)


async def create_key(visit: Arrival) -> Drawn:
    """Answered by the page itself: another address could not show the key without somebody keeping it."""
    scopes = frozenset(scope for scope in SCOPES if f"scope.{scope}" in visit.form)
    request = KeyRequest(
        name=visit.form.get("name", ""), tenant_id=visit.owner_id, scopes=scopes if visit.owner_id else frozenset()
    )
    try:
        made = await visit.use_cases.api_keys.create(request, visit.caller)
    except BadInput as error:
        return await _drawn(visit, error=error)
    return await _drawn(visit, made=made)


async def revoke_key(visit: Arrival) -> GoTo:
    await visit.use_cases.api_keys.revoke(visit.owner_id, visit.path["key"], visit.caller)
    return GoTo(f"{visit.home}/keys?done=revoked")


async def _drawn(visit: Arrival, *, made: NewKey | None = None, error: BadInput | None = None) -> Drawn:
    return Drawn(
        "keys.html",
        {
            "keys": await visit.use_cases.api_keys.list(visit.owner_id),
            "scopes": SCOPES if visit.owner_id else {},
            "made": made,
            "error": error,
            "done": visit.query.get("done", ""),
        },
        status_of(error) if error else HTTPStatus.OK,
    )
