"""The records of a job that have a Spectrum code, and which of these codes a failed send needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from core.model.mappings.alias import AliasKey, AliasKind
from core.model.shared.finding import Finding
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, SITE

FIELDS: Mapping[AliasKind, str] = MappingProxyType(
    {AliasKind.CUSTOMER: CUSTOMER, AliasKind.SITE: SITE, AliasKind.CONTRACT: CONTRACT}
)
"""The field of a work order that holds the code of each kind of record."""
_KINDS = {field: kind for kind, field in FIELDS.items()}
MISSING = frozenset({"MAP_CUSTOMER_MISSING", "MAP_SITE_MISSING", "MAP_EMPTY_VALUE", "CONTRACT_NOT_MAPPED"})
"""Findings that name the work order's field of a record without a code."""
ITEM_WITHOUT_CODE = "ITEM_CODE_MISSING"
"""It names the job's item."""
REFUSED: Mapping[str, AliasKind] = MappingProxyType(
    {
        "ERP_CUSTOMER_UNKNOWN": AliasKind.CUSTOMER,
        "ERP_SITE_UNKNOWN_OR_INACTIVE": AliasKind.SITE,
        "ERP_CONTRACT_INVALID": AliasKind.CONTRACT,
        "ITEM_CODE_UNKNOWN": AliasKind.ITEM,
        "CHARGE_CODE_UNKNOWN": AliasKind.ITEM,
    }
)
"""Findings of a code that Spectrum does not accept. Those of items name the job's item."""
_MOST_COMBINED = 10


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A customer, site, contract or library item of a job. `code` is the one that counts on the connection, '' for
    none. `own_code`: it is the library item's own code, not an external id.

    `item_ids` are the job's items of a library item, in ServiceTrade's order; empty for other records.
    """

    kind: AliasKind
    servicetrade_id: str
    name: str
    code: str = ""
    from_alias: bool = False
    own_code: bool = False
    item_ids: tuple[str, ...] = ()

    @property
    def key(self) -> AliasKey:
        return self.kind, self.servicetrade_id


def kind_in_question(found: Finding) -> AliasKind | None:
    """The kind of record whose code the finding is about, None for any other finding."""
    if found.code == ITEM_WITHOUT_CODE:
        return AliasKind.ITEM
    return _KINDS.get(found.field or "") if found.code in MISSING else REFUSED.get(found.code)


def in_question(findings: Iterable[Finding], records: Collection[JobRecord]) -> tuple[JobRecord, ...]:
    """The records whose code is missing or refused, in the order of the kinds. That a list casts doubt on a code is no
    question: nobody has to change it."""
    found = tuple(one for one in findings if one.blocks or one.code not in REFUSED)
    asked = [record for record in records if any(_is_about(one, record) for one in found)]
    return tuple(sorted(asked, key=lambda one: list(AliasKind).index(one.kind)))


def needed(findings: Iterable[Finding], records: Collection[JobRecord]) -> tuple[JobRecord, ...]:
    """The records whose codes are all that a send needs; empty if something else blocks it, too."""
    blockers = [found for found in findings if found.blocks]
    if any(not any(_is_about(found, record) for record in records) for found in blockers):
        return ()
    return in_question(blockers, records)


def _is_about(found: Finding, record: JobRecord) -> bool:
    """Whether the finding is about this record's code. A job has one record of each kind but items."""
    if record.kind is not kind_in_question(found):
        return False
    return record.kind is not AliasKind.ITEM or found.item_id in record.item_ids


def need_key(records: Iterable[JobRecord]) -> str:
    """One text for what a send needs: two sends that need the same codes have the same."""
    return _joined(record.key for record in records)


def freed_by(keys: Collection[AliasKey]) -> Sequence[str]:
    """The need keys of all sends that need some of these codes and no other one.

    The number of combinations doubles with each code. Of more than _MOST_COMBINED, which only items can be, those sends
    count that need one of the codes or all of them.
    """
    counts = range(1, len(keys) + 1) if len(keys) <= _MOST_COMBINED else (1, len(keys))
    return [_joined(chosen) for count in counts for chosen in combinations(sorted(keys), count)]


def _joined(keys: Iterable[AliasKey]) -> str:
    return " ".join(_sorted_texts(keys))


def _sorted_texts(keys: Iterable[AliasKey]) -> Iterator[str]:
    return (f"{kind.value}:{record_id}" for kind, record_id in sorted(keys))
