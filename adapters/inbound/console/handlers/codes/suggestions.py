"""Suggested codes of a connection: the search, what it found in groups, and what a person decides.

Ticks and picks of a page are stored with every press, also of "Next page": so paging loses none without JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.inbound.console.handlers.codes.suggestion_inputs import (
    GROUPS,
    LEAVE,
    Place,
    after_of,
    after_text,
    code_source_in,
    key_in,
    number_in,
    pairs_in,
    place_of,
)
from adapters.inbound.console.page_request import Redirect, Rendered, TenantRequest
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.suggested_record import Grade, Order, RecordState, SearchStep, SuggestedRecord
from core.model.shared.errors import NotFound
from core.services.mappings.suggestions.decide import PairOutcome
from core.services.mappings.suggestions.show_suggestions import ShownSearch
from ports.storage.mappings.suggestions import RecordFilter

SHOWN, _DOUBTFUL, _FOUND = 50, 20, 20
_NAMES = {
    "clear": "Clear",
    "doubtful": "Doubtful",
    "nothing": "Nothing found",
    "not-set": "Not set",
    "waiting": "Being set",
    "left": "Left",
    "set": "Set",
}
KIND_WORDS: Mapping[AliasKind, str] = {
    AliasKind.CUSTOMER: "Customers",
    AliasKind.SITE: "Sites",
    AliasKind.CONTRACT: "Contracts",
    AliasKind.ITEM: "Items",
}


async def show_suggestions(request: TenantRequest) -> Rendered:
    return await _page(request, place_of(request.query))


async def decide(request: TenantRequest) -> Rendered | Redirect:
    """The pressed button decides; what is ticked and picked is kept in any case."""
    slug, form, use_cases = request.path["connection"], request.form, request.use_cases.decide_suggestions
    place, pairs = place_of(form), pairs_in(form)
    if form.get("do") == "find":
        await request.use_cases.start_search(request.tenant.id, slug, by=request.by)
        return _to(request, Place("clear"))
    if form.get("do") == "back-all":
        await use_cases.take_back_all(request.tenant.id, slug, place.kind, by=request.by)
        return _to(request, Place("clear"))
    if form.get("do") in ("back", "leave"):
        keys = [pair.key for pair in pairs if form.get("all") or pair.code]
        act = use_cases.take_back if form["do"] == "back" else use_cases.leave
        await act(request.tenant.id, slug, keys, by=request.by)
        return _to(request, replace(place, after=None))
    left = [pair.key for pair in pairs if pair.code == LEAVE]
    picked = [pair for pair in pairs if pair.code != LEAVE]
    old = await use_cases.tick(request.tenant.id, slug, picked, by=request.by)
    if left:
        await use_cases.leave(request.tenant.id, slug, left, by=request.by)
    told = {"old": str(len(old)) if old else "", "left": str(len(left)) if left else ""}
    if form.get("do") == "set":
        grade = GROUPS[place.group].grade or Grade.CLEAR
        until = number_in(form.get("known", ""))
        count = await use_cases.confirm_ticked(
            request.tenant.id,
            slug,
            grade,
            code_source_in(form),
            kind=place.kind,
            words=place.words,
            until=until,
            by=request.by,
        )
        return _to(request, replace(place, after=None), **told, confirmed=str(count))
    if form.get("do") == "keep":
        return _to(request, place, **told)
    following = after_of(form.get("next", "")) if form.get("do") == "next" else None
    return _to(request, replace(place, after=following), **told)


async def show_suggested_record(request: TenantRequest) -> Rendered:
    return await _record(request, _key(request))


async def decide_record(request: TenantRequest) -> Rendered | Redirect:
    """Confirm the picked code of one record, or leave it, or take that back."""
    slug, key, use_cases = request.path["connection"], _key(request), request.use_cases.decide_suggestions
    match request.form.get("do"):
        case "leave":
            await use_cases.leave(request.tenant.id, slug, [key], by=request.by)
        case "back":
            await use_cases.take_back(request.tenant.id, slug, [key], by=request.by)
            return await _record(request, key)
        case _:
            pairs = [pair for pair in pairs_in(request.form) if pair.key == key]
            place = code_source_in(request.form)
            [*outcomes] = await use_cases.confirm(request.tenant.id, slug, pairs, place, by=request.by)
            if not outcomes or not outcomes[0].good:
                return await _record(request, key, outcomes[0] if outcomes else None)
            return _to(request, place_of(request.form), confirmed="1")
    return _to(request, place_of(request.form), left="1")


async def _page(request: TenantRequest, place: Place) -> Rendered:
    slug = request.path["connection"]
    shown = await request.use_cases.show_suggestions(request.tenant.id, slug)
    limit = _DOUBTFUL if place.group == "doubtful" else SHOWN
    page = await request.use_cases.show_suggestions.page(
        request.tenant.id, slug, place.wanted, limit=limit, after=place.after, order=place.order
    )
    kinds = [(None, "All kinds"), *KIND_WORDS.items()]
    waits = _unfinished(shown, place)
    return Rendered(
        "codes/suggestions.html",
        {
            "shown": shown,
            "connection": shown.connection,
            "search": shown.search,
            "done": shown.tally.of(RecordState.SET),
            "said": _said(shown),
            "place": place,
            "here": _address(request),
            "groups": [(name, _NAMES[name], _count(shown, GROUPS[name], place.kind)) for name in GROUPS],
            "kinds": [
                (
                    words,
                    replace(place, kind=kind, after=None).query(),
                    _count(shown, GROUPS[place.group], kind),
                    kind is place.kind,
                )
                for kind, words in kinds
            ],
            "kind_words": KIND_WORDS,
            "waits": waits,
            "rows": () if waits else page.records,
            "next": after_text(page.next_after),
            "after": after_text(place.after),
            "first": replace(place, after=None).query(),
            "following": replace(place, after=page.next_after).query(),
            "version": page.version,
            "ticked": await _ticked(request, shown, place),
            "orders": {Order.NAME: "By name", Order.DOUBT: "Lowest score first"},
            "leave": LEAVE,
            "told": {name: number_in(request.query.get(name, "")) for name in ("confirmed", "old", "left")},
            "unlisted": [
                KIND_WORDS[kind]
                for kind, state in shown.lists.items()
                if not state.rows and shown.tally.of(RecordState.OPEN, kind)
            ],
        },
    )


async def _record(request: TenantRequest, key: AliasKey, outcome: PairOutcome | None = None) -> Rendered:
    slug, search = request.path["connection"], request.query.get("search", "").strip()[:200]
    shown = await request.use_cases.show_suggestions.record(request.tenant.id, slug, key, search=search, most=_FOUND)
    if shown is None:
        raise NotFound(
            "This record has a code by now, or is not in ServiceTrade any more.", fix="Go back to the suggestions."
        )
    return Rendered(
        "codes/suggested_record.html",
        {
            "connection": shown.connection,
            "one": shown.record.record,
            "listed": shown.record.listed,
            "found": [one for one in shown.found if one.code not in _codes(shown.record.record)],
            "search": search,
            "outcome": outcome,
            "here": f"{_address(request)}/{key[0].value}/{key[1]}",
            "back": f"{_address(request)}?{place_of(request.query or request.form).query()}",
            "place": place_of(request.query or request.form),
        },
    )


def _unfinished(shown: ShownSearch, place: Place) -> bool:
    """Whether a running search still changes what there is to decide. A list with a part of it would look like all."""
    running = shown.search is not None and shown.search.running and not shown.search.trouble
    return running and GROUPS[place.group].state is RecordState.OPEN


def _codes(one: SuggestedRecord) -> Sequence[str]:
    return [suggestion.code for suggestion in one.suggestions]


def _count(shown: ShownSearch, wanted: RecordFilter, kind: AliasKind | None) -> int:
    if wanted.troubled:
        return shown.tally.troubled
    return shown.tally.of(wanted.grade or wanted.state, kind)


async def _ticked(request: TenantRequest, shown: ShownSearch, place: Place) -> int:
    """How many codes the button sets, as they are stored."""
    grade = GROUPS[place.group].grade
    if grade is None or not place.words:
        return shown.tally.ticks(grade, place.kind) if grade else 0
    wanted = replace(place.wanted, ticked=True)
    return await request.use_cases.show_suggestions.count(request.tenant.id, shown.connection.slug, wanted)


def _said(shown: ShownSearch) -> str:
    """How the search stands, in a sentence."""
    search, tally = shown.search, shown.tally
    if search is None:
        return ""
    if search.trouble and shown.busy:
        return f"It waits, and continues by itself: {search.trouble}"
    if search.trouble:
        return f"It ended early: {search.trouble}"
    match search.step:
        case SearchStep.READ:
            return f"ServiceTrade's lists are being read: {search.records:,} records so far."
        case SearchStep.ASK:
            return f"ServiceTrade is being asked about {tally.unasked:,} more records."
        case SearchStep.MATCH:
            return "The records without a code are being compared with Spectrum's codes."
    if waiting := tally.of(RecordState.CONFIRMED):
        return f"Codes are being set: {waiting:,} to go."
    return "Records are being compared again." if shown.busy else ""


def _key(request: TenantRequest) -> AliasKey:
    key = key_in(f"{request.path['kind']}.{request.path['record']}")
    if key is None:
        raise NotFound("There is no such record.", fix="Go back to the suggestions.")
    return key


def _address(request: TenantRequest) -> str:
    return f"{request.home}/connections/{request.path['connection']}/suggestions"


def _to(request: TenantRequest, place: Place, **told: str) -> Redirect:
    return Redirect(f"{_address(request)}?{place.query(**told)}")
