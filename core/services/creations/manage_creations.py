"""See the new records, and what a person can do about one: cancel it, say what is in Spectrum, keep its code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from core.model.connections.connection import Connection
from core.model.creations.creation import Creation, CreationState
from core.model.creations.lifecycle import cancelled, settled
from core.model.mappings.alias import CodeSource
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, Conflict, FieldError
from core.services.creations.store_creation_answer import list_new_code
from core.services.creations.tell_people import TellPeople
from core.services.service import Dependencies, Service
from ports.storage.creations import CreationFilter
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CreationOn:
    """A creation with its connection."""

    creation: Creation
    connection: Connection


@dataclass(frozen=True, slots=True)
class CreationPage:
    creations: Sequence[CreationOn]
    next: int | None


class ManageCreations(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._tell_people = TellPeople(d)

    async def list(
        self,
        tenant_id: str,
        *,
        connection: str | None = None,
        states: tuple[CreationState, ...] = (),
        needs_person: bool = False,
        limit: int = 50,
        before: int | None = None,
    ) -> CreationPage:
        """Newest first. `connection` is a slug; raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            only = (await t.connections.by_slug(connection)).id if connection else None
            wanted = CreationFilter(connection_id=only, states=states, needs_person=needs_person)
            found = await t.creations.page(wanted, limit=limit + 1, before=before)
            connections = {one.id: one for one in await t.connections.all()}
        page = found[:limit]
        shown = [CreationOn(one, connections[one.connection_id]) for one in page]
        return CreationPage(shown, page[-1].seq if len(found) > limit else None)

    async def show(self, tenant_id: str, creation_id: str) -> CreationOn:
        """Raises NotFound (CREATION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await _on(t, await t.creations.get(creation_id))

    async def settle(self, tenant_id: str, creation_id: str, *, there: bool, reason: str, by: str) -> CreationOn:
        """A person looked in Spectrum. `there`: the record with this code is this one; its code is then kept. Otherwise
        it is not there, and the record can be created anew.

        Raises NotFound, BadInput, Conflict (CREATION_NOT_IN_DOUBT, DOUBT_TOO_FRESH before the quiet period is over,
        CREATION_TAKEN if another creation has the code by now).
        """
        reason = reason.strip()
        if not 1 <= len(reason) <= _LONGEST_REASON:
            errors = [FieldError("/reason", f"say what you saw, in 1 to {_LONGEST_REASON} characters")]
            fix = "Look in Spectrum and say what you found there."
            raise BadInput.of("The answer cannot be saved", errors, fix=fix)
        async with self._transactions.begin(tenant_id) as t:
            creation = await _locked(t, creation_id)
            now = await t.now()
            after = settled(creation, there, by=by, reason=reason, now=now)
            if there and not creation.state.open and not await t.creations.retake(after):
                raise Conflict(
                    "Another creation has this code, or this record, by now.",
                    code="CREATION_TAKEN",
                    fix="Look in the list of new records.",
                )
            if there and creation.kind.adds:
                await list_new_code(t, after)
            return await self._stored(t, creation, after, "creation.settled", by, {"reason": reason})

    async def cancel(self, tenant_id: str, creation_id: str, *, by: str) -> CreationOn:
        """Give it up, while it waits or after it was not made.

        Raises NotFound, Conflict (CREATION_NOT_CANCELLABLE) once something of it may be in Spectrum.
        """
        async with self._transactions.begin(tenant_id) as t:
            creation = await _locked(t, creation_id)
            return await self._stored(t, creation, cancelled(creation, await t.now()), "creation.cancelled", by, {})

    async def keep_code(self, tenant_id: str, creation_id: str, keep: CodeSource | None, *, by: str) -> CreationOn:
        """Try again to keep the code of a record that was made, here or in ServiceTrade; None: leave the code that
        ServiceTrade's record has by now.

        Raises NotFound, Conflict (CREATION_CODE_KEPT) if nothing is to be kept.
        """
        async with self._transactions.begin(tenant_id) as t:
            creation, now = await _locked(t, creation_id), await t.now()
            if not creation.keeps_code:
                raise Conflict(
                    "There is no code to keep: it was kept, or the record is not in Spectrum.",
                    code="CREATION_CODE_KEPT",
                    fix="Look at it again.",
                )
            if keep is None:
                after = replace(creation, code_kept_at=now, due_at=None)
            else:
                after = replace(creation, keep=keep, due_at=now, tries=0, findings=())
            detail = {"keep": keep.value if keep else "none"}
            return await self._stored(t, creation, after, "creation.code_kept", by, detail)

    async def _stored(
        self, t: TenantTransaction, before: Creation, after: Creation, action: str, by: str, detail: dict[str, str]
    ) -> CreationOn:
        await t.creations.save(after)
        await self._tell_people.no_more(t, after)
        shown = await _on(t, await t.creations.get(after.id))
        if after.due_at:
            await t.connections.wake(after.connection_id, after.due_at)
        told = {"connection": shown.connection.slug, "code": after.code, "record": after.record_id}
        if before.state is not after.state:
            told["outcome"] = after.state.value
        await t.audit.record(AuditEntry(await t.now(), by, action, after.id, told | detail))
        _log.info(action, creation=after.id, by=by, state=after.state.value)
        return shown


async def _locked(t: TenantTransaction, creation_id: str) -> Creation:
    """A worker locks the connection first and the creation second, and so do we."""
    await t.connections.lock((await t.creations.get(creation_id)).connection_id)
    return await t.creations.get(creation_id, lock=True)


async def _on(t: TenantTransaction, creation: Creation) -> CreationOn:
    return CreationOn(creation, await t.connections.get(creation.connection_id))
