"""What people decide about suggestions: ticks, confirmed codes, records that get none. A worker sets what is confirmed.

Acts of others that may come in between: the page is old (the record or its suggestions have changed since), somebody
else confirmed or left the same record, the button was pressed twice. Each pair is answered for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKey, AliasKind, CodeSource, entry_errors
from core.model.mappings.code_words import folded
from core.model.mappings.listed_check import Code
from core.model.mappings.suggested_record import Grade, RecordState, SuggestedRecord
from core.model.operations.audit import AuditEntry
from core.services.service import Service
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
AT_ONCE = 500
"""So many records are changed in one transaction."""


class Outcome(StrEnum):
    """What became of one pair of a record and a code."""

    ACCEPTED = "accepted"
    """It is confirmed: a worker checks it once more and sets it"""
    ALREADY = "already"
    """The same code was confirmed or set before"""
    CHANGED = "changed"
    """The record or its suggestions have changed since they were shown, or it has a code by now"""
    DECIDED = "decided"
    """Somebody else has decided otherwise meanwhile"""
    NOT_LISTED = "not_listed"
    """The code is not in the list of Spectrum's codes, or is inactive there"""
    INVALID = "invalid"
    """No code can look like this"""


@dataclass(frozen=True, slots=True)
class Pair:
    """A record and the code that a person chose for it, in whatever case, '' for none. `version` is that of the record
    as shown."""

    key: AliasKey
    code: str
    version: int


@dataclass(frozen=True, slots=True)
class PairOutcome:
    pair: Pair
    outcome: Outcome
    detail: str = ""

    @property
    def good(self) -> bool:
        return self.outcome in (Outcome.ACCEPTED, Outcome.ALREADY)


class DecideSuggestions(Service):
    """`slug` is that of a connection. All raise NotFound (CONNECTION_NOT_FOUND)."""

    async def confirm(
        self, tenant_id: str, slug: str, pairs: Sequence[Pair], place: CodeSource, *, by: str
    ) -> Sequence[PairOutcome]:
        """Confirm these pairs, each for itself; at most AT_ONCE. A second call with the same pairs changes nothing."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            stored, version = await _locked(t, connection, [pair.key for pair in pairs])
            listed = await t.code_lists.of(connection.id, [(pair.key[0], pair.code) for pair in pairs if pair.code])
            usable = {one.key: one.code for one in listed if one.active is not False}
            found = {pair.key: _outcome(pair, stored.get(pair.key), usable) for pair in pairs}
            now = await t.now()
            accepted = [
                replace(
                    stored[pair.key],
                    state=RecordState.CONFIRMED,
                    code=usable[pair.key[0], folded(pair.code)],
                    place=place,
                    decided_by=by,
                    decided_at=now,
                    trouble="",
                    version=version,
                )
                for pair in pairs
                if found[pair.key].outcome is Outcome.ACCEPTED
            ]
            await t.suggestions.put(connection.id, accepted)
            await self._confirmed(t, connection, len(accepted), place, by=by, now=now)
        return [found[pair.key] for pair in pairs]

    async def confirm_ticked(
        self,
        tenant_id: str,
        slug: str,
        grade: Grade,
        place: CodeSource,
        *,
        kind: AliasKind | None = None,
        words: tuple[str, ...] = (),
        until: int,
        by: str,
    ) -> int:
        """Confirm every ticked record of a grade that has not changed since version `until`, in one transaction; of the
        doubtful ones only those that this person picked; only those that a search for `words` finds. Returns how
        many."""
        only = None if grade is Grade.CLEAR else by
        wanted = RecordFilter(grade=grade, kind=kind, ticked=True, until=until, by=only, words=words)
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            if await t.suggestions.search(connection.id) is None:
                return 0
            version, now = await t.suggestions.next_version(connection.id), await t.now()
            count = await t.suggestions.confirm(connection.id, wanted, place, by=by, at=now, version=version)
            await self._confirmed(t, connection, count, place, by=by, now=now)
        return count

    async def tick(self, tenant_id: str, slug: str, ticks: Sequence[Pair], *, by: str) -> Sequence[AliasKey]:
        """Keep what is ticked and picked on a page, so that no other page loses it; nothing is confirmed. Returns those
        that have changed since they were shown, of which nothing is kept."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            stored, _ = await _locked(t, connection, [one.key for one in ticks])
            now = await t.now()
            old = [one.key for one in ticks if not _as_shown(one, stored.get(one.key))]
            new = [
                replace(stored[one.key], code=one.code, decided_by=by, decided_at=now)
                for one in ticks
                if one.key not in old and one.code != stored[one.key].code
            ]
            await t.suggestions.put(connection.id, new)
        return old

    async def leave(self, tenant_id: str, slug: str, keys: Collection[AliasKey], *, by: str) -> int:
        """These records get no code from here. Returns of how many that was still open."""
        return await self._move(tenant_id, slug, keys, (RecordState.OPEN,), RecordState.LEFT, "suggestion.left", by)

    async def take_back(self, tenant_id: str, slug: str, keys: Collection[AliasKey], *, by: str) -> int:
        """These records are open again: those that were left, and those whose confirmed code is not set yet."""
        states = (RecordState.LEFT, RecordState.CONFIRMED)
        return await self._move(tenant_id, slug, keys, states, RecordState.OPEN, "suggestion.taken_back", by)

    async def take_back_all(self, tenant_id: str, slug: str, kind: AliasKind | None, *, by: str) -> int:
        """No confirmed code of a kind that is not set yet is set any more; None: of all kinds. Returns how many
        records are open again. A worker may set some while this goes on."""
        wanted, count = RecordFilter(state=RecordState.CONFIRMED, kind=kind), 0
        while True:
            async with self._transactions.begin(tenant_id) as t:
                connection = await t.connections.by_slug(slug)
                waiting = await t.suggestions.page(connection.id, wanted, limit=AT_ONCE)
            if not waiting:
                return count
            count += await self.take_back(tenant_id, slug, [one.key for one in waiting], by=by)

    async def _move(
        self,
        tenant_id: str,
        slug: str,
        keys: Collection[AliasKey],
        of: Collection[RecordState],
        to: RecordState,
        act: str,
        by: str,
    ) -> int:
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            stored, version = await _locked(t, connection, keys)
            now = await t.now()
            moved = [
                replace(one, state=to, code="", decided_by=by, decided_at=now, trouble="", version=version, matched=0)
                for one in stored.values()
                if one.state in of
            ]
            await t.suggestions.put(connection.id, moved)
            for one in moved:
                detail = {"connection": slug, "kind": one.record.kind.value, "name": one.record.name}
                await t.audit.record(AuditEntry(now, by, act, one.record.id, detail))
            if moved:
                await t.suggestions.wake(connection.id)  # they are compared again
        return len(moved)

    async def _confirmed(
        self, t: TenantTransaction, connection: Connection, count: int, place: CodeSource, *, by: str, now: datetime
    ) -> None:
        if not count:
            return
        detail = {"connection": connection.slug, "count": str(count), "place": place.value}
        await t.audit.record(AuditEntry(now, by, "suggestions.confirmed", connection.id, detail))
        await t.suggestions.wake(connection.id)
        _log.info("suggestions.confirmed", tenant=connection.tenant_id, connection=connection.slug, count=count, by=by)


