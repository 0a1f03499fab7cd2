"""The codes that Spectrum companies have, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.rows import StoredListedCode
from core.model.mappings.alias import AliasKind
from core.model.mappings.code_place import CodePlace, place_in
from core.model.mappings.code_search import CodeSearch
from core.model.mappings.code_words import folded, words_in
from core.model.mappings.listed_check import Code
from core.model.mappings.listed_code import ListedCode, ListState
from ports.storage.code_lists import CodeLists, CodePage, StoredCodes
from ports.storage.due_work import WorkKind


class MemoryCodeLists(Repository, CodeLists):
    async def take_turn(self, connection_id: str) -> None:
        """Nothing to do: transactions run one at a time."""

    async def states(self, connection_id: str) -> Mapping[AliasKind, ListState]:
        return {kind: self._state(connection_id, kind) for kind in AliasKind}

    async def set_state(self, connection_id: str, state: ListState) -> None:
        rows = self._state(connection_id, state.kind).rows
        self._rows.list_states[self._tenant_id, connection_id, state.kind] = replace(state, rows=rows)

    async def of(self, connection_id: str, codes: Collection[Code]) -> Sequence[ListedCode]:
        asked = {(kind, folded(code)) for kind, code in codes}
        return [listed for listed in self._listed(connection_id) if listed.key in asked]

    async def every(self, connection_id: str, kind: AliasKind) -> AsyncIterator[ListedCode]:
        for listed in sorted(self._listed(connection_id), key=lambda one: one.key):
            if listed.kind is kind:
                yield listed

    async def search(
        self, connection_id: str, kind: AliasKind | None, text: str = "", *, limit: int = 50, after: str | None = None
    ) -> CodePage:
        begin, search = place_in(after), CodeSearch.of(text)
        wanted = (one for one in self._listed(connection_id) if kind is None or one.kind is kind)
        found = sorted((place, one.code, one) for one in wanted if (place := _place(one, search)) is not None)
        found = [entry for entry in found if entry[0] > begin]
        more = len(found) > limit
        return CodePage([one for _, _, one in found[:limit]], found[limit - 1][0].text() if more else None)

    async def store(self, connection_id: str, codes: Sequence[ListedCode]) -> StoredCodes:
        added = changed = 0
        for code in codes:
            stored = self._rows.listed_codes.get((connection_id, code.key))
            if stored is None:
                added += 1
                self._count(connection_id, code.kind, 1)
            elif stored.listed == code or not code.replaces(stored.listed):
                continue
            else:
                changed += 1
            self._rows.listed_codes[connection_id, code.key] = StoredListedCode(self._tenant_id, code, self._now)
        return StoredCodes(added, changed)

    async def remove(
        self, connection_id: str, codes: Collection[Code], *, stored_before: datetime | None = None
    ) -> int:
        asked = await self.of(connection_id, codes)
        stored = {code.key: self._rows.listed_codes[connection_id, code.key].stored_at for code in asked}
        gone = [code for code in asked if stored_before is None or stored[code.key] < stored_before]
        for code in gone:
            del self._rows.listed_codes[connection_id, code.key]
            self._count(connection_id, code.kind, -1)
        return len(gone)

    async def forget(self, connection_id: str) -> None:
        self._rows.forget_code_lists(self._tenant_id, connection_id)

    async def wake(self, connection_id: str, at: datetime | None) -> None:
        self._wake(WorkKind.CODES, connection_id, at)

    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        self._set_due(WorkKind.CODES, connection_id, at)

    def _listed(self, connection_id: str) -> list[ListedCode]:
        stored = self._rows.listed_codes.items()
        return [one.listed for key, one in stored if key[0] == connection_id and one.tenant_id == self._tenant_id]

    def _state(self, connection_id: str, kind: AliasKind) -> ListState:
        return self._rows.list_states.get((self._tenant_id, connection_id, kind), ListState(kind=kind))

    def _count(self, connection_id: str, kind: AliasKind, more: int) -> None:
        state = self._state(connection_id, kind)
        self._rows.list_states[self._tenant_id, connection_id, kind] = replace(state, rows=state.rows + more)


async def has_lists(lists: CodeLists, connection_id: str) -> bool:
    """Whether a list of the connection was read at least once."""
    return any(state.read_at for state in (await lists.states(connection_id)).values())


def _place(listed: ListedCode, search: CodeSearch) -> CodePlace | None:
    kind, key = listed.key
    return search.place(kind.value, key, words_in(listed.code, listed.name))
