"""Companies, locations, contracts and library items of the in-memory ServiceTrade that no job names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.suggestion import RecordToMap


@dataclass(slots=True)
class MemoryRecord:
    """`codes` are its external ids by system."""

    record: RecordToMap
    codes: dict[str, str] = field(default_factory=dict)

    def listed(self, system: str, *, told: bool = True) -> ListedRecord:
        return ListedRecord(record=self.record, code=self.codes.get(system, "").strip() if told else None)


class MemoryRecords:
    """`stubs`: lists do not tell external ids, addresses and phones, as ServiceTrade's may not."""

    def __init__(self) -> None:
        self.stubs = False
        self._stored: dict[tuple[str, AliasKey], MemoryRecord] = {}

    def put(self, tenant_id: str, record: RecordToMap, **codes: str) -> None:
        """Store a record, or change it; its codes by system replace the former ones of these systems."""
        stored = self._stored.setdefault((tenant_id, record.key), MemoryRecord(record))
        stored.record = record
        stored.codes |= codes

    def remove(self, tenant_id: str, key: AliasKey) -> None:
        del self._stored[tenant_id, key]

    def find(self, tenant_id: str, key: AliasKey) -> MemoryRecord | None:
        return self._stored.get((tenant_id, key))

    def of(self, tenant_id: str, kind: AliasKind) -> Iterator[MemoryRecord]:
        return (one for (owner, key), one in list(self._stored.items()) if owner == tenant_id and key[0] is kind)

    def holder(self, tenant_id: str, kind: AliasKind, system: str, code: str) -> str | None:
        """The id of the record that has this code."""
        return next((one.record.id for one in self.of(tenant_id, kind) if one.codes.get(system) == code), None)

    def listed(self, one: MemoryRecord, system: str) -> ListedRecord:
        if not self.stubs:
            return one.listed(system)
        bare = RecordToMap(kind=one.record.kind, id=one.record.id, name=one.record.name)
        return ListedRecord(record=bare)
