"""Import a list of codes from a file that Spectrum's administrator exported, after a look at what it would change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from core.model.mappings.alias import Alias, AliasKind
from core.model.mappings.code_words import folded
from core.model.mappings.list_csv import ListFile, read_list_csv
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import MOST_ROWS, ListedCode, ListedFrom
from core.model.mappings.seen_codes import SeenCodes
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import BadInput, Conflict, FieldError
from core.services.service import Service

_log = structlog.get_logger()
_AT_ONCE = 1000
_SHOWN = 20
_TWO_AT_ONCE = (
    "Another file was imported at the same time, so the list may not be whole. Import the one that holds all again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedImport:
    """`whole`: somebody says that the file holds all codes of this kind that the company has. Codes of an earlier file
    that it lacks are removed, and a list of sites or contracts then shows that a code does not exist, as one that was
    read. Otherwise the file only adds and changes codes. `columns` names the file's columns (LIST_COLUMNS); None: they
    are found by their headings."""

    kind: AliasKind
    content: bytes
    whole: bool = False
    columns: Mapping[str, str] | None = None


@dataclass(slots=True)
class ListImport:
    """What an import changes, or has changed if it is `done`: how many codes of each, and the first of them.

    Of a look at a `whole` list: `accepted` are codes that the file lacks although Spectrum accepted them, so the file
    may not be whole; `stopped` are the aliases and external ids here whose code would not be listed any more.
    """

    kind: AliasKind
    file: ListFile
    whole: bool
    done: bool = False
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    first_added: list[ListedCode] = field(default_factory=list)
    first_changed: list[tuple[ListedCode, ListedCode]] = field(default_factory=list)
    first_removed: list[ListedCode] = field(default_factory=list)
    accepted: int = 0
    first_accepted: list[ListedCode] = field(default_factory=list)
    stopped: int = 0
    first_stopped: list[Alias] = field(default_factory=list)

    @property
    def counts_as_whole(self) -> bool:
        """Whether the list shows afterwards that a code does not exist. Rows that cannot be read may hold any code."""
        return _removes(self) and self.kind not in LIST_SERVICES

    @property
    def fingerprint(self) -> str:
        """Of the look. A file that was looked at as a part of the list is not taken as the whole one."""
        mark = self.file.fingerprint
        return f"{mark}-whole" if mark and self.whole else mark


class ImportCodes(Service):
    async def preview(self, tenant_id: str, connection: str, asked: AskedImport) -> ListImport:
        """What the import would change. Nothing is stored. Raises NotFound (CONNECTION_NOT_FOUND)."""
        file = await asyncio.to_thread(read_list_csv, asked.content, asked.kind, asked.columns)
        found = ListImport(asked.kind, file, asked.whole)
        async with self._transactions.begin(tenant_id) as t:
            connection_id = (await t.connections.by_slug(connection)).id
        seen = SeenCodes()
        for codes in _parts(file.codes):
            for one in codes:
                seen.add(folded(one.code))
            async with self._transactions.begin(tenant_id) as t:
                stored = {one.key: one for one in await t.code_lists.of(connection_id, [one.key for one in codes])}
            for code in codes:
                if (there := stored.get(code.key)) is None:
                    found.added += 1
                    found.first_added += [code] * (len(found.first_added) < _SHOWN)
                elif there == code or there.listed_from is ListedFrom.SPECTRUM:
                    found.unchanged += 1
                else:
                    found.changed += 1
                    found.first_changed += [(there, code)] * (len(found.first_changed) < _SHOWN)
        if _removes(found):
            async for gone in self._missing(tenant_id, connection_id, asked.kind, seen):
                removed = [one for one in gone if one.listed_from is ListedFrom.IMPORTED]
                found.removed += len(removed)
                found.first_removed += removed[: _SHOWN - len(found.first_removed)]
                accepted = [one for one in gone if one.listed_from is ListedFrom.ACCEPTED]
                found.accepted += len(accepted)
                found.first_accepted += accepted[: _SHOWN - len(found.first_accepted)]
                for one in gone:
                    if one.listed_from is not ListedFrom.IMPORTED:  # it stays listed
                        seen.add(folded(one.code))
        inactive = {folded(one.code) for one in file.codes if one.active is False and one.kind is not AliasKind.ITEM}
        if found.counts_as_whole or inactive:
            await self._look_for_stopped(tenant_id, connection_id, found, seen, inactive)
        return found

    async def _look_for_stopped(
        self, tenant_id: str, connection_id: str, found: ListImport, seen: SeenCodes, inactive: Collection[str]
    ) -> None:
        """The codes of records whose jobs would be stopped: inactive in the file or, if it is whole, not in it."""
        before: int | None = None
        while True:
            async with self._transactions.begin(tenant_id) as t:
                page = await t.aliases.page(connection_id, source=None, kind=found.kind, limit=_AT_ONCE, before=before)
            codes = ((one, folded(one.code)) for one in page)
            stopped = [one for one, code in codes if code in inactive or (found.counts_as_whole and code not in seen)]
            found.stopped += len(stopped)
            found.first_stopped += stopped[: _SHOWN - len(found.first_stopped)]
            if len(page) < _AT_ONCE:
                return
            before = page[-1].seq

    async def __call__(
        self, tenant_id: str, connection: str, asked: AskedImport, *, fingerprint: str, by: str
    ) -> ListImport:
        """Store what a preview showed. `fingerprint` is that of the preview: another file is not taken.

        It is stored in parts. If it is interrupted, import the file again: nothing is stored twice.
        Raises NotFound (CONNECTION_NOT_FOUND), Conflict (CODES_FILE_CHANGED), BadInput (CODES_FILE_INVALID).
        """
        file = await asyncio.to_thread(read_list_csv, asked.content, asked.kind, asked.columns)
        found = ListImport(asked.kind, file, asked.whole, done=True)
        _require_same(found, fingerprint)
        async with self._transactions.begin(tenant_id) as t:
            target = await t.connections.by_slug(connection)
            before = (await t.code_lists.states(target.id))[asked.kind]
        if before.rows + len(file.codes) > MOST_ROWS * 2:
            raise _refused(f"the connection would have more than {MOST_ROWS * 2:,} codes of this kind")
        seen = SeenCodes()
        for codes in _parts(file.codes):
            for one in codes:
                seen.add(folded(one.code))
            async with self._transactions.begin(tenant_id) as t:
                await t.code_lists.take_turn(target.id)
                await t.connections.get(target.id)
                stored = {one.key: one for one in await t.code_lists.of(target.id, [one.key for one in codes])}
                told = [one for one in codes if not _told_by_spectrum(stored.get(one.key))]
                done = await t.code_lists.store(target.id, told)
            found.added += done.added
            found.changed += done.changed
            found.unchanged += len(codes) - done.added - done.changed
        if _removes(found):
            async for gone in self._missing(tenant_id, target.id, asked.kind, seen):
                removed = [one.key for one in gone if one.listed_from is ListedFrom.IMPORTED]
                async with self._transactions.begin(tenant_id) as t:
                    await t.code_lists.take_turn(target.id)
                    found.removed += await t.code_lists.remove(target.id, removed)
        await self._note(tenant_id, target.id, connection, asked, found, by, before.tried_at)
        return found

    async def _missing(
        self, tenant_id: str, connection_id: str, kind: AliasKind, seen: SeenCodes
    ) -> AsyncIterator[list[ListedCode]]:
        """The codes that this file lacks, some at a time, wherever they are from."""
        after: str | None = None
        while True:
            async with self._transactions.begin(tenant_id) as t:
                page = await t.code_lists.search(connection_id, kind, limit=_AT_ONCE, after=after)
            if gone := [one for one in page.codes if folded(one.code) not in seen]:
                yield gone
            if (after := page.next) is None:
                return

    async def _note(
        self,
        tenant_id: str,
        connection_id: str,
        connection: str,
        asked: AskedImport,
        found: ListImport,
        by: str,
        tried_before: datetime | None,
    ) -> None:
        counts = {"added": found.added, "changed": found.changed, "removed": found.removed}
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            await t.code_lists.take_turn(connection_id)
            if asked.kind not in LIST_SERVICES:
                state = (await t.code_lists.states(connection_id))[asked.kind]
                told = replace(state, tried_at=now, trouble=None)
                if state.tried_at != tried_before and (found.counts_as_whole or state.complete):
                    # A whole file may have removed what the other one stored.
                    told = replace(told, read_at=now, complete=False, detail=_TWO_AT_ONCE)
                elif found.counts_as_whole:
                    told = replace(told, read_at=now, complete=True, detail="Imported from a file as the whole list.")
                elif not state.complete:  # what a file adds makes a whole list neither younger nor less whole
                    told = replace(told, read_at=now, detail="Imported from a file.")
                await t.code_lists.set_state(connection_id, told)
            detail_of = {name: str(count) for name, count in counts.items()}
            detail_of |= {"connection": connection, "kind": asked.kind.value, "whole": "yes" if asked.whole else "no"}
            await t.audit.record(AuditEntry(now, by, "codes.imported", connection_id, detail_of))
        _log.info("codes.imported", tenant=tenant_id, connection=connection, kind=asked.kind.value, by=by, **counts)


def _told_by_spectrum(stored: ListedCode | None) -> bool:
    return stored is not None and stored.listed_from is ListedFrom.SPECTRUM


def _parts(codes: Sequence[ListedCode]) -> Sequence[Sequence[ListedCode]]:
    return [codes[first : first + _AT_ONCE] for first in range(0, len(codes), _AT_ONCE)]


def _removes(found: ListImport) -> bool:
    """Rows that cannot be read may hold any code, so nothing is removed beside them."""
    return found.whole and bool(found.file.codes) and not found.file.wrong_rows


def _require_same(found: ListImport, fingerprint: str) -> None:
    file = found.file
    if not file.codes:
        detail = file.wrong[0].detail if file.wrong else "the file has no rows"
        raise _refused(detail)
    if found.fingerprint != fingerprint:
        raise Conflict(
            "The file, its columns or how it is taken is not the one that was looked at. Nothing was imported.",
            code="CODES_FILE_CHANGED",
            fix="Look at what the file would change once more, then import it.",
        )


def _refused(detail: str) -> BadInput:
    return BadInput(
        f"The file cannot be imported: {detail}.",
        code="CODES_FILE_INVALID",
        fix="Correct the file, or choose its columns, and look at it once more.",
        errors=[FieldError("", detail)],
    )
