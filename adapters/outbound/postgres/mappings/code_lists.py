"""The codes that Spectrum companies have. Lists are long, so many codes are read and stored in one statement."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import StoredRow, columns, made
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.listing import code_list_states, listed_codes, listed_words
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_place import place_in
from core.model.mappings.code_search import CodeSearch
from core.model.mappings.code_words import folded, words_in
from core.model.mappings.listed_check import Code
from core.model.mappings.listed_code import ListedCode, ListState
from ports.storage.code_lists import CodeLists, CodePage, StoredCodes
from ports.storage.due_work import WorkKind

_AT_ONCE = 1000
# A function of the database (migrations/sql/searching.sql), so that its plans are kept.
_SEARCH = text("""
SELECT kind, key, code, name, active, street, city, state, postal_code, phone, customer_code, site_code, unit,
    listed_from, refused_at, words
FROM search_codes(:tenant, :connection, CAST(:kinds AS text[]), :begins, :word, :others, :by_word,
    :from_key, :from_kind, :from_word, :after_key, :after_kind, :most)
""")
_STORED = text("""
SELECT c.* FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS asked (kind, key)
CROSS JOIN LATERAL (
    SELECT * FROM listed_codes c
    WHERE c.tenant_id = :tenant AND c.connection_id = :connection AND c.kind = asked.kind AND c.key = asked.key LIMIT 1
) c
""")
_ENTER = text("""
INSERT INTO listed_codes AS l (tenant_id, connection_id, kind, key, code, name, active, street, city, state,
    postal_code, phone, customer_code, site_code, unit, listed_from, refused_at, words)
SELECT :tenant, :connection, r.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (kind text, key text, code text,
    name text, active boolean, street text, city text, state text, postal_code text, phone text, customer_code text,
    site_code text, unit text, listed_from text, refused_at timestamptz, words text)
ON CONFLICT (connection_id, kind, key) DO UPDATE SET code = excluded.code, name = excluded.name,
    active = excluded.active, street = excluded.street, city = excluded.city, state = excluded.state,
    postal_code = excluded.postal_code, phone = excluded.phone, customer_code = excluded.customer_code,
    site_code = excluded.site_code, unit = excluded.unit, listed_from = excluded.listed_from,
    refused_at = excluded.refused_at, stored_at = now(), words = excluded.words
