"""Copies of the external ids that were read or written in ServiceTrade, for the list of codes and for suggestions.

No send reads them: each asks ServiceTrade. So a copy that is out of date can mislead nobody but a reader of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.model.mappings.alias import LONGEST_NAME, Alias, AliasEntry, AliasKey, CodeSource
from core.model.sending.send import Send
from core.model.shared.errors import BadInput
from ports.ids import Ids
from ports.storage.transactions import TenantTransaction


@dataclass(frozen=True, slots=True)
class FoundId:
    """An external id with the name of its record, '' for none, and when ServiceTrade was asked."""

    name: str
    code: str
    at: datetime


async def keep_copies(
    t: TenantTransaction,
    connection_id: str,
    found: Mapping[AliasKey, FoundId],
    *,
    now: datetime,
    ids: Ids,
    by: str = "",
) -> None:
    """Store what was found or, with `by`, written. A copy that is the same, or newer, stays as it is; one that is gone
    in ServiceTrade ends. A code that Spectrum could not take is no code."""
    await t.aliases.take_turn(connection_id)
    copies = await t.aliases.of(connection_id, list(found), source=CodeSource.SERVICETRADE)
    present = {one.key: one for one in copies}
    changed = []
    for key, one in found.items():
        former, entry = present.get(key), _entry(key, one)
        if former and (former.set_at > one.at or (entry and former.code == entry.code)):
            continue
        if entry:
            code = Alias(
                id=ids.new("als"),
                connection_id=connection_id,
                entry=entry,
                set_at=now,
                set_by=by,
                source=CodeSource.SERVICETRADE,
            )
            changed.append(code)
        elif former:
            await t.aliases.remove(former.id, at=now, by=by)
    await t.aliases.put(connection_id, changed)


def found_by_sends(sends: Iterable[Send]) -> dict[AliasKey, FoundId]:
    """The external ids that these sends, the newest first, had read for their plans."""
    found: dict[AliasKey, FoundId] = {}
    for send in sends:
        for record in send.plan.records if send.plan else ():
            if record.code and not (record.from_alias or record.own_code):
                found.setdefault(record.key, FoundId(record.name, record.code, send.requested_at))
    return found


def _entry(key: AliasKey, found: FoundId) -> AliasEntry | None:
    try:
        return AliasEntry(*key, found.name[:LONGEST_NAME] if found.name.isprintable() else "", found.code.strip())
    except BadInput:
        return None