async def _locked(
    t: TenantTransaction, connection: Connection, keys: Collection[AliasKey]
) -> tuple[dict[AliasKey, SuggestedRecord], int]:
    if await t.suggestions.search(connection.id) is None:
        return {}, 0
    version = await t.suggestions.next_version(connection.id)
    return {one.key: one for one in await t.suggestions.of(connection.id, keys, lock=True)}, version


def _as_shown(pair: Pair, stored: SuggestedRecord | None) -> bool:
    sound = not pair.code or next(entry_errors(*pair.key, "", pair.code), None) is None
    return sound and stored is not None and stored.state is RecordState.OPEN and stored.version == pair.version


def _outcome(pair: Pair, stored: SuggestedRecord | None, usable: Collection[Code]) -> PairOutcome:
    kind, record_id = pair.key
    if wrong := next(entry_errors(kind, record_id, "", pair.code), None):
        return PairOutcome(pair, Outcome.INVALID, f"The code {wrong.detail}.")
    if stored is None:
        return PairOutcome(pair, Outcome.CHANGED, "This record has a code by now, or is not in ServiceTrade any more.")
    if stored.state in (RecordState.CONFIRMED, RecordState.SET):
        if folded(stored.code) == folded(pair.code):
            return PairOutcome(pair, Outcome.ALREADY)
        return PairOutcome(pair, Outcome.DECIDED, f"{stored.decided_by} has confirmed {stored.code} meanwhile.")
    if stored.state is RecordState.LEFT:
        return PairOutcome(pair, Outcome.DECIDED, f"{stored.decided_by} has left this record without a code.")
    if stored.version != pair.version:
        return PairOutcome(pair, Outcome.CHANGED, "The record or its suggestions have changed since they were shown.")
    if (kind, folded(pair.code)) not in usable:
        return PairOutcome(
            pair, Outcome.NOT_LISTED, f"{pair.code} is not in the list of Spectrum's codes, or inactive."
        )
    return PairOutcome(pair, Outcome.ACCEPTED)
