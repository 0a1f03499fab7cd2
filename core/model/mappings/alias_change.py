"""What setting aliases would change: added, changed and unchanged ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model.mappings.alias import Alias, AliasEntry


@dataclass(frozen=True, slots=True)
class WrongCell:
    """An invalid cell of a CSV file. `line` counts from 1 (the header); `column` is '' for a whole row."""

    line: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChangedAlias:
    former: Alias
    entry: AliasEntry


@dataclass(frozen=True, slots=True)
class AliasChanges:
    """`wrong` is empty if anything was stored: a file is imported completely or not at all."""

    added: Sequence[AliasEntry] = ()
    changed: Sequence[ChangedAlias] = ()
    unchanged: int = 0
    wrong: Sequence[WrongCell] = ()


def compare(entries: Iterable[AliasEntry], present: Iterable[Alias]) -> AliasChanges:
    """Compare entries with the present aliases. An unchanged alias keeps its time and author."""
    there = {alias.key: alias for alias in present}
    added, changed, unchanged = [], [], 0
    for entry in entries:
        former = there.get(entry.key)
        if former is None:
            added.append(entry)
        elif former.entry == entry:
            unchanged += 1
        else:
            changed.append(ChangedAlias(former, entry))
    return AliasChanges(added, changed, unchanged)
