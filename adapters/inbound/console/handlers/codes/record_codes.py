"""The codes of one record on a connection: what counts, where it is from, its history, change and undo."""

from __future__ import annotations

from urllib.parse import urlencode

from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.mappings.alias import AliasEntry, AliasKey, AliasKind
from core.model.shared.errors import BadInput, JobferryError, NotFound
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.sending.set_codes import GivenCode

MOST_FORMER = 100


async def show_record_codes(request: TenantRequest) -> Rendered:
    return await _shown(request)


async def change_record_code(request: TenantRequest) -> Rendered | Redirect:
    """Save an alias, write to ServiceTrade, or remove the alias; the pressed button decides. An undo is one of these
    with a former code, so it is in the history itself."""
    form, slug, key = request.form, request.path["connection"], _key(request)
    try:
        match form.get("do"):
            case "remove":
                await _remove(request, slug, key)
            case "servicetrade":
                entry, known = _entry(request, key), form.get("known_id")
                await request.use_cases.set_code(request.tenant.id, slug, entry, by=request.by, known=known)
            case "alias":
                given = GivenCode(_entry(request, key), form.get("known", ""))
                await request.use_cases.set_codes.save(request.tenant.id, slug, [given], by=request.by)
            case _:
                raise BadInput("No button was pressed.", fix="Press one of the buttons.")
    except CodeSetMeanwhile as error:  # the field shows theirs
        return await _shown(request, error)
    except NotFound:
        raise
    except JobferryError as error:
        return await _shown(request, error, typed=form.get("code", ""))
    done = "removed" if form.get("do") == "remove" else "undone" if form.get("undo") else "set"
    return Redirect(f"{_address(request, key)}?{urlencode({'done': done})}")


async def _remove(request: TenantRequest, slug: str, key: AliasKey) -> None:
    codes = await request.use_cases.list_codes.of_record(request.tenant.id, slug, key)
    if codes.alias:  # otherwise somebody else has removed it already
        known = request.form.get("known", "")
        await request.use_cases.aliases.remove(request.tenant.id, codes.alias.id, by=request.by, known=known)


async def _shown(request: TenantRequest, error: JobferryError | None = None, typed: str = "") -> Rendered:
    key = _key(request)
    codes = await request.use_cases.list_codes.of_record(request.tenant.id, request.path["connection"], key)
    return Rendered(
        "codes/record_codes.html",
        {
            "connection": codes.connection,
            "kind": key[0],
            "record_id": key[1],
            "codes": codes,
            "name": codes.name or request.query.get("name", "")[:200],
            "typed": typed,
            "most": MOST_FORMER,
            "done": request.query.get("done", ""),
        },
        error=error,
    )


def _key(request: TenantRequest) -> AliasKey:
    """The record in the address. Raises NotFound for one that cannot exist."""
    kind, record_id = request.path["kind"], request.path["record"]
    if kind not in set(AliasKind) or not (record_id.isascii() and record_id.isdecimal() and len(record_id) <= 16):
        raise NotFound("There is no such record.", fix="Go back to the list of codes.")
    return AliasKind(kind), record_id


def _entry(request: TenantRequest, key: AliasKey) -> AliasEntry:
    return AliasEntry(*key, request.form.get("name", ""), request.form.get("code", "").strip())


def _address(request: TenantRequest, key: AliasKey) -> str:
    return f"{request.home}/connections/{request.path['connection']}/codes/{key[0].value}/{key[1]}"
