"""What setting aliases would do to those that are there: add, change, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model.mappings.alias import Alias, AliasEntry


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell of a CSV file that cannot be taken. `line` counts from 1, the header's; `column` is '' for a whole row."""

    line: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True)
class ChangedAlias:
    former: Alias
    entry: AliasEntry


@dataclass(frozen=True, slots=True)
class AliasChanges:
    """`wrong` is empty wherever something was stored: an import is taken as a whole or not at all."""

    added: Sequence[AliasEntry] = ()
    changed: Sequence[ChangedAlias] = ()
    unchanged: int = 0
    wrong: Sequence[WrongCell] = ()


def compare(entries: Iterable[AliasEntry], present: Iterable[Alias]) -> AliasChanges:
    """What is set to what it is already is left alone, with its moment and its author."""
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
