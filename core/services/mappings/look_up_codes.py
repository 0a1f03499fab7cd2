"""The lists of codes that a connection's Spectrum company has: what is known of each, a search, and a new reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import ListState
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, Conflict
from core.services.service import Service
from ports.storage.code_lists import CodePage

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConnectionLists:
    """What is known of each list of a connection, in the order of the kinds."""

    connection: Connection
    states: Sequence[ListState]

    @property
    def reading(self) -> bool:
        return any(state.begun_at for state in self.states)


def as_shown(state: ListState) -> ListState:
    """Of a list that no service reads, what is there instead of that it was never read."""
    if state.kind in LIST_SERVICES or state.read_at or not state.rows:
        return state
    what = "1 code, learned" if state.rows == 1 else f"{state.rows:,} codes, learned"
    return replace(state, trouble=None, detail=f"{what} from what Spectrum accepted. No file was imported.")


class LookUpCodes(Service):
    async def states(self, tenant_id: str, connection: str) -> ConnectionLists:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            states = await t.code_lists.states(found.id)
        return ConnectionLists(found, [as_shown(states[kind]) for kind in AliasKind])

    async def search(
        self,
        tenant_id: str,
        connection: str,
        *,
        kind: AliasKind | None = None,
        text: str = "",
        limit: int = 50,
        after: str | None = None,
    ) -> CodePage:
        """Codes that begin with the text, then those with all of its words at the beginning of words in code or name.

        Raises NotFound (CONNECTION_NOT_FOUND), BadInput for an `after` that no page gave.
        """
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            try:
                return await t.code_lists.search(found.id, kind, text[:_LONGEST_SEARCH], limit=limit, after=after)
            except ValueError as error:
                fix = "Use the value `next` of the page before, unchanged, or leave it out for the first page."
                raise BadInput("The place in the list is not valid.", fix=fix) from error

    async def refresh(self, tenant_id: str, connection: str, *, by: str) -> ConnectionLists:
        """Let a worker read all lists now. A reading that goes on already is not begun again.

        Raises NotFound (CONNECTION_NOT_FOUND), Conflict (CONNECTION_PAUSED, TENANT_PAUSED).
        """
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
            if found.paused:
                fix = "Resume the connection first."
                raise Conflict(f"The connection {connection} is paused.", code="CONNECTION_PAUSED", fix=fix)
            if (await t.tenant()).paused:
                raise Conflict("The tenant is paused.", code="TENANT_PAUSED", fix="Resume the tenant first.")
            await t.code_lists.take_turn(found.id)
            now, states = await t.now(), await t.code_lists.states(found.id)
            new = [kind for kind in LIST_SERVICES if states[kind].begun_at is None]
            for kind in new:
                await t.code_lists.set_state(found.id, replace(states[kind], begun_at=now, rows_so_far=0))
            if new:
                await t.audit.record(
                    AuditEntry(now, by, "codes.refresh_requested", found.id, {"connection": connection})
                )
            await t.code_lists.wake(found.id, None)
            states = await t.code_lists.states(found.id)
        if new:
            _log.info("codes.refresh_requested", tenant=tenant_id, connection=connection, by=by)
        return ConnectionLists(found, [as_shown(states[kind]) for kind in AliasKind])


_LONGEST_SEARCH = 200
