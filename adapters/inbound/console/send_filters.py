"""The filters of the list of sends, as they stand in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.inbound.console.days import day_of
from adapters.inbound.console.page_request import TenantRequest
from core.model.connections.connection import Connection
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.time_zone import day_bounds

_NAMES = ("text", "state", "cause", "connection", "from", "to", "batch")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """`asked` is what the address says. `problem` is why no send can match, '' if some may: a filter that cannot be
    read never shows or changes more sends than were asked for."""

    asked: Mapping[str, str]
    only: SendFilter
    problem: str = ""

    @property
    def state(self) -> SendState | None:
        return next(iter(self.only.states), None)


async def filters_of(request: TenantRequest, given: Mapping[str, str]) -> Filters:
    """The filters in a query or form. Days are the tenant's."""
    asked = {name: text[:_LONGEST] for name in _NAMES if (text := given.get(name, "").strip())}
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    state = next((one for one in SendState if one.value == asked.get("state")), None)
    connection = next((one for one in connections if one.slug == asked.get("connection")), None)
    since, until = _bounds(request, asked.get("from"))[0], _bounds(request, asked.get("to"))[1]
    only = SendFilter(
        states=(state,) if state else (),
        connection_id=connection.id if connection else None,
        cause=asked.get("cause"),
        text=asked.get("text"),
        since=since,
        until=until,
        batch_id=asked.get("batch"),
    )
    return Filters(asked, only, _problem(asked, state, connection, since, until))


def limited_to(only: SendFilter, states: tuple[SendState, ...]) -> SendFilter | None:
    """The filter for those sends that are in one of these states; None if there can be none."""
    left = tuple(state for state in states if not only.states or state in only.states)
    return replace(only, states=left) if left else None


def _bounds(request: TenantRequest, text: str | None) -> tuple[datetime | None, datetime | None]:
    day = day_of(text) if text else None
    return day_bounds(request.zone, day) if day else (None, None)


def _problem(
    asked: Mapping[str, str],
    state: SendState | None,
    connection: Connection | None,
    since: datetime | None,
    until: datetime | None,
) -> str:
    if "state" in asked and state is None:
        return f"There is no state {asked['state']}."
    if "connection" in asked and connection is None:
        return f"There is no connection {asked['connection']}. Somebody may have removed it."
    for name, moment in (("from", since), ("to", until)):
        if name in asked and moment is None:
            return f"{asked[name]} is not a day. Write a day like 2026-11-30."
    if since and until and since >= until:
        return "The first day is after the last one."
    return ""
