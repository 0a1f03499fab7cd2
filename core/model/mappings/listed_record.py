"""A company, location, contract or library item as ServiceTrade lists it, with its present external id."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.mappings.alias import AliasKey
from core.model.mappings.suggestion import RecordToMap


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRecord:
    """`code` is its external id under the connection's system, trimmed: '' for none, None if the list does not say.
    Then only the record itself tells, which costs a call."""

    record: RecordToMap
    code: str | None = None

    @property
    def key(self) -> AliasKey:
        return self.record.key
