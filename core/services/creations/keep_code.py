"""Keep the code of a record that was made in Spectrum, for ServiceTrade's record, and send again what waited for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.creations.creation import Creation
from core.model.mappings.alias import CodeSource
from core.model.operations.audit import AuditEntry
from core.model.sending.diagnosis import from_error
from core.model.shared.errors import JobferryError, TimeMends
from core.services.creations.tell_people import TellPeople
from core.services.mappings.aliases import Aliases
from core.services.mappings.code_set_meanwhile import CodeSetMeanwhile
from core.services.mappings.set_code import SetCode
from core.services.sending.retry_freed import RetryFreed
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


class KeepCode(Service):
    """Every part of it can be repeated: the same code is set once, and the same sends are sent again once."""

    def __init__(self, d: Dependencies, aliases: Aliases, retry_freed: RetryFreed) -> None:
        super().__init__(d)
        self._aliases = aliases
        self._set_code = SetCode(d, aliases)
        self._retry_freed = retry_freed
        self._tell_people = TellPeople(d)

    async def __call__(self, connection: Connection, creation: Creation, epoch: int) -> None:
        """Raises LeaseLost, and TimeMends while the database is unreachable."""
        trouble: JobferryError | None = None
        batch_id = f"bat{creation.id.removeprefix('crn')}" if creation.send_again else None
        try:
            await self._keep(connection, creation)
            if batch_id:
                await self._retry_freed(connection, [creation.key], batch_id, by=creation.requested_by)
        except JobferryError as error:
            if error.code == "DATABASE_UNREACHABLE":
                raise
            trouble = error
        async with self._transactions.begin(creation.tenant_id) as t:
            await t.creations.hold_lease(connection.id, epoch)
            present, now = await t.creations.get(creation.id, lock=True), await t.now()
            if not present.keeps_code:
                return
            if trouble is None:
                await t.creations.save(replace(present, due_at=None, code_kept_at=now, findings=(), batch_id=batch_id))
            else:
                await t.creations.save(troubled := self._troubled(present, trouble, now))
                if not isinstance(trouble, TimeMends):
                    await self._tell_people.of(t, connection, troubled, now)
                    detail = {"connection": connection.slug, "code": creation.code, "problem": trouble.code}
                    await t.audit.record(AuditEntry(now, "jobferry", "creation.code_not_kept", creation.id, detail))
        _log.info("creation.code_kept" if trouble is None else "creation.code_not_kept", creation=creation.id)

    async def _keep(self, connection: Connection, creation: Creation) -> None:
        by, entry = creation.requested_by, creation.entry
        if creation.keep is CodeSource.SERVICETRADE:
            await self._set_code(creation.tenant_id, connection.slug, entry, by=by, known="", listed=True)
            return
        async with self._transactions.begin(creation.tenant_id) as t:
            await t.aliases.take_turn(connection.id)
            present = await t.aliases.of(connection.id, [entry.key])
            if present and present[0].code != entry.code:
                raise CodeSetMeanwhile.by(present)
            if not present:
                await self._aliases.set_within(t, connection, [entry], at=self._clock.now(), by=by)

    def _troubled(self, creation: Creation, trouble: JobferryError, now: datetime) -> Creation:
        """Time mends it: it is tried again by itself. Otherwise a person has to look."""
        tries = creation.tries + 1
        again = now + self._delays.held(tries) if isinstance(trouble, TimeMends) else None
        return replace(creation, findings=(from_error(trouble),), tries=tries, due_at=again)
