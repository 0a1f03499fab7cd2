"""Searches for Spectrum codes of a tenant's connections, and the records without a code that they found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Integer, RowMapping, Select, Text, delete, func, literal, select, tuple_, update
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import ARRAY, insert

from adapters.outbound.postgres.connections import connection_missing
from adapters.outbound.postgres.due_moments import DueMoments
from adapters.outbound.postgres.records import columns, made, storable
from adapters.outbound.postgres.repository import Repository
from adapters.outbound.postgres.tables.suggesting import suggested_records, suggestion_searches
from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.suggested_record import (
    RANKS,
    Grade,
    Order,
    RecordState,
    SortKey,
    SuggestedRecord,
    SuggestionSearch,
    SuggestionTally,
)
from core.model.mappings.suggestion import RecordToMap, Suggestion
from ports.storage.due_work import WorkKind
from ports.storage.mappings.suggestions import RecordFilter, Suggestions

_KIND = WorkKind.SUGGESTIONS
_RECORD = TypeAdapter(RecordToMap)
_SUGGESTIONS = TypeAdapter(tuple[Suggestion, ...])
_KINDS = TypeAdapter(tuple[AliasKind, ...])
_UNREAD = TypeAdapter(dict[AliasKind, str])
_KEY = ("connection_id", "kind", "record_id")


class PostgresSuggestions(Repository, Suggestions):
    _tenant_id: str

    async def search(self, connection_id: str, *, lock: bool = False) -> SuggestionSearch | None:
        query = select(suggestion_searches).where(self._ours(suggestion_searches, connection_id=connection_id))
        row = await self._row(query.with_for_update() if lock else query)
        return _search_of(row) if row else None

    async def put_search(self, search: SuggestionSearch) -> None:
        values = columns(
            search,
            kinds=_KINDS.dump_python(search.kinds, mode="json"),
            unread=_UNREAD.dump_python(dict(search.unread), mode="json"),
        )
        if await self.search(search.connection_id) is None:
            await self._due.add(_KIND, search.connection_id)
        await self._put(suggestion_searches, values, key=["connection_id"])

    async def next_version(self, connection_id: str) -> int:
        row = suggestion_searches.c
        this = update(suggestion_searches).where(self._ours(suggestion_searches, connection_id=connection_id))
        counted = this.values(version=row.version + 1).returning(row.version)
        return int((await self._row_or(connection_missing(connection_id), counted))["version"])

    async def set_due(self, connection_id: str, due_at: datetime | None) -> None:
        await self._due.set(_KIND, connection_id, due_at)

    async def wake(self, connection_id: str) -> None:
        await self._due.wake(_KIND, connection_id, None)

    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, lock: bool = False
    ) -> Sequence[SuggestedRecord]:
        return await self._found(self._named(connection_id, keys), lock) if keys else []

    async def page(
        self,
        connection_id: str,
        wanted: RecordFilter,
        *,
        limit: int = 50,
        after: SortKey | None = None,
        order: Order = Order.NAME,
        lock: bool = False,
    ) -> Sequence[SuggestedRecord]:
        row, skipped = suggested_records.c, int(order is Order.NAME)
        query = select(suggested_records).where(*self._wanted(connection_id, wanted))
        places = (row.score, row.rank, row.sort_name, row.record_id)[skipped:]
        if after is not None:
            query = query.where(tuple_(*places) > tuple_(*_place(after)[skipped:]))
        return await self._found(query.order_by(*places).limit(limit), lock)

    async def count(self, connection_id: str, wanted: RecordFilter) -> int:
        counted = select(func.count().label("found")).select_from(suggested_records)
        [found] = await self._rows(counted.where(*self._wanted(connection_id, wanted)))
        return int(found["found"])

    async def confirm(
        self, connection_id: str, wanted: RecordFilter, place: CodeSource, *, by: str, at: datetime, version: int
    ) -> int:
        row = suggested_records.c
        chosen = update(suggested_records).where(*self._wanted(connection_id, wanted), row.code != "")
        changed = chosen.values(
            state=RecordState.CONFIRMED.value,
            place=place.value,
            decided_by=by,
            decided_at=at,
            trouble="",
            version=version,
        )
        return await self._run(changed)

    def _wanted(self, connection_id: str, wanted: RecordFilter) -> Iterator[ColumnElement[bool]]:
        row = suggested_records.c
        yield self._ours(suggested_records, connection_id=connection_id)
        yield row.state == wanted.state.value
        if wanted.grade:
            yield row.grade == wanted.grade.value
        if wanted.kind:
            yield row.rank == RANKS[wanted.kind]
        if wanted.ticked:
            yield row.code != ""
        if wanted.troubled:
            yield row.trouble != ""
        if wanted.until is not None:
            yield row.version <= wanted.until
        if wanted.by is not None:
            yield row.decided_by == wanted.by
        for word in wanted.words:
            yield func.strpos(row.sought, word) > 0

    async def put(self, connection_id: str, records: Sequence[SuggestedRecord]) -> None:
        if not records:
            return
        added = insert(suggested_records)
        changes = {name: added.excluded[name] for name in _COLUMNS if name not in (*_KEY, "tenant_id")}
        rows = [self._values(connection_id, one) for one in sorted(records, key=lambda one: one.key)]
        await self._connection.execute(added.on_conflict_do_update(index_elements=_KEY, set_=changes), rows)

    async def remove(self, connection_id: str, keys: Collection[AliasKey]) -> None:
        if keys:
            chosen = self._named(connection_id, keys).subquery()
            row = suggested_records.c
            ours = self._mine(suggested_records), row.connection_id == connection_id
            await self._run(
                delete(suggested_records).where(
                    *ours, tuple_(row.kind, row.record_id).in_(select(chosen.c.kind, chosen.c.record_id))
                )
            )

    async def remove_unseen(self, connection_id: str, kind: AliasKind, round: int) -> int:
        row = suggested_records.c
        this = self._ours(suggested_records, connection_id=connection_id, kind=kind.value)
        return await self._run(
            delete(suggested_records).where(this, row.round < round, row.state != RecordState.CONFIRMED.value)
        )

    async def untold(self, connection_id: str, limit: int) -> Sequence[SuggestedRecord]:
        return await self._found(self._of(connection_id).where(~suggested_records.c.told).limit(limit))

    async def unmatched(self, connection_id: str, kind: AliasKind, round: int, limit: int) -> Sequence[SuggestedRecord]:
        row = suggested_records.c
        new = row.kind == kind.value, row.state == RecordState.OPEN.value, row.told, row.matched < round
        order = row.customer_id, row.record_id
        return await self._found(self._of(connection_id).where(*new).order_by(*order).limit(limit))

    async def match_again(self, connection_id: str, customer_ids: Collection[str]) -> int:
        if not customer_ids:
            return 0
        row = suggested_records.c
        this = update(suggested_records).where(
            self._ours(suggested_records, connection_id=connection_id),
            row.customer_id.in_(list(customer_ids)),
            row.state == RecordState.OPEN.value,
            row.grade.is_distinct_from(Grade.CLEAR.value),
            row.matched > 0,
        )
        return await self._run(this.values(matched=0))

    async def tally(self, connection_id: str) -> SuggestionTally:
        row = suggested_records.c
        groups = row.kind, row.state, row.grade
        query = select(
            *groups,
            func.count().label("all"),
            func.count().filter(row.code != "").label("ticked"),
            func.count().filter(row.trouble != "").label("troubled"),
            func.count().filter(~row.told).label("untold"),
            func.count().filter(row.matched == 0).label("unmatched"),
        )
        of_connection = self._ours(suggested_records, connection_id=connection_id)
        states: dict[tuple[AliasKind, RecordState], int] = defaultdict(int)
        grades: dict[tuple[AliasKind, Grade | None], int] = {}
        ticked: dict[tuple[AliasKind, Grade | None], int] = {}
        troubled = untold = unmatched = 0
        for found in await self._rows(query.where(of_connection).group_by(*groups)):
            kind, state = AliasKind(found["kind"]), RecordState(found["state"])
            states[kind, state] += found["all"]
            untold += found["untold"]
            if state is RecordState.OPEN:
                grade = Grade(found["grade"]) if found["grade"] else None
                grades[kind, grade], ticked[kind, grade] = found["all"], found["ticked"]
                troubled += found["troubled"]
                unmatched += found["unmatched"]
        return SuggestionTally(
            states=states, grades=grades, ticked=ticked, troubled=troubled, unasked=untold, uncompared=unmatched
        )

    @property
    def _due(self) -> DueMoments:
        return DueMoments(self._connection, self._tenant_id)

    def _of(self, connection_id: str) -> Select[tuple[object]]:
        return select(suggested_records).where(self._ours(suggested_records, connection_id=connection_id))

    def _named(self, connection_id: str, keys: Collection[AliasKey]) -> Select[tuple[object]]:
        # Two arrays for any number of keys: a statement in PostgreSQL has at most 65,535 parameters.
        ordered = sorted(keys)
        kinds, ids = ([kind.value for kind, _ in ordered], [id_ for _, id_ in ordered])
        arrays = func.unnest(as_type(kinds, ARRAY(Text)), as_type(ids, ARRAY(Text)))
        asked = arrays.table_valued("kind", "id").render_derived()
        row = suggested_records.c
        return self._of(connection_id).where(tuple_(row.kind, row.record_id).in_(select(asked.c.kind, asked.c.id)))

    async def _found(self, query: Select[tuple[object]], lock: bool = False) -> list[SuggestedRecord]:
        return [_record_of(row) for row in await self._rows(query.with_for_update() if lock else query)]

    def _values(self, connection_id: str, one: SuggestedRecord) -> dict[str, object]:
        score, rank, sort_name, record_id = one.sort_key
        keys = {"tenant_id": self._tenant_id, "connection_id": connection_id, "kind": one.record.kind}
        return storable(
            {
                **keys,
                "record_id": record_id,
                "rank": rank,
                "sort_name": sort_name,
                "score": score,
                "sought": one.sought,
                "customer_id": one.record.customer_id,
                **{name: getattr(one, name) for name in _AS_THEY_ARE},
                "record": _RECORD.dump_python(one.record, mode="json"),
                "suggestions": _SUGGESTIONS.dump_python(one.suggestions, mode="json"),
            }
        )


_COLUMNS = tuple(column.name for column in suggested_records.columns)
_AS_THEY_ARE = tuple(name for name in SuggestedRecord.__dataclass_fields__ if name not in ("record", "suggestions"))


def _place(after: SortKey) -> tuple[ColumnElement[object], ...]:
    score, rank, name, record_id = after
    return literal(score, Integer), literal(rank, Integer), literal(name, Text), literal(record_id, Text)


def _record_of(row: RowMapping) -> SuggestedRecord:
    record = _RECORD.validate_python(row["record"])
    suggestions = _SUGGESTIONS.validate_python(row["suggestions"])
    grade = Grade(row["grade"]) if row["grade"] else None
    return made(SuggestedRecord, row, record=record, suggestions=suggestions, grade=grade)


def _search_of(row: RowMapping) -> SuggestionSearch:
    return made(
        SuggestionSearch, row, kinds=_KINDS.validate_python(row["kinds"]), unread=_UNREAD.validate_python(row["unread"])
    )
