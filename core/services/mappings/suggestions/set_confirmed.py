"""Set the codes that people confirmed, after a look at what has happened meanwhile.

Acts of others that may come in between: somebody or a program set another code here or in ServiceTrade, the record was
renamed, moved or deleted there, the code left the list or became inactive, the connection leads to another company.
Each is told at its record, which is open again; a second try of the same code changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection
from core.model.mappings.alias import LONGEST_NAME, Alias, AliasEntry, AliasKind, CodeSource
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.suggested_record import RecordState, SuggestedRecord, SuggestionSearch
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, TenantMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.mappings.aliases import set_detail
from core.services.mappings.external_ids import FoundId, keep_copies
from core.services.mappings.suggestions.read_records import ACCOUNT_WIDE, changed
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
SET_AT_ONCE = 8


class SetConfirmed(Service):
    async def __call__(
        self,
        connection: Connection,
        account: ServiceTradeAccount,
        search: SuggestionSearch,
        confirmed: Sequence[SuggestedRecord],
    ) -> None:
        """Raises what the ServiceTrade port raises, unless it concerns one record only. What was set by then is stored,
        and the others stay confirmed."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(connection, account, search, one)) for one in confirmed]
        if error := next((task.result() for task in tasks if task.result()), None):
            raise error

    async def _one(
        self, connection: Connection, account: ServiceTradeAccount, search: SuggestionSearch, one: SuggestedRecord
    ) -> Exception | None:
        """The error that concerns more than this record: it must not keep the others from being stored."""
        try:
            await self._check_and_set(connection, account, search, one)
        except Exception as error:
            return error
        return None

    async def _check_and_set(
        self, connection: Connection, account: ServiceTradeAccount, search: SuggestionSearch, one: SuggestedRecord
    ) -> None:
        found: ListedRecord | None = None
        try:
            entry = _entry(one)
            found = await self._service_trade.find_record(account, *one.key, connection.external_system)
            async with self._transactions.begin(connection.tenant_id) as t:
                trouble = await _trouble(t, connection, search, one, found)
            if not trouble and one.place is CodeSource.SERVICETRADE and found and found.code != one.code:
                await self._service_trade.write_code(account, *one.key, connection.external_system, one.code)
        except (TenantMends, BadInput) as error:
            if error.code in ACCOUNT_WIDE:
                raise
            trouble = f"{error.message} {error.fix or ''}".strip()
            if error.code == "MAP_DUPLICATE_EXTERNAL_ID":
                trouble = f"{error.message} Set it as an alias instead if both records are one in Spectrum."
        if trouble:
            await self._not_set(connection, one, found, trouble)
        else:
            await self._store(connection, one, entry)

    async def _store(self, connection: Connection, one: SuggestedRecord, entry: AliasEntry) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            stored, version = await _still(t, connection, one)
            if stored is None:
                return
            now = await t.now()
            aliases = await t.aliases.of(connection.id, [one.key])
            if aliases and aliases[0].code != one.code:
                await _reopen(t, connection, stored, version, None, _theirs(aliases[0]))
                return
            if one.place is CodeSource.SERVICETRADE:
                written = FoundId(one.record.name, one.code, self._clock.now())
                await keep_copies(t, connection.id, {one.key: written}, now=now, ids=self._ids, by=one.decided_by)
                await self._audit(t, connection, one, entry, "code.set", one.record.id, now)
            elif not aliases:
                await self._set_alias(t, connection, one, entry, now)
            done = replace(stored, state=RecordState.SET, decided_at=now, trouble="", version=version)
            await t.suggestions.put(connection.id, [done])
            if one.record.kind is AliasKind.CUSTOMER:
                await t.suggestions.match_again(connection.id, [one.record.id])
        _log.info("suggestion.set", tenant=connection.tenant_id, connection=connection.slug, kind=one.record.kind.value)

    async def _set_alias(
        self, t: TenantTransaction, connection: Connection, one: SuggestedRecord, entry: AliasEntry, now: datetime
    ) -> None:
        alias = Alias(
            id=self._ids.new("als"), connection_id=connection.id, entry=entry, set_at=now, set_by=one.decided_by
        )
        await t.aliases.put(connection.id, [alias])
        await self._audit(t, connection, one, entry, "alias.set", alias.id, now)

    async def _audit(
        self,
        t: TenantTransaction,
        connection: Connection,
        one: SuggestedRecord,
        entry: AliasEntry,
        act: str,
        subject: str,
        now: datetime,
    ) -> None:
        """Who confirmed it, and what was suggested, how strongly and why."""
        detail = {**set_detail(connection.slug, entry, None), "suggested": one.best.code if one.best else ""}
        if one.best:
            detail |= {"score": str(one.best.score), "reasons": ", ".join(one.best.reasons)}
        await t.audit.record(AuditEntry(now, one.decided_by, act, subject, detail))

    async def _not_set(
        self, connection: Connection, one: SuggestedRecord, found: ListedRecord | None, trouble: str
    ) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            stored, version = await _still(t, connection, one)
            if stored is not None:
                await _reopen(t, connection, stored, version, found, trouble)
            if found and found.code is not None:
                read = FoundId(found.record.name, found.code, self._clock.now())
                await keep_copies(t, connection.id, {one.key: read}, now=read.at, ids=self._ids)


