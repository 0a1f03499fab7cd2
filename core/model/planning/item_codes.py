"""The codes of library items on a job: aliases given to its items, and the records whose codes a plan uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from core.model.mappings.alias import Alias, AliasKey, AliasKind
from core.model.mappings.job_record import JobRecord
from core.model.work_orders.item import LABOR, JobItem


def item_keys(items: Iterable[JobItem]) -> Sequence[AliasKey]:
    """The library items that may have an alias, each once. Labor is never sent, so its aliases have no effect."""
    keys = ((AliasKind.ITEM, item.library_id) for item in items if item.library_id and item.type != LABOR)
    return list(dict.fromkeys(keys))


def with_item_aliases(items: Iterable[JobItem], aliases: Iterable[Alias]) -> Sequence[JobItem]:
    """The items with these aliases of their library items; an item of another library item stays as it is."""
    there = {alias.key: alias for alias in aliases}

    def mapped(item: JobItem) -> JobItem:
        alias = there.get((AliasKind.ITEM, item.library_id))
        return replace(item, alias_code=alias.code, alias_reason=alias.reason) if alias else item

    return [mapped(item) for item in items]


def item_records(items: Iterable[JobItem], wanted: Collection[str]) -> Iterator[JobRecord]:
    """The library items of the wanted items (ids), with the code that counts.

    A library item that stands for anything is none of them: a code that somebody gives it for one item would be sent
    for all others, too. So nobody is asked for it.
    """
    of: dict[str, list[JobItem]] = {}
    for item in items:
        if item.id in wanted and item.library_id and not item.generic:
            of.setdefault(item.library_id, []).append(item)
    for library_id, held in of.items():
        first = held[0]
        external = (first.external_id or "").strip()
        yield JobRecord(
            AliasKind.ITEM,
            library_id,
            first.name,
            first.alias_code or external or first.code.strip(),
            from_alias=bool(first.alias_code),
            own_code=not (first.alias_code or external) and bool(first.code.strip()),
            item_ids=tuple(item.id for item in held),
        )
