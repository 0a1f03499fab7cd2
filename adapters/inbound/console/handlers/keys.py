"""Keys of programs, of a tenant or of the operators. Only the answer that makes a key shows it."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.forms import problems_of
from adapters.inbound.console.handlers.confirmation import ask, is_sure
from adapters.inbound.console.page_request import PageRequest, Redirect, Rendered
from core.model.access.api_key import Scope
from core.model.shared.errors import BadInput
from core.services.access.api_keys import KeyRequest, NewKey

SHOWN = 50
SCOPES = {
    Scope.READ: "Read everything",
    Scope.SEND: "Send jobs, retry and cancel sends",
    Scope.SETTLE: "Answer checks in Spectrum, mark sends as done by hand",
    Scope.MANAGE: "Change connections, codes, people and keys",
}


async def list_keys(request: PageRequest, *, made: NewKey | None = None, error: BadInput | None = None) -> Rendered:
    """A page of keys; after one was made with its text, or with the form's error."""
    page = await request.use_cases.api_keys.page(request.owner_id, limit=SHOWN, before=request.before_id)
    return Rendered(
        "access/keys.html",
        {
            "keys": page.keys,
            "older": urlencode({"before": page.next_before}) if page.next_before else "",
            "scopes": SCOPES if request.owner_id else {},
            "made": made,
            "problems": problems_of(error) if error else {},
            "done": request.query.get("done", ""),
        },
        error=error,
    )


async def create_key(request: PageRequest) -> Rendered:
    """Show the key on this answer: a redirect could show it only if the key were stored."""
    scopes = frozenset(scope for scope in SCOPES if f"scope.{scope}" in request.form)
    key_request = KeyRequest(
        name=request.form.get("name", ""),
        tenant_id=request.owner_id,
        scopes=scopes if request.owner_id else frozenset(),
    )
    try:
        made = await request.use_cases.api_keys.create(key_request, request.caller)
    except BadInput as error:
        return await list_keys(request, error=error)
    return await list_keys(request, made=made)


async def revoke_key(request: PageRequest) -> Rendered | Redirect:
    key = await request.use_cases.api_keys.get(request.owner_id, request.path["key"])
    if key.revoked_at is None and not is_sure(request):
        return ask(
            request,
            heading=f"Revoke the key {key.name}?",
            lost=[
                f"The program that uses the key {key.prefix}… gets no answer from Jobferry from now on.",
                "A revoked key cannot be used again. If the program still needs one, make a new key first.",
            ],
            button="Revoke it",
            back=f"{request.home}/keys",
        )
    await request.use_cases.api_keys.revoke(request.owner_id, request.path["key"], request.caller)
    return Redirect(f"{request.home}/keys?done=revoked")