async def _still(
    t: TenantTransaction, connection: Connection, one: SuggestedRecord
) -> tuple[SuggestedRecord | None, int]:
    """The row with its next version; None if somebody took it back or another worker was faster."""
    await t.connections.get(connection.id)  # it may be removed meanwhile
    await t.aliases.take_turn(connection.id)
    version = await t.suggestions.next_version(connection.id)
    stored = next(iter(await t.suggestions.of(connection.id, [one.key], lock=True)), None)
    same = stored and stored.state is RecordState.CONFIRMED and (stored.code, stored.place) == (one.code, one.place)
    return (stored if same else None), version


async def _reopen(
    t: TenantTransaction,
    connection: Connection,
    stored: SuggestedRecord,
    version: int,
    found: ListedRecord | None,
    trouble: str,
) -> None:
    """It is compared again, as it is now; nothing is ticked."""
    record = found.record if found else stored.record
    reopened = replace(
        stored,
        record=record,
        state=RecordState.OPEN,
        code="",
        trouble=trouble,
        matched=0 if record != stored.record else stored.matched,
        version=version,
    )
    await t.suggestions.put(connection.id, [reopened])


async def _trouble(
    t: TenantTransaction,
    connection: Connection,
    search: SuggestionSearch,
    one: SuggestedRecord,
    found: ListedRecord | None,
) -> str:
    """What speaks against setting the code now, '' for nothing."""
    if (connection.company_code, connection.external_system) != (search.company_code, search.external_system):
        return "The connection was changed since the search. Search again."
    if found is None:
        return "ServiceTrade does not have this record any more."
    if changed(one.record, found.record):
        return f"In ServiceTrade the record has changed: it is {_shown(found)} now."
    if found.code and found.code != one.code:
        return f"In ServiceTrade somebody has set the External ID {found.code} meanwhile."
    aliases = await t.aliases.of(connection.id, [one.key])
    if aliases and aliases[0].code != one.code:
        return _theirs(aliases[0])
    listed = await t.code_lists.of(connection.id, [(one.record.kind, one.code)])
    return _unlisted(one, listed[0] if listed else None)


def _unlisted(one: SuggestedRecord, listed: ListedCode | None) -> str:
    if listed is None or listed.code != one.code:
        return f"{one.code} is not in the list of Spectrum's codes any more."
    if listed.active is False:
        return f"{one.code} is inactive in Spectrum now."
    if one.confirmed_name and listed.name != one.confirmed_name:
        return f"In Spectrum {one.code} is called {listed.name or 'nothing'} now, not {one.confirmed_name}."
    return ""


def _theirs(alias: Alias) -> str:
    return f"{alias.set_by} has set the alias {alias.code} meanwhile."


def _shown(found: ListedRecord) -> str:
    record = found.record
    place = ", ".join(text for text in (record.street, record.city) if text)
    return f"{record.name or 'without a name'}{f' at {place}' if place else ''}"


def _entry(one: SuggestedRecord) -> AliasEntry:
    name = one.record.name[:LONGEST_NAME]
    return AliasEntry(one.record.kind, one.record.id, name if name.isprintable() else "", one.code)
