"""Suggested codes: search for them, list them, confirm them."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Page
from adapters.inbound.schema.suggestions import (
    ConfirmedOut,
    ConfirmIn,
    MovedOut,
    RecordsIn,
    SearchOut,
    SuggestedRecordOut,
    SuggestionsQuery,
)
from core.model.mappings.alias import CodeSource


async def start_search(call: Call[Nothing]) -> Reply[SearchOut]:
    """Search for the codes of the records without one.

    A worker reads ServiceTrade's companies, locations, contracts and library items, and compares those without a code
    with the codes that Spectrum has. Nothing is set. A search that runs is not started again.
    """
    slug = call.path["connection"]
    await call.use_cases.start_search(call.tenant.id, slug, by=call.caller.name)
    return Reply(SearchOut.of_shown(await call.use_cases.show_suggestions(call.tenant.id, slug)))


async def show_search(call: Call[Nothing]) -> Reply[SearchOut]:
    """Show how the search stands.

    With the number of records in each grade and state, which change while it runs and while confirmed codes are set.
    """
    return Reply(SearchOut.of_shown(await call.use_cases.show_suggestions(call.tenant.id, call.path["connection"])))


async def list_suggestions(call: Call[SuggestionsQuery]) -> Reply[Page[SuggestedRecordOut]]:
    """List records without a code, each with its suggested codes.

    Customers first, then sites, contracts and items, each by name.
    """
    asked = call.input
    page = await call.use_cases.show_suggestions.page(
        call.tenant.id,
        call.path["connection"],
        asked.wanted,
        limit=asked.limit,
        after=cursor.decode_record(asked.cursor),
    )
    return cursor.page_of_records([SuggestedRecordOut.of_shown(one) for one in page.records], page.next_after)


async def confirm_suggestions(call: Call[ConfirmIn]) -> Reply[ConfirmedOut]:
    """Confirm codes, each pair for itself.

    A worker checks each pair once more: whether the record is as it was shown and still has no code, and whether the
    code is still listed. Then it sets the code. What could not be set is open again and tells why. The same request a
    second time changes nothing.
    """
    outcomes = await call.use_cases.decide_suggestions.confirm(
        call.tenant.id,
        call.path["connection"],
        call.input.chosen(),
        CodeSource(call.input.place.value),
        by=call.caller.name,
    )
    return Reply(ConfirmedOut.of_outcomes(outcomes))


async def leave_records(call: Call[RecordsIn]) -> Reply[MovedOut]:
    """Leave records without a code.

    Nothing is suggested for them any more until somebody opens them again.
    """
    moved = await call.use_cases.decide_suggestions.leave(
        call.tenant.id, call.path["connection"], call.input.keys(), by=call.caller.name
    )
    return Reply(MovedOut(records=moved))


async def reopen_records(call: Call[RecordsIn]) -> Reply[MovedOut]:
    """Take decisions back.

    Of records that were left without a code, and of confirmed codes that are not set yet. They are compared again.
    """
    moved = await call.use_cases.decide_suggestions.take_back(
        call.tenant.id, call.path["connection"], call.input.keys(), by=call.caller.name
    )
    return Reply(MovedOut(records=moved))