""")
_ENTER_WORDS = text("""
INSERT INTO listed_words (tenant_id, connection_id, kind, word, key, words)
SELECT :tenant, :connection, r.kind, w.word, r.key, r.words
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (kind text, key text, words text)
CROSS JOIN LATERAL regexp_split_to_table(btrim(r.words), ' ') AS w (word) WHERE w.word <> ''
""")
_LEAVE_WORDS = text("""
DELETE FROM listed_words WHERE ctid = ANY (ARRAY(
    SELECT w.ctid FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (kind text, key text, words text)
    CROSS JOIN LATERAL regexp_split_to_table(btrim(r.words), ' ') AS gone (word)
    CROSS JOIN LATERAL (
        SELECT ctid FROM listed_words w WHERE w.tenant_id = :tenant AND w.connection_id = :connection
            AND w.kind = r.kind AND w.word = gone.word AND w.key = r.key LIMIT 1
    ) w
))
""")


class PostgresCodeLists(Repository, CodeLists):
    _tenant_id: str

    async def take_turn(self, connection_id: str) -> None:
        await self._run(select(func.pg_advisory_xact_lock(func.hashtextextended(f"codes {connection_id}", 0))))

    async def states(self, connection_id: str) -> Mapping[AliasKind, ListState]:
        query = select(code_list_states).where(self._ours(code_list_states, connection_id=connection_id))
        found = {(state := made(ListState, row)).kind: state for row in await self._rows(query)}
        return {kind: found.get(kind, ListState(kind=kind)) for kind in AliasKind}

    async def set_state(self, connection_id: str, state: ListState) -> None:
        values = {"connection_id": connection_id, **columns(state, "rows")}
        await self._put(code_list_states, values, key=("connection_id", "kind"))

    async def of(self, connection_id: str, codes: Collection[Code]) -> Sequence[ListedCode]:
        return [
            _listed(row) for row in await self._stored(connection_id, {(kind, folded(code)) for kind, code in codes})
        ]

    async def every(self, connection_id: str, kind: AliasKind) -> AsyncIterator[ListedCode]:
        key, query = listed_codes.c.key, select(listed_codes)
        query = query.where(self._ours(listed_codes, connection_id=connection_id, kind=kind.value))
        rows = await self._rows(query.order_by(key).limit(_AT_ONCE))
        while rows:
            for row in rows:
                yield _listed(row)
            rows = await self._rows(query.where(key > rows[-1]["key"]).order_by(key).limit(_AT_ONCE))

    async def search(
        self, connection_id: str, kind: AliasKind | None, text: str = "", *, limit: int = 50, after: str | None = None
    ) -> CodePage:
        begin, search = place_in(after), CodeSearch.of(text)
        asked = {
            "kinds": [kind.value] if kind else sorted(kind.value for kind in AliasKind),
            "begins": search.begins,
            "word": search.word,
            "others": _pattern(search.others),
            "by_word": begin.by_word,
            "from_key": max(search.begins, "" if begin.by_word else begin.key),
            "from_kind": "" if begin.by_word else begin.kind,
            "from_word": max(search.word, begin.word),
            "after_key": begin.key if begin.by_word else "",
            "after_kind": begin.kind if begin.by_word else "",
            "most": limit + 1,
        }
        found = (await self._in_list(connection_id, _SEARCH, **asked)).mappings().all()
        more = len(found) > limit
        last = found[limit - 1] if more else None
        place = search.place(last["kind"], last["key"], last["words"].split()) if last else None
        return CodePage([_listed(row) for row in found[:limit]], place and place.text())

    async def store(self, connection_id: str, codes: Sequence[ListedCode]) -> StoredCodes:
        stored = {(row["kind"], row["key"]): row for row in await self._stored(connection_id, {c.key for c in codes})}
        new, changed = [], []
        for code in codes:
            if (row := stored.get(code.key)) is None:
                new.append(code)
            elif (there := _listed(row)) != code and code.replaces(there):
                changed.append(code)
        if written := [*new, *changed]:
            rows = [_row(code) for code in sorted(written, key=lambda one: one.key)]
            await self._in_list(connection_id, _ENTER, rows=json.dumps(rows))
            await self._leave(connection_id, [stored[code.key] for code in changed])
            await self._in_list(connection_id, _ENTER_WORDS, rows=_words(rows))
            for kind in {code.kind for code in new}:
                await self._count(connection_id, kind, sum(code.kind is kind for code in new))
        return StoredCodes(len(new), len(changed))

    async def remove(
        self, connection_id: str, codes: Collection[Code], *, stored_before: datetime | None = None
    ) -> int:
        stored = await self._stored(connection_id, {(kind, folded(code)) for kind, code in codes})
        rows = [row for row in stored if stored_before is None or row["stored_at"] < stored_before]
        await self._leave(connection_id, rows)
        for kind in {row["kind"] for row in rows}:
            keys = [row["key"] for row in rows if row["kind"] == kind]
            this = self._ours(listed_codes, connection_id=connection_id, kind=kind)
            await self._run(delete(listed_codes).where(this, listed_codes.c.key == func.any(keys)))
            await self._count(connection_id, AliasKind(kind), -len(keys))
        return len(rows)

    async def forget(self, connection_id: str) -> None:
        for table in (listed_words, listed_codes, code_list_states):
            await self._run(delete(table).where(self._ours(table, connection_id=connection_id)))

    async def wake(self, connection_id: str, at: datetime | None) -> None:
        await DueMoments(self._connection, self._tenant_id).wake(WorkKind.CODES, connection_id, at)

    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        await DueMoments(self._connection, self._tenant_id).set(WorkKind.CODES, connection_id, at)

    async def _stored(self, connection_id: str, keys: Collection[Code]) -> Sequence[StoredRow]:
        if not keys:
            return []
        # Two arrays for any number of keys: a statement in PostgreSQL has at most 65,535 parameters.
        kinds, found = zip(*sorted(keys), strict=True)
        asked = {"kinds": [kind.value for kind in kinds], "keys": [*found]}
        found_rows: Sequence[StoredRow] = (await self._in_list(connection_id, _STORED, **asked)).mappings().all()
        return found_rows

    async def _leave(self, connection_id: str, rows: Sequence[StoredRow]) -> None:
        if rows:
            await self._in_list(connection_id, _LEAVE_WORDS, rows=_words(rows))

    async def _in_list(self, connection_id: str, statement: Any, **values: Any) -> Any:
        return await self._connection.execute(
            statement, {"tenant": self._tenant_id, "connection": connection_id, **values}
        )

    async def _count(self, connection_id: str, kind: AliasKind, more: int) -> None:
        state = columns(ListState(kind=kind, rows=more))
        added = insert(code_list_states).values(tenant_id=self._tenant_id, connection_id=connection_id, **state)
        counted = {"rows": code_list_states.c.rows + more}
        await self._run(added.on_conflict_do_update(index_elements=("connection_id", "kind"), set_=counted))


def _listed(row: StoredRow) -> ListedCode:
    return made(ListedCode, row)


def _pattern(words: Sequence[str]) -> str:
    """A LIKE pattern for `listed_codes.words` that have words which begin with all of these.

    There each word stands between two blanks, in order of the alphabet, as those of the pattern do. A word with which
    another one begins is left out, because whatever has the other one has it, too.
    """
    needed = sorted(word for word in words if not any(other != word and other.startswith(word) for other in words))
    return "%" + "".join(f" {word}%" for word in needed)


def _row(code: ListedCode) -> dict[str, Any]:
    refused = code.refused_at and code.refused_at.isoformat()
    words = " ".join(words_in(code.code, code.name))
    return columns(code, refused_at=refused, key=folded(code.code), words=f" {words} ")


def _words(rows: Sequence[StoredRow]) -> str:
    return json.dumps([{name: row[name] for name in ("kind", "key", "words")} for row in rows])
